// Frame times while an answer streams (tests/bench/markdown-frames.ts), as `npm run soak -- frames` prints them.

import { runnerImport } from 'vite';

await runnerImport('./tests/bench/markdown-frames.ts');

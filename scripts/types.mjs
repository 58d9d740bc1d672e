// Each thread's program is compiled with the globals that thread has, so `document` in an engine is an error.

import { spawnSync } from 'node:child_process';

const programs = [
  ['tsc', '-p', 'src/tsconfig.pure.json'],
  ['tsc', '-p', 'src/tsconfig.json'],
  ['tsc', '-p', 'src/app/tsconfig.sw.json'],
  ['svelte-check', '--tsconfig', 'src/app/tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  ['tsc', '-p', 'tsconfig.json'],
];
let failed = 0;
for (const [tool, ...args] of programs) {
  const bin = process.platform === 'win32' ? `node_modules\\.bin\\${tool}.cmd` : `node_modules/.bin/${tool}`;
  const { status } = spawnSync(bin, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) {
    console.error(`types: ${tool} ${args.join(' ')} failed`);
    failed++;
  }
}
process.exitCode = failed ? 1 : 0;

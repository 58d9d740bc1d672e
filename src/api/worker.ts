// The library's worker entry: `import { serveEngine } from 'yupana/worker'; serveEngine();` is a whole worker.

import { serveWorker } from './serve-worker.ts';

/** Answers `createWorkerEngine` of the page that started this worker. */
export function serveEngine(): void {
  serveWorker(self);
}

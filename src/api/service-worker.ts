// The library's service worker entry: `serveServiceWorkerEngine()` in the worker's script, as it is first run.

import { serveServiceWorker, type ServiceScope } from './serve-service-worker.ts';

/** Answers `createServiceWorkerEngine` of every page of this worker's scope, with one engine for all. */
export function serveServiceWorkerEngine(): void {
  serveServiceWorker(self as unknown as ServiceScope);
}

// The engine behind the library's worker.

import { serveCalls, type Scope } from '../wire/serve.ts';
import type { Backend } from './backend.ts';
import { inPageBackend } from './in-page.ts';
import type { ApiCalls } from './worker-protocol.ts';
import { isThreadStart, serveAsThread, workerThreads } from './worker-threads.ts';

/**
 * Answers `createWorkerEngine` of the page that started this worker. Where the page is isolated, the CPU engine's further threads
 * are this same script again, which then serves as a thread.
 */
export function serveWorker(scope: Scope, makeBackend = inPageBackend): void {
  let backend: Backend | undefined;
  let isThread = false;
  const need = (): Backend => (backend ??= makeBackend({}, location.href));
  const calls: Scope = {
    postMessage: (message) => scope.postMessage(message),
    addEventListener: (type, listener) =>
      scope.addEventListener(type, (event) => {
        if (isThread) return;
        isThread = isThreadStart(event.data);
        if (isThreadStart(event.data)) void serveAsThread(event.data, scope);
        else listener(event);
      }),
  };
  serveCalls<ApiCalls>(calls, {
    async reload({ model, options, device, base }, { signal, onProgress }) {
      await backend?.unload();
      backend = makeBackend({ device }, base || undefined, workerThreads());
      await backend.reload(model, options, (report) => onProgress?.(report), signal);
    },
    chat: (request, job) => need().chat(request, job),
    complete: (request, job) => need().complete(request, job),
    forward: (tokens, { signal }) => need().forward(tokens, signal),
    reset: () => need().reset(),
    gpuVendor: () => need().gpuVendor(),
  });
}

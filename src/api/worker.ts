// The library's worker entry: `import { serveEngine } from 'yupana/worker'; serveEngine();` is a whole worker.

import { serveCalls } from '../wire/serve.ts';
import type { Scope } from '../wire/serve.ts';
import type { Backend } from './backend.ts';
import { inPageBackend } from './in-page.ts';
import type { ApiCalls } from './worker-protocol.ts';

/** Answers `createWorkerEngine` of the page that started this worker. @param scope for tests @param makeBackend for tests */
export function serveEngine(scope: Scope = self, makeBackend = inPageBackend): void {
  let backend: Backend | undefined;
  const need = (): Backend => (backend ??= makeBackend({}, location.href));
  serveCalls<ApiCalls>(scope, {
    async reload({ model, options, device, base }, { signal, onProgress }) {
      await backend?.unload();
      backend = makeBackend({ device }, base || undefined);
      await backend.reload(model, options, (report) => onProgress?.(report), signal);
    },
    chat: (request, job) => need().chat(request, job),
    complete: (request, job) => need().complete(request, job),
    reset: () => need().reset(),
    gpuVendor: () => need().gpuVendor(),
  });
}

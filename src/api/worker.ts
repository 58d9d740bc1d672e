// The library's worker entry: `import { serveEngine } from 'yupana/worker'; serveEngine();` is a whole worker.

import { announceLife, serveRequests } from '../wire/serve.ts';
import type { Scope } from '../wire/serve.ts';
import type { Backend } from './backend.ts';
import { inPageBackend } from './in-page.ts';
import type { ApiReply, ApiRequest } from './worker-protocol.ts';

/** Answers `createWorkerEngine` of the page that started this worker. @param scope for tests @param makeBackend for tests */
export function serveEngine(scope: Scope = self, makeBackend = inPageBackend): void {
  let backend: Backend | undefined;
  const need = (): Backend => (backend ??= makeBackend({}, location.href));
  const post = (reply: ApiReply): void => scope.postMessage(reply);

  const answer = async (
    request: Exclude<ApiRequest, { type: 'abort' }>,
    signal: AbortSignal,
  ): Promise<Extract<ApiReply, { type: 'done' }>['answer']> => {
    const { id } = request;
    const pieces = {
      signal,
      onChunk: (chunk: Extract<ApiReply, { type: 'chunk' }>['chunk']) => post({ type: 'chunk', id, chunk }),
    };
    switch (request.type) {
      case 'reload': {
        await backend?.unload();
        backend = makeBackend({ device: request.device }, request.base || undefined);
        const { model, options } = request;
        await backend.reload(model, options, (report) => post({ type: 'progress', id, report }), signal);
        return null;
      }
      case 'chat':
        return need().chat(request.request, request.stream ? pieces : { signal });
      case 'complete':
        return need().complete(request.request, request.stream ? pieces : { signal });
      case 'reset':
        await need().reset();
        return null;
      case 'unload':
        await need().unload();
        return null;
      case 'vendor':
        return need().gpuVendor();
    }
  };
  serveRequests<ApiRequest>(scope, async (request, signal) => ({ answer: await answer(request, signal) }));
  announceLife(scope);
}

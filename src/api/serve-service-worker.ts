// The engine in a service worker: one for every tab of an origin.

import { EngineError } from '../failures.ts';
import { serveCalls, type Scope } from '../wire/serve.ts';
import type { Backend } from './backend.ts';
import { inPageBackend } from './in-page.ts';
import { isBye, isHello } from './service-worker-line.ts';
import { createTurns } from './turns.ts';
import type { ApiCalls } from './worker-protocol.ts';

/** The part of a service worker's global scope that is used here. */
export interface ServiceScope {
  addEventListener(
    type: 'message',
    listener: (event: { data: unknown; ports: readonly MessagePort[] }) => void,
  ): void;
}

/**
 * Answers `createServiceWorkerEngine` of every page. All of them have one engine, whose calls follow one another: a page that loads
 * what is loaded has it at once, and one that loads another model takes its place. It goes when the last page unloads it, or when
 * the browser ends this worker, which it does soon after the last page has gone.
 */
export function serveServiceWorker(scope: ServiceScope, makeBackend = inPageBackend): void {
  const turns = createTurns();
  const pages = new Set<MessagePort>();
  let backend: Backend | undefined;
  let loaded = '';

  const need = (): Backend => {
    if (!backend) throw new EngineError('model-not-loaded', 'no model is loaded');
    return backend;
  };
  const leave = async (port: MessagePort): Promise<void> => {
    pages.delete(port);
    if (pages.size > 0) return;
    loaded = '';
    await backend?.unload();
    backend = undefined;
  };

  /** As in a worker, an abort is for the answer itself to tell. */
  const inTurn = <T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> => {
    const turn = turns.add('answer', work);
    signal.addEventListener('abort', () => turn.end(), { once: true });
    return turn.result;
  };

  scope.addEventListener('message', ({ data, ports: [port] }) => {
    if (!isHello(data) || !port) return;
    pages.add(port);
    const line: Scope = {
      postMessage: (message) => port.postMessage(message),
      addEventListener: (type, listener) =>
        port.addEventListener(type, (event) => {
          if (isBye(event.data)) void turns.add('other', () => leave(port)).result.catch(() => undefined);
          else listener(event);
        }),
    };
    serveCalls<ApiCalls>(line, {
      reload: ({ model, options, device, base }, { signal, onProgress }) =>
        inTurn(async (stop) => {
          const wanted = JSON.stringify([device, base, model, options]);
          if (wanted === loaded) {
            onProgress?.({ progress: 1, timeElapsed: 0, text: 'Loaded' });
            return;
          }
          loaded = '';
          await backend?.unload();
          const made = makeBackend({ device }, base || undefined);
          backend = made;
          await made.reload(model, options, (report) => onProgress?.(report), stop);
          loaded = wanted;
        }, signal),
      chat: (request, job) => inTurn((signal) => need().chat(request, { ...job, signal }), job.signal),
      complete: (request, job) =>
        inTurn((signal) => need().complete(request, { ...job, signal }), job.signal),
      forward: (tokens, job) => inTurn((signal) => need().forward(tokens, signal), job.signal),
      reset: () => turns.add('other', () => need().reset()).result,
      gpuVendor: () => need().gpuVendor(),
    });
    port.start();
  });
}

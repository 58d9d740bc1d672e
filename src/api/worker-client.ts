// A backend that posts what it is asked to a worker in which `serveEngine` runs.

import { EngineError } from '../failures.ts';
import { createLink } from '../wire/link.ts';
import type { Backend } from './backend.ts';
import type { EngineConfig } from './types.ts';
import type { ApiCalls } from './worker-protocol.ts';

/** @param spawn makes the worker; called again where it died (a killed tab of memory) and is needed */
export function workerBackend(
  spawn: () => Worker,
  { device = 'auto' }: Pick<EngineConfig, 'device'>,
  base: string,
): Backend {
  const { calls, dispose } = createLink<ApiCalls>(spawn);
  let loaded = false;
  const need = (): void => {
    if (!loaded) throw new EngineError('model-not-loaded', 'no model is loaded');
  };
  return {
    async reload(model, options, onProgress, signal) {
      if (typeof model === 'object' && 'source' in model) {
        throw new EngineError('option-unsupported', 'a ShardSource cannot be posted to a worker', {
          option: 'source',
          engine: 'Yupana',
        });
      }
      loaded = false;
      // A worker that does not answer (its script never came, a host that is silent) is not waited for: what it downloaded stays.
      const stop = (): void => dispose();
      signal.addEventListener('abort', stop, { once: true });
      try {
        await calls.reload({ model, options, device, base }, { signal, onProgress });
        loaded = true;
      } catch (error) {
        throw signal.aborted ? new EngineError('aborted', 'the load was stopped', {}, error) : error;
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
    async chat(request, { onChunk, signal }) {
      need();
      const whole = await calls.chat(request, { signal, onChunk });
      // After an abort nothing is passed on, not even the end: it is told here.
      if (signal.aborted) {
        const index = Math.max(0, whole.choices.length - 1);
        const end = { index, delta: {}, finish_reason: 'abort' as const, logprobs: null };
        onChunk?.({ ...whole, object: 'chat.completion.chunk', choices: [end] });
      }
      return whole;
    },
    async complete(request, { onChunk, signal }) {
      need();
      const whole = await calls.complete(request, { signal, onChunk });
      if (signal.aborted) {
        const index = Math.max(0, whole.choices.length - 1);
        onChunk?.({ ...whole, choices: [{ index, finish_reason: 'abort', text: '', logprobs: null }] });
      }
      return whole;
    },
    async forward(tokens, signal) {
      need();
      return calls.forward(tokens, { signal });
    },
    async reset() {
      need();
      await calls.reset();
    },
    unload() {
      loaded = false;
      dispose(); // with the worker goes everything that it held
      return Promise.resolve();
    },
    gpuVendor: () => calls.gpuVendor(),
  };
}

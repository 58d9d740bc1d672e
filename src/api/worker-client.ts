// A backend that posts what it is asked to a worker in which `serveEngine` runs.

import { EngineError } from '../engine.ts';
import { createLink } from '../wire/link.ts';
import type { Backend } from './backend.ts';
import type { ChatCompletion, ChatCompletionChunk, Completion, EngineConfig } from './types.ts';
import type { ApiReply, ApiRequest } from './worker-protocol.ts';

/** @param spawn makes the worker; called again where it died (a killed tab of memory) and is needed */
export function workerBackend(
  spawn: () => Worker,
  { device = 'auto' }: Pick<EngineConfig, 'device'>,
  base: string,
): Backend {
  const link = createLink<ApiRequest, ApiReply>(
    spawn,
    () => undefined,
    () => undefined,
  );
  return {
    async reload(model, options, onProgress, signal) {
      if (typeof model === 'object' && 'source' in model) {
        throw new EngineError('option-unsupported', 'a ShardSource cannot be posted to a worker', {
          option: 'source',
          engine: 'Yupana',
        });
      }
      await link.call(
        { type: 'reload', model, options, device, base },
        { signal, onPush: (reply) => void (reply.type === 'progress' && onProgress(reply.report)) },
      );
    },
    async chat(request, { onChunk, signal }) {
      const { answer } = await link.call(
        { type: 'chat', request, stream: onChunk !== undefined },
        {
          signal,
          onPush: (reply) => void (reply.type === 'chunk' && onChunk?.(reply.chunk as ChatCompletionChunk)),
        },
      );
      const whole = answer as ChatCompletion;
      // After an abort nothing is passed on, not even the end: it is told here.
      if (signal.aborted) {
        const end = { index: 0, delta: {}, finish_reason: 'abort' as const, logprobs: null };
        onChunk?.({ ...whole, object: 'chat.completion.chunk', choices: [end] });
      }
      return whole;
    },
    async complete(request, { onChunk, signal }) {
      const { answer } = await link.call(
        { type: 'complete', request, stream: onChunk !== undefined },
        { signal, onPush: (reply) => void (reply.type === 'chunk' && onChunk?.(reply.chunk as Completion)) },
      );
      const whole = answer as Completion;
      if (signal.aborted) {
        onChunk?.({ ...whole, choices: [{ index: 0, finish_reason: 'abort', text: '', logprobs: null }] });
      }
      return whole;
    },
    async reset() {
      await link.call({ type: 'reset' });
    },
    async unload() {
      await link.call({ type: 'unload' });
      link.dispose();
    },
    async gpuVendor() {
      return (await link.call({ type: 'vendor' })).answer as string;
    },
  };
}

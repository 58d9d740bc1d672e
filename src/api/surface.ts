// The surface over a backend: requests checked, one answer after another, streams, interruption.

import type { Backend, CallOptions } from './backend.ts';
import { check, given, isCount, unsupported } from './check.ts';
import { checkModel, checkReload } from './config.ts';
import { checkChat, checkCompletion } from './fields.ts';
import { createChunkStream } from './streamed.ts';
import { createTurns } from './turns.ts';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  Completion,
  CompletionUsage,
  InitProgressCallback,
  YupanaEngine,
} from './types.ts';

const callback = check((value) => typeof value === 'function', 'a function');
const tokenIds = check(
  (value) => Array.isArray(value) && value.length > 0 && value.every(isCount),
  'a list of token ids, not empty',
);

export function createSurface(backend: Backend, onProgress?: InitProgressCallback): YupanaEngine {
  let progress = onProgress;
  const turns = createTurns();
  let message = '';
  let usage: CompletionUsage | undefined;

  function call<Chunk, Answer extends { usage?: CompletionUsage }>(
    { stream, signal }: { stream: boolean; signal: AbortSignal | undefined },
    work: (options: CallOptions<Chunk>) => Promise<Answer>,
    textOf: (answer: Answer) => string | null | undefined,
    pieceOf: (chunk: Chunk) => string | undefined,
  ): Promise<Answer | AsyncIterable<Chunk>> {
    const run = (onChunk?: (chunk: Chunk) => void) =>
      turns.add(
        'answer',
        async (stop) => {
          message = '';
          const heard = onChunk && {
            onChunk: (chunk: Chunk) => {
              message += pieceOf(chunk) ?? '';
              onChunk(chunk);
            },
          };
          const answer = await work({ signal: stop, ...heard });
          message = textOf(answer) ?? '';
          usage = answer.usage ?? usage;
          return answer;
        },
        signal,
      );
    if (!stream) return run().result;
    const pieces = createChunkStream<Chunk>(async () => {
      turn.end();
      await turn.result.catch(() => undefined);
    });
    const turn = run(pieces.push);
    pieces.follow(turn.result);
    return Promise.resolve(pieces.iterator);
  }

  // What is wrong with a request rejects; nothing is thrown past the promise.
  const chat = async (asked: unknown) => {
    const { request, signal } = checkChat(asked);
    return call<ChatCompletionChunk, ChatCompletion>(
      { stream: request.stream === true, signal },
      (options) => backend.chat(request, options),
      (answer) => answer.choices[0]?.message.content,
      ({ choices: [choice] }) => (choice?.index === 0 ? choice.delta.content : undefined),
    );
  };
  const complete = async (asked: unknown) => {
    const { request, signal } = checkCompletion(asked);
    return call<Completion, Completion>(
      { stream: request.stream === true, signal },
      (options) => backend.complete(request, options),
      (answer) => answer.choices[0]?.text,
      ({ choices: [choice] }) => (choice?.index === 0 ? choice.text : undefined),
    );
  };

  return {
    // One implementation for three signatures: which one it is was decided by `stream` above.
    chat: { completions: { create: chat as YupanaEngine['chat']['completions']['create'] } },
    completions: { create: complete as YupanaEngine['completions']['create'] },
    embeddings: {
      create: () => Promise.reject(unsupported('embeddings', 'are not computed by this engine')),
    },
    setInitProgressCallback(wanted) {
      if (given(wanted)) callback(wanted, 'initProgressCallback');
      progress = wanted ?? undefined;
    },
    getInitProgressCallback: () => progress,
    async reload(model, options = {}) {
      const wanted = checkModel(model);
      const { signal, ...rest } = checkReload(options);
      const load = turns.add(
        'load',
        (stop) => backend.reload(wanted, rest, (report) => progress?.(report), stop),
        signal,
      );
      return load.result;
    },
    interruptGenerate: () => turns.end('answer'),
    unload() {
      turns.end('answer', 'load');
      return turns.add('other', () => backend.unload()).result;
    },
    resetChat: () => turns.add('other', () => backend.reset()).result,
    async forwardTokensAndSample(inputIds) {
      tokenIds(inputIds, 'inputIds');
      const tokens = [...inputIds];
      return turns.add('answer', (stop) => backend.forward(tokens, stop)).result;
    },
    getMessage: () => Promise.resolve(message),
    runtimeStatsText: () =>
      Promise.resolve(
        usage
          ? `prefill: ${usage.extra.prefill_tokens_per_s.toFixed(1)} tokens/s, decode: ${usage.extra.decode_tokens_per_s.toFixed(1)} tokens/s`
          : '',
      ),
    getGPUVendor: () => backend.gpuVendor(),
  };
}

// The surface over a backend: streams, one answer after another, interruption.

import type { Backend, CallOptions } from './backend.ts';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionRequestBase,
  Completion,
  CompletionRequestBase,
  CompletionUsage,
  InitProgressCallback,
  YupanaEngine,
} from './types.ts';

/** Pieces as they come, for `for await`. Leaving the loop early interrupts the answer. */
function streamed<Chunk>(
  work: (onChunk: (chunk: Chunk) => void) => Promise<unknown>,
  interrupt: () => void,
): AsyncIterableIterator<Chunk> {
  const ready: Chunk[] = [];
  let wake: () => void = () => undefined;
  let ended = false;
  let failed: { error: unknown } | undefined;
  const running = work((chunk) => {
    ready.push(chunk);
    wake();
  })
    .catch((error: unknown) => (failed = { error }))
    .finally(() => {
      ended = true;
      wake();
    });
  async function* pieces(): AsyncGenerator<Chunk> {
    try {
      for (;;) {
        const next = ready.shift();
        if (next !== undefined) yield next;
        else if (ended) break;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
      if (failed) throw failed.error;
    } finally {
      if (!ended) {
        interrupt();
        await running;
      }
    }
  }
  return pieces();
}

export function createSurface(backend: Backend, onProgress?: InitProgressCallback): YupanaEngine {
  let progress = onProgress;
  let running: AbortController | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let message = '';
  let usage: CompletionUsage | undefined;

  /** After everything that was asked before. */
  const inTurn = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const run = (): Promise<T> => {
      running = new AbortController();
      return work(running.signal).finally(() => (running = undefined));
    };
    const turn = last.then(run, run);
    last = turn.catch(() => undefined);
    return turn;
  };
  const interrupt = (): void => running?.abort();

  function call<Chunk, Answer extends { usage?: CompletionUsage }>(
    stream: boolean,
    work: (options: CallOptions<Chunk>) => Promise<Answer>,
    textOf: (answer: Answer) => string,
    pieceOf: (chunk: Chunk) => string,
  ): Promise<Answer | AsyncIterable<Chunk>> {
    const run = (onChunk?: (chunk: Chunk) => void): Promise<Answer> =>
      inTurn(async (signal) => {
        message = '';
        const answer = await work({
          signal,
          ...(onChunk && {
            onChunk: (chunk: Chunk) => {
              message += pieceOf(chunk);
              onChunk(chunk);
            },
          }),
        });
        message = textOf(answer);
        usage = answer.usage ?? usage;
        return answer;
      });
    return stream ? Promise.resolve(streamed(run, interrupt)) : run();
  }

  const chat = (request: ChatCompletionRequestBase) =>
    call<ChatCompletionChunk, ChatCompletion>(
      request.stream === true,
      (options) => backend.chat(request, options),
      (answer) => answer.choices[0]?.message.content ?? '',
      (chunk) => chunk.choices[0]?.delta.content ?? '',
    );
  const complete = (request: CompletionRequestBase) =>
    call<Completion, Completion>(
      request.stream === true,
      (options) => backend.complete(request, options),
      (answer) => answer.choices[0]?.text ?? '',
      (chunk) => chunk.choices[0]?.text ?? '',
    );

  return {
    // One implementation for three signatures: which one it is was decided by `stream` above.
    chat: { completions: { create: chat as YupanaEngine['chat']['completions']['create'] } },
    completions: { create: complete as YupanaEngine['completions']['create'] },
    setInitProgressCallback: (callback) => void (progress = callback),
    getInitProgressCallback: () => progress,
    reload: (model, options = {}) =>
      inTurn((signal) => backend.reload(model, options, (report) => progress?.(report), signal)),
    interruptGenerate: interrupt,
    unload: () => {
      interrupt();
      return inTurn(() => backend.unload());
    },
    resetChat: () => inTurn(() => backend.reset()),
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

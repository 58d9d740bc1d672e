// What does the work behind the surface: an engine in this thread (in-page.ts), or one behind a worker (worker-client.ts).

import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionRequestBase,
  Completion,
  CompletionRequestBase,
  InitProgressReport,
  ModelReference,
  ReloadOptions,
} from './types.ts';

export interface CallOptions<Chunk> {
  /** Given, the answer comes in pieces; the promise then resolves to the whole all the same. */
  onChunk?: (chunk: Chunk) => void;
  signal: AbortSignal;
}

export interface Backend {
  reload(
    model: ModelReference,
    options: ReloadOptions,
    onProgress: (report: InitProgressReport) => void,
    signal: AbortSignal,
  ): Promise<void>;
  chat(
    request: ChatCompletionRequestBase,
    options: CallOptions<ChatCompletionChunk>,
  ): Promise<ChatCompletion>;
  complete(request: CompletionRequestBase, options: CallOptions<Completion>): Promise<Completion>;
  /** @returns id of the token that follows everything forwarded since the last reset */
  forward(tokens: readonly number[], signal: AbortSignal): Promise<number>;
  reset(): Promise<void>;
  unload(): Promise<void>;
  gpuVendor(): Promise<string>;
}

// What the library's page side and worker side say to each other.

import type { Job } from '../wire/calls.ts';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionRequestBase,
  Completion,
  CompletionRequestBase,
  EngineConfig,
  InitProgressReport,
  ReloadOptions,
} from './types.ts';

/** What can be posted: no ShardSource. */
export type PostableModel = string | { url: string; id?: string; manifestSha256?: string };

export interface ApiCalls {
  reload(
    order: {
      model: PostableModel;
      options: ReloadOptions;
      device: NonNullable<EngineConfig['device']>;
      /** The page's address: what relative ones are relative to. */
      base: string;
    },
    job: Job<{ onProgress: (report: InitProgressReport) => void }>,
  ): Promise<void>;
  /** Streams where somebody listens to the chunks. */
  chat(
    request: ChatCompletionRequestBase,
    job: Job<{ onChunk: (chunk: ChatCompletionChunk) => void }>,
  ): Promise<ChatCompletion>;
  complete(
    request: CompletionRequestBase,
    job: Job<{ onChunk: (chunk: Completion) => void }>,
  ): Promise<Completion>;
  /** As `forwardTokensAndSample`. */
  forward(tokens: readonly number[], job: Job): Promise<number>;
  reset(): Promise<void>;
  gpuVendor(): Promise<string>;
}

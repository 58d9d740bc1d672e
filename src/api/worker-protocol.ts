// What the library's page side and worker side say to each other. Every request has an id; every answer carries it.

import type { WireError } from '../wire/link.ts';
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

export type ApiRequest =
  | {
      type: 'reload';
      id: number;
      model: PostableModel;
      options: ReloadOptions;
      device: NonNullable<EngineConfig['device']>;
      /** The page's address: what relative ones are relative to. */
      base: string;
    }
  | { type: 'chat'; id: number; request: ChatCompletionRequestBase; stream: boolean }
  | { type: 'complete'; id: number; request: CompletionRequestBase; stream: boolean }
  | { type: 'reset'; id: number }
  | { type: 'unload'; id: number }
  | { type: 'vendor'; id: number }
  | { type: 'abort'; id: number };

export type ApiReply =
  | { type: 'progress'; id: number; report: InitProgressReport }
  | { type: 'chunk'; id: number; chunk: ChatCompletionChunk | Completion }
  | { type: 'done'; id: number; answer: ChatCompletion | Completion | string | null }
  | { type: 'error'; id: number; error: WireError }
  /** Not an answer: the worker holds this Web Lock for as long as it lives. */
  | { type: 'alive'; lock: string };

// What the page and the download's worker say to each other. It never carries a word of what people write.

import type { Failure } from '../failures.ts';
import type { FoundModel, ModelSource } from '../format/model-source.ts';
import type { WireError } from './link.ts';
import type { LocalRequest, LocalResult } from './local-protocol.ts';

export type { FoundModel, ModelSource };

export type DownloadRequest =
  | { type: 'download'; id: number; source: ModelSource }
  /** What is stored of a model, without touching the network. */
  | { type: 'status'; id: number; modelId: string }
  /** Hashes every stored byte again. */
  | { type: 'verify'; id: number; modelId: string }
  /** `verify`, then `download` of what is damaged or missing. */
  | { type: 'repair'; id: number; source: ModelSource }
  | { type: 'delete'; id: number; modelId: string }
  | LocalRequest
  /** What lies at an address that somebody typed, without fetching anything large. */
  | { type: 'look'; id: number; address: string }
  /** Speed of all downloads together in bytes a second; null: as fast as it comes. */
  | { type: 'limit'; id: number; bytesPerSecond: number | null }
  /** A token for requests to that origin and no other, for as long as this worker lives; null forgets it. Never stored. */
  | { type: 'token'; id: number; origin: string; token: string | null }
  /** Ends the request with that id; committed chunks stay, so that a later download resumes. */
  | { type: 'abort'; id: number };

export type DownloadReply =
  | { type: 'progress'; id: number; progress: DownloadProgress }
  /** A look-up had no answer, and asks again. */
  | ({ type: 'trying'; id: number } & LookTry)
  | { type: 'done'; id: number; status: ModelStatus }
  | { type: 'done'; id: number; inspection: FoundModel }
  | { type: 'done'; id: number; told: true }
  | { type: 'done'; id: number; local: LocalResult }
  | { type: 'error'; id: number; error: WireError }
  /** Not an answer: the worker holds this Web Lock for as long as it lives. */
  | { type: 'alive'; lock: string };

export interface LookTry {
  attempt: number;
  attempts: number;
  host: string;
}

export interface DownloadProgress {
  /** Bytes committed to the store (never more than what is there after a crash). convert: bytes of the checkpoint done. */
  committedBytes: number;
  totalBytes: number;
  /** The file at work. */
  file: string;
  phase: 'plan' | 'download' | 'convert' | 'verify' | 'import' | 'importConvert' | 'export';
  /** What failed, while it waits to ask again, and for how long. */
  waiting?: Failure & { seconds: number };
}

export type FileState = 'missing' | 'partial' | 'verified' | 'corrupt';

export interface ModelStatus {
  modelId: string;
  /** "ready" only when every file is verified. */
  state: 'absent' | 'partial' | 'ready' | 'corrupt';
  committedBytes: number;
  totalBytes: number;
  /** What the weakest of its files was judged by when it came: its sha256, its md5, or its length alone. */
  check?: 'sha256' | 'md5' | 'size';
  files: { path: string; bytes: number; state: FileState }[];
}

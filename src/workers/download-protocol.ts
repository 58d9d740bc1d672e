// What the page and the download's worker say to each other. It never carries a word of what people write.

import type { ErrorDetails, ErrorReason } from '../engine.ts';
import type { WireError } from './link.ts';
import type { LocalRequest, LocalResult } from './local-protocol.ts';

/** Where a model comes from and how it is checked. From models/catalog.json. */
export interface ModelSource {
  id: string;
  /** Base URL of the model directory, with a trailing slash; relative ones are resolved against the app's base. */
  base: string;
  /** Other addresses of the same directory, in the order to try after `base`. */
  mirrors?: string[];
  /** Mirrors made by `npm run mirror` (with a trailing slash), asked before anything else. */
  roots?: string[];
  /** sha256 (hex) of `manifest.json`, where the directory has one and the catalog pins it. */
  manifestSha256?: string;
  /** What lies there: a model directory (the default), or a Hugging Face checkpoint to convert on the way in. */
  format?: 'mlc' | 'safetensors';
  /** Scheme to convert a checkpoint to. */
  scheme?: string;
  /** Address of a compiled library to fetch along with the files, for the engine that needs one. */
  library?: string;
  /** For the manifest made here where the directory has none: what it is from, in words, and its licence. */
  source?: string;
  licence?: string;
}

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
  | { type: 'done'; id: number; status: ModelStatus }
  | { type: 'done'; id: number; inspection: Inspection }
  | { type: 'done'; id: number; told: true }
  | { type: 'done'; id: number; local: LocalResult }
  | { type: 'error'; id: number; error: WireError }
  /** Not an answer: the worker holds this Web Lock for as long as it lives. */
  | { type: 'alive'; lock: string };

export interface DownloadProgress {
  /** Bytes committed to the store (never more than what is there after a crash). convert: bytes of the checkpoint done. */
  committedBytes: number;
  totalBytes: number;
  /** The file at work. */
  file: string;
  phase: 'plan' | 'download' | 'convert' | 'verify' | 'import' | 'importConvert' | 'export';
  /** What failed, while it waits to ask again, and for how long. */
  waiting?: { reason: ErrorReason; details: ErrorDetails; seconds: number };
}

/** What an address holds: enough for a card, and to say what it costs. */
export interface Inspection {
  /** Of the model in this browser. */
  id: string;
  name: string;
  /** Where it lies, at a fixed revision where the host tells one. */
  base: string;
  revision: string | null;
  format: 'mlc' | 'safetensors';
  scheme: string;
  /** To download, and kept afterwards. */
  bytes: number;
  bytesOnDisk: number;
  parameters: number;
  contextWindow: number;
  bytesPerToken: number;
  /** As its owner declares it; null where nobody does. */
  licence: string | null;
  languages: string[];
  /** Given only to who accepted conditions. */
  gated: boolean;
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

// What every long job of this room is given and says.

import type { ErrorDetails, ErrorReason } from '../engine.ts';

export interface Progress {
  /** download, import: bytes committed to the store. convert: bytes of the checkpoint read and converted. verify: bytes hashed.
   * export: bytes written. */
  committedBytes: number;
  totalBytes: number;
  file: string;
  phase: 'plan' | 'download' | 'convert' | 'verify' | 'import' | 'importConvert' | 'export';
  /** What failed, while it waits to ask again, and for how long. */
  waiting?: { reason: ErrorReason; details: ErrorDetails; seconds: number };
}

export interface Task {
  onProgress?: ((progress: Progress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Where a model comes from and how it is checked. */
export interface ModelSource {
  id: string;
  /** Absolute URL of the model directory, with a trailing slash. */
  base: string;
  /** Other addresses of the same directory, in the order to try after `base`. */
  mirrors?: string[];
  /** Mirrors made by `npm run mirror` (with a trailing slash), asked before anything else. */
  roots?: string[];
  /** sha256 (hex) of manifest.json, where the catalog pins it. */
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

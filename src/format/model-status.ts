// What is stored of a model and how work on it goes on, as every thread speaks of it.

import type { Failure } from '../failures.ts';

export type FileState = 'missing' | 'partial' | 'verified' | 'corrupt';

/**
 * What a file was judged by when it came: its sha256; its md5, which finds damage and authenticates nothing; or its length
 * alone. Once verified, the sha256 of what came is in its record and judges every later reading.
 */
export type FileCheck = 'sha256' | 'md5' | 'size';

export interface ModelStatus {
  modelId: string;
  /** "ready" only when every file is verified. */
  state: 'absent' | 'partial' | 'ready' | 'corrupt';
  committedBytes: number;
  totalBytes: number;
  /** The weakest check among its weights. */
  check: FileCheck;
  files: { path: string; bytes: number; state: FileState }[];
}

export interface DownloadProgress {
  /**
   * download, import: bytes committed to the store (never more than what is there after a crash). convert: bytes of the
   * checkpoint read and converted. verify: bytes hashed. export: bytes written.
   */
  committedBytes: number;
  totalBytes: number;
  /** The file at work. */
  file: string;
  phase: 'plan' | 'download' | 'convert' | 'verify' | 'import' | 'importConvert' | 'export';
  /** What failed, while it waits to ask again, and for how long. */
  waiting?: Failure & { seconds: number };
}

// The ledger's records and what they say, apart from how they are stored.

import { CHUNK_BYTES, CHUNKS_PER_PIECE } from './bytes.ts';

export type FileState = 'missing' | 'partial' | 'verified' | 'corrupt';

/** What must be there, before anything is fetched. From the model's manifest. */
export interface StoredPlan {
  modelId: string;
  /** manifest.json as it came, so that a pack can carry it on. */
  manifest: string;
  files: readonly { path: string; bytes: number; /** hex */ sha256: string }[];
}

export interface ModelRecord {
  id: string;
  manifest: string;
  paths: string[];
  /** Milliseconds since 1970. */
  addedAt: number;
}

/** One line of the ledger. It changes only together with the bytes it speaks of. */
export interface FileRecord {
  path: string;
  bytes: number;
  /** hex */
  sha256: string;
  state: FileState;
  /** Bytes [0, committed) are stored; a multiple of CHUNK_BYTES until the file is whole. */
  committed: number;
  /** crc32 of each committed chunk (hex): they say which chunk is damaged, the sha256 says whether any is. */
  crcs: string[];
  /** State of the sha256 over [0, committed), so that a resumed download need not read it all again. */
  hashState: Uint8Array | null;
  /** The host's tag of the version these bytes are of; null where it tells none. */
  etag: string | null;
  /** Chunks to fetch again; only while "corrupt". */
  damaged: number[];
}

export interface ModelStatus {
  modelId: string;
  /** "ready" only when every file is verified. */
  state: 'absent' | 'partial' | 'ready' | 'corrupt';
  committedBytes: number;
  totalBytes: number;
  files: { path: string; bytes: number; state: FileState }[];
}

export const emptyFile = (file: StoredPlan['files'][number]): FileRecord => ({
  path: file.path,
  bytes: file.bytes,
  sha256: file.sha256,
  state: 'missing',
  committed: 0,
  crcs: [],
  hashState: null,
  etag: null,
  damaged: [],
});

export const chunkCount = (bytes: number): number => Math.ceil(bytes / CHUNK_BYTES);

/** Bytes of chunk `index` in a file of `bytes`. */
export const chunkLength = (bytes: number, index: number): number =>
  Math.max(0, Math.min(CHUNK_BYTES, bytes - index * CHUNK_BYTES));

export const pieceOf = (chunk: number): number => Math.floor(chunk / CHUNKS_PER_PIECE);

/** Bytes that are there and not known to be damaged. */
export const soundBytes = (file: FileRecord): number =>
  file.committed - file.damaged.reduce((sum, index) => sum + chunkLength(file.bytes, index), 0);

export function statusOf(modelId: string, files: readonly FileRecord[]): ModelStatus {
  const every = (state: FileState): boolean => files.every((file) => file.state === state);
  const state =
    files.length === 0
      ? 'absent'
      : every('verified')
        ? 'ready'
        : files.some((file) => file.state === 'corrupt')
          ? 'corrupt'
          : every('missing')
            ? 'absent'
            : 'partial';
  return {
    modelId,
    state,
    committedBytes: files.reduce((sum, file) => sum + soundBytes(file), 0),
    totalBytes: files.reduce((sum, file) => sum + file.bytes, 0),
    files: files.map(({ path, bytes, state: its }) => ({ path, bytes, state: its })),
  };
}

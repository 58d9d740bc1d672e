// The ledger's records and what they say, apart from how they are stored.

import type { FileCheck, FileState, ModelStatus } from '../format/model-status.ts';
import { CHUNK_BYTES, CHUNKS_PER_PIECE } from './bytes.ts';

const STRENGTH: readonly FileCheck[] = ['size', 'md5', 'sha256'];

export const weaker = (a: FileCheck, b: FileCheck): FileCheck =>
  STRENGTH.indexOf(a) < STRENGTH.indexOf(b) ? a : b;

export const stronger = (a: FileCheck, b: FileCheck): FileCheck => (weaker(a, b) === a ? b : a);

export interface PlannedFile {
  path: string;
  bytes: number;
  /** hex; "" where nobody tells it: then `check` says what judges the file */
  sha256: string;
  /** hex */
  md5?: string;
  /** Absent: sha256. */
  check?: FileCheck;
}

/** What must be there, before anything is fetched. From the model's manifest, or its tensor list where it has none. */
export interface StoredPlan {
  modelId: string;
  /** manifest.json as it came, so that a pack can carry it on; "" where there is none yet. */
  manifest: string;
  files: readonly PlannedFile[];
}

export interface ModelRecord {
  id: string;
  manifest: string;
  paths: string[];
  /** Milliseconds since 1970. */
  addedAt: number;
  note?: ModelNote;
}

/** What is kept with a model that is no file of it. */
export interface ModelNote {
  /** How it is called, for one that no catalog names. */
  name?: string;
  /** The directory's address that the library's caller gave. */
  from?: string;
  /** Milliseconds since 1970. */
  usedAt?: number;
  /** Where it came from, at the commit that it had then: a later download, or a repair, asks there. */
  pinned?: string;
  /** When, and of which version of the app, it was proved that both need no network. */
  proved?: { at: number; shell: string } | null;
}

/** One line of the ledger. It changes only together with the bytes it speaks of. */
export interface FileRecord extends PlannedFile {
  state: FileState;
  /** Bytes [0, committed) are stored; a multiple of CHUNK_BYTES until the file is whole. */
  committed: number;
  /** crc32 of each committed chunk (hex): they say which chunk is damaged, the sha256 says whether any is. */
  crcs: string[];
  /** State of the sums over [0, committed), so that a resumed download need not read it all again. */
  hashState: Uint8Array | null;
  /** The host's tag of the version these bytes are of; null where it tells none. */
  etag: string | null;
  /** Chunks to fetch again; only while "corrupt". */
  damaged: number[];
}

export const emptyFile = ({ path, bytes, sha256, md5, check }: PlannedFile): FileRecord => ({
  path,
  bytes,
  sha256,
  ...(md5 === undefined ? {} : { md5 }),
  ...(check === undefined ? {} : { check }),
  state: 'missing',
  committed: 0,
  crcs: [],
  hashState: null,
  etag: null,
  damaged: [],
});

/** Whether bytes stored under `old` may be what `wanted` speaks of, as far as both say. */
export const mayBeSame = (old: FileRecord, wanted: PlannedFile): boolean =>
  old.bytes === wanted.bytes &&
  (old.sha256 === '' || wanted.sha256 === '' || old.sha256 === wanted.sha256) &&
  (old.md5 === undefined || wanted.md5 === undefined || old.md5 === wanted.md5);

/** The line of stored bytes under a new plan: what was found out about them stays. */
export function adopted(old: FileRecord, wanted: PlannedFile): FileRecord {
  const md5 = old.md5 ?? wanted.md5;
  const now = wanted.check ?? 'sha256';
  const check = old.state === 'verified' ? stronger(old.check ?? 'sha256', now) : now;
  return {
    ...old,
    sha256: old.sha256 || wanted.sha256,
    ...(md5 === undefined ? {} : { md5 }),
    check,
  };
}

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
    check: files
      .filter(({ path }) => path.endsWith('.bin'))
      .reduce<FileCheck>((weakest, { check = 'sha256' }) => weaker(weakest, check), 'sha256'),
    files: files.map(({ path, bytes, state: its }) => ({ path, bytes, state: its })),
  };
}

// The models' bytes and the ledger that says what is there. Everything is one store, so that a chunk and its record in the
// ledger are one transaction: after a crash there is both or neither, and a file is read only once its record says verified.
//
// Keys: ['model', id] ModelRecord; ['file', id, path] FileRecord; ['chunk', id, path, n] at most 4 MiB as they came;
// ['piece', id, path, n] at most 32 MiB, merged from chunks; ['segment', …], ['conversion', id]: conversions.ts. Every chunk is in exactly one of the two, except while a
// damaged piece is being mended: then a chunk record wins over the piece's slice.

import { EngineError } from '../failures.ts';
import { CHUNK_BYTES, CHUNKS_PER_PIECE, PIECE_BYTES } from './bytes.ts';
import { isStored, joinStored, readStored, sliceStored, storedLength, toStored } from './bytes.ts';
import type { StoredBytes } from './bytes.ts';
import { conversionsIn } from './conversions.ts';
import type { ConversionStore } from './conversions.ts';
import { openDatabase, requested } from './database.ts';
import { adopted, chunkCount, chunkLength, emptyFile, mayBeSame, pieceOf, statusOf } from './ledger.ts';
import type { FileRecord, ModelNote, ModelRecord, StoredPlan } from './ledger.ts';
import type { ModelStatus } from '../format/model-status.ts';

export type { ModelNote } from './ledger.ts';

export interface ChunkCommit {
  index: number;
  bytes: Uint8Array<ArrayBuffer>;
  crc: string;
  /** State of the file's sums after this chunk. */
  hashState: Uint8Array;
  etag: string | null;
}

export interface ShardStore {
  /**
   * Makes the ledger say what `plan` says. Files whose length and hashes are as before keep their bytes; others lose them.
   * @returns the ledger's records in the plan's order
   */
  adopt(plan: StoredPlan): Promise<FileRecord[]>;
  /** The ledger's records in the manifest's order; empty where nothing is known of the model. */
  files(modelId: string): Promise<FileRecord[]>;
  status(modelId: string): Promise<ModelStatus>;
  /** Every model there is something of. */
  list(): Promise<ModelStatus[]>;
  /** The manifest as it came, or undefined. */
  manifest(modelId: string): Promise<string | undefined>;
  /** What is kept with a model beside its files. */
  note(modelId: string): Promise<ModelNote>;
  /** Adds to it. Nothing happens where there is no such model. */
  addNote(modelId: string, note: ModelNote): Promise<void>;
  /** Appends the next chunk, with its record. Throws "storage-failed" where it is not the next one (another tab, a deletion). */
  commit(modelId: string, path: string, chunk: ChunkCommit): Promise<FileRecord>;
  /**
   * Publishes a whole file whose hash was found right: from here on readers see it. `found` are the sums of its bytes,
   * which judge it from now on where its plan told none.
   * Throws "storage-failed" (details: lost) where a chunk is not there any more.
   */
  seal(modelId: string, path: string, found?: { sha256: string; md5?: string | undefined }): Promise<void>;
  /** Forgets a file's bytes. */
  reset(modelId: string, path: string): Promise<void>;
  /** Hides a file from readers and notes which chunks to fetch again. */
  markDamaged(modelId: string, path: string, damaged: readonly number[]): Promise<void>;
  /** Puts a fetched chunk in a damaged one's place. The file stays hidden until `seal`. */
  mend(
    modelId: string,
    path: string,
    index: number,
    bytes: Uint8Array<ArrayBuffer>,
    crc: string,
  ): Promise<FileRecord>;
  /** Chunk `index` as it is stored, whatever the file's state; undefined where it is lost or cannot be read. */
  chunk(modelId: string, file: FileRecord, index: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** A stored piece of a verified file, unread; undefined where there is none. */
  piece(modelId: string, path: string, index: number): Promise<StoredBytes | undefined>;
  file(modelId: string, path: string): Promise<FileRecord | undefined>;
  remove(modelId: string): Promise<void>;
  /** Output of conversions that are not files yet. */
  conversions: ConversionStore;
}

const fileKey = (id: string, path: string): IDBValidKey => ['file', id, path];
const under = (...prefix: string[]): IDBKeyRange => IDBKeyRange.bound(prefix, [...prefix, []]);

const get = <T>(store: IDBObjectStore, key: IDBValidKey): Promise<T | undefined> =>
  requested<T | undefined>(store.get(key) as IDBRequest<T | undefined>);

async function blobAt(store: IDBObjectStore, key: IDBValidKey): Promise<StoredBytes | undefined> {
  const found = await get<unknown>(store, key);
  return isStored(found) ? found : undefined;
}

async function dropBytes(store: IDBObjectStore, id: string, path: string): Promise<void> {
  await Promise.all([
    requested(store.delete(under('chunk', id, path))),
    requested(store.delete(under('piece', id, path))),
  ]);
}

/** Chunk n of a file, from its own record or else as a slice of its piece. */
async function partAt(
  store: IDBObjectStore,
  id: string,
  file: FileRecord,
  index: number,
): Promise<StoredBytes | undefined> {
  const length = chunkLength(file.bytes, index);
  const own = await blobAt(store, ['chunk', id, file.path, index]);
  if (own) return storedLength(own) === length ? own : undefined;
  const piece = await blobAt(store, ['piece', id, file.path, pieceOf(index)]);
  const offset = (index % CHUNKS_PER_PIECE) * CHUNK_BYTES;
  return piece && storedLength(piece) >= offset + length ? sliceStored(piece, offset, length) : undefined;
}

/** Makes one piece of its chunks. Nothing to do where no chunk record is left. */
async function merge(store: IDBObjectStore, id: string, file: FileRecord, piece: number): Promise<void> {
  const first = piece * CHUNKS_PER_PIECE;
  const last = Math.min(first + CHUNKS_PER_PIECE, chunkCount(file.bytes)) - 1;
  const range = IDBKeyRange.bound(['chunk', id, file.path, first], ['chunk', id, file.path, last]);
  const chunks = await requested(store.count(range));
  const length = Math.min(PIECE_BYTES, file.bytes - piece * PIECE_BYTES);
  if (chunks === 0) {
    const there = await blobAt(store, ['piece', id, file.path, piece]);
    if (there && storedLength(there) === length) return;
  }
  const parts: StoredBytes[] = [];
  for (let index = first; index <= last; index++) {
    const part = await partAt(store, id, file, index);
    if (!part) {
      throw new EngineError('storage-failed', `${file.path}: stored chunk ${index} is lost`, {
        file: file.path,
        lost: true,
      });
    }
    parts.push(part);
  }
  await requested(store.put(joinStored(parts), ['piece', id, file.path, piece]));
  await requested(store.delete(range));
}

export function openShards(name = 'yupana-shards'): ShardStore {
  const database = openDatabase(name, 1);

  const recordsOf = async (store: IDBObjectStore, modelId: string): Promise<FileRecord[]> => {
    const model = await get<ModelRecord>(store, ['model', modelId]);
    if (!model) return [];
    const files = await requested<FileRecord[]>(store.getAll(under('file', modelId)));
    const byPath = new Map(files.map((file) => [file.path, file]));
    return model.paths.flatMap((path) => byPath.get(path) ?? []);
  };

  const recordOf = async (store: IDBObjectStore, modelId: string, path: string): Promise<FileRecord> => {
    const file = await get<FileRecord>(store, fileKey(modelId, path));
    if (file) return file;
    throw new EngineError('model-not-stored', `${modelId} has no ${path}: deleted meanwhile`, {
      model: modelId,
      file: path,
    });
  };

  const outOfTurn = (file: FileRecord, index: number): EngineError =>
    new EngineError('storage-failed', `${file.path}: chunk ${index} is not the next one`, {
      file: file.path,
      expected: Math.floor(file.committed / CHUNK_BYTES),
      actual: index,
    });

  return {
    conversions: conversionsIn(database),

    adopt: (plan) =>
      database.write(async (store) => {
        const { modelId, manifest, files } = plan;
        const before = new Map((await recordsOf(store, modelId)).map((file) => [file.path, file]));
        const kept: FileRecord[] = [];
        for (const wanted of files) {
          const old = before.get(wanted.path);
          before.delete(wanted.path);
          if (old && mayBeSame(old, wanted)) {
            const record = adopted(old, wanted);
            await requested(store.put(record, fileKey(modelId, wanted.path)));
            kept.push(record);
            continue;
          }
          if (old) await dropBytes(store, modelId, wanted.path);
          const fresh = emptyFile(wanted);
          await requested(store.put(fresh, fileKey(modelId, wanted.path)));
          kept.push(fresh);
        }
        for (const path of before.keys()) {
          await dropBytes(store, modelId, path);
          await requested(store.delete(fileKey(modelId, path)));
        }
        const old = await get<ModelRecord>(store, ['model', modelId]);
        const model: ModelRecord = {
          id: modelId,
          manifest,
          paths: files.map(({ path }) => path),
          addedAt: old?.addedAt ?? Date.now(),
          ...(old?.note ? { note: old.note } : {}),
        };
        await requested(store.put(model, ['model', modelId]));
        return kept;
      }),

    files: (modelId) => database.read((store) => recordsOf(store, modelId)),

    status: async (modelId) => statusOf(modelId, await database.read((store) => recordsOf(store, modelId))),

    list: () =>
      database.read(async (store) => {
        const models = await requested<ModelRecord[]>(store.getAll(under('model')));
        const found: ModelStatus[] = [];
        for (const { id } of models) found.push(statusOf(id, await recordsOf(store, id)));
        return found;
      }),

    manifest: (modelId) =>
      database.read(async (store) => (await get<ModelRecord>(store, ['model', modelId]))?.manifest),

    note: (modelId) =>
      database.read(async (store) => (await get<ModelRecord>(store, ['model', modelId]))?.note ?? {}),

    addNote: (modelId, note) =>
      database.write(async (store) => {
        const old = await get<ModelRecord>(store, ['model', modelId]);
        if (!old) return;
        const now: ModelRecord = { ...old, note: { ...old.note, ...note } };
        await requested(store.put(now, ['model', modelId]));
      }),

    commit: async (modelId, path, { index, bytes, crc, hashState, etag }) => {
      const file = await database.write(async (store) => {
        const old = await recordOf(store, modelId, path);
        const next = old.state === 'missing' || old.state === 'partial';
        if (!next || old.committed !== index * CHUNK_BYTES) throw outOfTurn(old, index);
        if (bytes.length !== chunkLength(old.bytes, index)) {
          throw new EngineError('size-mismatch', `${path}: chunk ${index} has ${bytes.length} bytes`, {
            file: path,
            expected: chunkLength(old.bytes, index),
            actual: bytes.length,
          });
        }
        const now: FileRecord = {
          ...old,
          state: 'partial',
          committed: old.committed + bytes.length,
          crcs: [...old.crcs, crc],
          hashState,
          etag,
        };
        await Promise.all([
          requested(store.put(toStored(bytes), ['chunk', modelId, path, index])),
          requested(store.put(now, fileKey(modelId, path))),
        ]);
        return now;
      });
      // Merged as soon as it can be, so that a large file never lies there twice. A transaction of its own: the chunk is kept
      // even where there is no room to merge.
      const ends = (index + 1) % CHUNKS_PER_PIECE === 0 || file.committed === file.bytes;
      if (ends) await database.write((store) => merge(store, modelId, file, pieceOf(index)));
      return file;
    },

    seal: (modelId, path, found) =>
      database.write(async (store) => {
        const file = await recordOf(store, modelId, path);
        if (file.committed !== file.bytes || file.damaged.length > 0) throw outOfTurn(file, file.crcs.length);
        const pieces = Math.ceil(file.bytes / PIECE_BYTES);
        for (let piece = 0; piece < pieces; piece++) await merge(store, modelId, file, piece);
        const sealed: FileRecord = {
          ...file,
          state: 'verified',
          hashState: null,
          sha256: file.sha256 || (found?.sha256 ?? ''),
          ...(found?.md5 === undefined ? {} : { md5: found.md5 }),
        };
        await requested(store.put(sealed, fileKey(modelId, path)));
      }),

    reset: (modelId, path) =>
      database.write(async (store) => {
        const file = await recordOf(store, modelId, path);
        await dropBytes(store, modelId, path);
        await requested(store.put(emptyFile(file), fileKey(modelId, path)));
      }),

    markDamaged: (modelId, path, damaged) =>
      database.write(async (store) => {
        const file = await recordOf(store, modelId, path);
        const now: FileRecord = { ...file, state: 'corrupt', hashState: null, damaged: [...damaged] };
        await requested(store.put(now, fileKey(modelId, path)));
      }),

    mend: (modelId, path, index, bytes, crc) =>
      database.write(async (store) => {
        const file = await recordOf(store, modelId, path);
        if (!file.damaged.includes(index) || bytes.length !== chunkLength(file.bytes, index)) {
          throw outOfTurn(file, index);
        }
        const damaged = file.damaged.filter((other) => other !== index);
        const now: FileRecord = { ...file, damaged, crcs: file.crcs.with(index, crc) };
        await requested(store.put(toStored(bytes), ['chunk', modelId, path, index]));
        await requested(store.put(now, fileKey(modelId, path)));
        if (!damaged.some((other) => pieceOf(other) === pieceOf(index))) {
          await merge(store, modelId, file, pieceOf(index));
        }
        return now;
      }),

    chunk: async (modelId, file, index) => {
      const part = await database.read((store) => partAt(store, modelId, file, index));
      if (!part) return undefined;
      try {
        return await readStored(part, 0, storedLength(part));
      } catch {
        return undefined; // the browser lost the file behind the Blob: the caller names the chunk as damaged
      }
    },

    piece: (modelId, path, index) => database.read((store) => blobAt(store, ['piece', modelId, path, index])),

    file: (modelId, path) => database.read((store) => get<FileRecord>(store, fileKey(modelId, path))),

    remove: (modelId) =>
      database.write(async (store) => {
        await Promise.all([
          requested(store.delete(['model', modelId])),
          ...['file', 'chunk', 'piece', 'segment', 'conversion'].map((kind) =>
            requested(store.delete(under(kind, modelId))),
          ),
        ]);
      }),
  };
}

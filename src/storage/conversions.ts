// A conversion's output on its way: segments of shards, in the order of the source, and the record of how far the source was
// read. Both change in one transaction, so that a crash never repeats what is stored and never leaves out what is not.
//
// Keys, in the shards' own store: ['segment', id, path, offset] bytes; ['conversion', id] ConversionRecord.

import { EngineError } from '../failures.ts';
import { isStored, toStored } from './bytes.ts';
import type { StoredBytes } from './bytes.ts';
import { requested } from './database.ts';
import type { Database } from './database.ts';

export interface ConversionRecord {
  /** What is converted into what: under another one nothing stored is of use. */
  fingerprint: string;
  /** Slices whose output is stored. */
  done: number;
  /** Source file being read, how far, and the state of its sums up to there. */
  file: string;
  position: number;
  hashState: Uint8Array | null;
  /** The host's tag of that file; null where it tells none. */
  etag: string | null;
  /** That file was read to its end, and its sums were right. */
  whole: boolean;
  /** Damaged files of a whole model are made again: only what they need is read, and their own sha256 judges them. */
  mends: boolean;
  /** sha256 of source files as the host told them at the start: it may tell none later. Absent: not noted. */
  sums?: Record<string, string>;
  /** Times in a row that the file at `file` was read to its end and its sum was wrong. Absent: none. */
  wrong?: number;
}

export interface Segment {
  path: string;
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface ConversionStore {
  record(modelId: string): Promise<ConversionRecord | undefined>;
  /** Starts one; whatever was stored of an earlier one goes. */
  begin(modelId: string, record: ConversionRecord): Promise<void>;
  /** Stores output with the record that says so. Throws "storage-failed" where another tab moved on, or it was deleted. */
  commit(
    modelId: string,
    record: ConversionRecord,
    before: number,
    segments: readonly Segment[],
  ): Promise<void>;
  /** A shard's segments, unread, by offset. */
  segments(modelId: string, path: string): Promise<{ offset: number; stored: StoredBytes }[]>;
  /** Forgets a shard's segments, once they are a file. */
  drop(modelId: string, path: string): Promise<void>;
  /** Forgets the conversion and every segment. */
  end(modelId: string): Promise<void>;
}

const recordKey = (id: string): IDBValidKey => ['conversion', id];
const under = (...prefix: string[]): IDBKeyRange => IDBKeyRange.bound(prefix, [...prefix, []]);

export function conversionsIn(database: Database): ConversionStore {
  const read = (store: IDBObjectStore, id: string): Promise<ConversionRecord | undefined> =>
    requested(store.get(recordKey(id)) as IDBRequest<ConversionRecord | undefined>);

  return {
    record: (modelId) => database.read((store) => read(store, modelId)),

    begin: (modelId, record) =>
      database.write(async (store) => {
        await requested(store.delete(under('segment', modelId)));
        await requested(store.put(record, recordKey(modelId)));
      }),

    commit: (modelId, record, before, segments) =>
      database.write(async (store) => {
        const old = await read(store, modelId);
        if (old?.fingerprint !== record.fingerprint || old.done !== before) {
          throw new EngineError('storage-failed', `${modelId}: the conversion was changed meanwhile`, {
            model: modelId,
            expected: before,
            actual: old?.done ?? 0,
          });
        }
        await Promise.all([
          ...segments.map(({ path, offset, bytes }) =>
            requested(store.put(toStored(bytes), ['segment', modelId, path, offset])),
          ),
          requested(store.put(record, recordKey(modelId))),
        ]);
      }),

    segments: (modelId, path) =>
      database.read(async (store) => {
        const range = under('segment', modelId, path);
        const [keys, values] = await Promise.all([
          requested(store.getAllKeys(range)),
          requested<unknown[]>(store.getAll(range)),
        ]);
        return keys.flatMap((key, i) => {
          const offset: unknown = Array.isArray(key) ? key[3] : undefined;
          const stored = values[i];
          return typeof offset === 'number' && isStored(stored) ? [{ offset, stored }] : [];
        });
      }),

    drop: (modelId, path) =>
      database.write(async (store) => {
        await requested(store.delete(under('segment', modelId, path)));
      }),

    end: (modelId) =>
      database.write(async (store) => {
        await requested(store.delete(under('segment', modelId)));
        await requested(store.delete(recordKey(modelId)));
      }),
  };
}

// Files of the store from what is already here: bytes in memory, or a shard's converted segments.

import { EngineError } from '../failures.ts';
import { CHUNK_BYTES, readStored, storedLength } from '../storage/bytes.ts';
import { chunkLength } from '../storage/ledger.ts';
import type { FileRecord } from '../storage/ledger.ts';
import type { ShardStore } from '../storage/shards.ts';
import { crcOf, isRight, resumeSums } from './hash.ts';

/** Parts of a file in order, from byte `from` on. */
type Parts = (from: number) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Makes a file of `bytes`, unless it is there already. Throws "hash-mismatch" where its record tells another sha256. */
export const storeWhole = (
  store: ShardStore,
  modelId: string,
  path: string,
  bytes: Uint8Array,
): Promise<FileRecord> => storeParts(store, modelId, path, (from) => [bytes.subarray(from)]);

/** Makes a shard of its segments, resuming where it stands, and lets them go. */
export async function assembleShard(store: ShardStore, modelId: string, path: string): Promise<FileRecord> {
  const file = await storeParts(store, modelId, path, (from) => segmentBytes(store, modelId, path, from));
  await store.conversions.drop(modelId, path);
  return file;
}

async function* segmentBytes(
  store: ShardStore,
  modelId: string,
  path: string,
  from: number,
): AsyncGenerator<Uint8Array> {
  let at = from;
  for (const { offset, stored } of await store.conversions.segments(modelId, path)) {
    const end = offset + storedLength(stored);
    if (end <= at) continue;
    if (offset > at) break; // a gap: the shard ends early, and is refused for its length
    yield await readStored(stored, at - offset, end - at);
    at = end;
  }
}

async function storeParts(
  store: ShardStore,
  modelId: string,
  path: string,
  parts: Parts,
): Promise<FileRecord> {
  const recordOf = async (): Promise<FileRecord> => {
    const file = await store.file(modelId, path);
    if (file) return file;
    throw new EngineError('model-not-stored', `${modelId} has no ${path}: deleted meanwhile`, {
      model: modelId,
      file: path,
    });
  };
  let file = await recordOf();
  if (file.state === 'verified') return file;
  let sums = file.state === 'corrupt' ? undefined : await resumeSums(store, modelId, file, true);
  if (!sums) {
    await store.reset(modelId, path);
    file = await recordOf();
    sums = await resumeSums(store, modelId, file, true);
  }
  const buffer = new Uint8Array(CHUNK_BYTES);
  let filled = 0;
  for await (const part of parts(file.committed)) {
    for (let at = 0; at < part.length;) {
      const index = file.committed / CHUNK_BYTES;
      const length = chunkLength(file.bytes, index);
      const piece = part.subarray(at, at + length - filled);
      buffer.set(piece, filled);
      filled += piece.length;
      at += piece.length;
      if (filled < length) continue;
      const bytes = buffer.subarray(0, length);
      sums?.update(bytes);
      const chunk = { index, bytes, crc: await crcOf(bytes), hashState: sums?.save() ?? bytes, etag: null };
      file = await store.commit(modelId, path, chunk);
      filled = 0;
    }
  }
  const found = sums?.digest();
  if (!found || file.committed !== file.bytes || !isRight(file, found)) {
    await store.reset(modelId, path);
    throw new EngineError('hash-mismatch', `${path}: what was made is not what was made before`, {
      file: path,
      expected: file.sha256 || file.bytes,
      actual: found?.sha256 ?? file.committed,
    });
  }
  await store.seal(modelId, path, found);
  return recordOf();
}

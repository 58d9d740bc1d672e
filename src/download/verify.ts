// Hashes what is stored again, and says in the ledger what is damaged.

import { createSHA256 } from 'hash-wasm';
import { CHUNK_BYTES, letGo } from '../storage/bytes.ts';
import type { FileRecord } from '../storage/ledger.ts';
import type { ModelStatus } from '../format/model-status.ts';
import { chunkCount } from '../storage/ledger.ts';
import type { ShardStore } from '../storage/shards.ts';
import { crcOf } from './hash.ts';
import { aborted } from './host.ts';
import type { ProgressJob } from './job.ts';

/** Reads a whole file back. @returns whether its sha256 is right, and the chunks that are lost or not what was committed */
export async function examine(
  store: ShardStore,
  modelId: string,
  file: FileRecord,
  onChunk: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<{ right: boolean; damaged: number[] }> {
  const hash = await createSHA256();
  hash.init();
  const damaged: number[] = [];
  for (let index = 0; index < chunkCount(file.bytes); index++) {
    if (signal?.aborted) throw aborted();
    const bytes = await store.chunk(modelId, file, index);
    if (bytes) hash.update(bytes);
    if (!bytes || (await crcOf(bytes)) !== file.crcs[index]) damaged.push(index);
    onChunk(bytes?.length ?? 0);
    if (bytes) letGo(bytes);
  }
  return { right: hash.digest() === file.sha256, damaged };
}

/** Every file that was whole once is hashed again; files still on their way are judged when they are whole. */
export async function verifyModel(
  store: ShardStore,
  modelId: string,
  { onProgress, signal }: ProgressJob = {},
): Promise<ModelStatus> {
  const files = await store.files(modelId);
  const whole = files.filter(({ state }) => state === 'verified' || state === 'corrupt');
  const totalBytes = whole.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const file of whole) {
    onProgress?.({ committedBytes: done, totalBytes, file: file.path, phase: 'verify' });
    const { right, damaged } = await examine(
      store,
      modelId,
      file,
      (bytes) => {
        done += bytes;
        onProgress?.({ committedBytes: done, totalBytes, file: file.path, phase: 'verify' });
      },
      signal,
    );
    if (right && damaged.length === 0) {
      if (file.state === 'corrupt') {
        await store.markDamaged(modelId, file.path, []);
        await store.seal(modelId, file.path);
      }
    } else if (damaged.length > 0) {
      await store.markDamaged(modelId, file.path, damaged);
    } else {
      // Every chunk is what was committed and yet the whole is wrong: the ledger itself cannot be trusted here.
      const all = Array.from({ length: Math.ceil(file.bytes / CHUNK_BYTES) }, (_, index) => index);
      await store.markDamaged(modelId, file.path, all);
    }
  }
  return store.status(modelId);
}

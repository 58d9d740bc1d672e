// The two sums of a file: sha256 says whether it is right, crc32 of each chunk says where it is not.

import { crc32, createSHA256 } from 'hash-wasm';
import type { IHasher } from 'hash-wasm';
import type { FileRecord } from '../storage/ledger.ts';
import { chunkCount } from '../storage/ledger.ts';
import type { ShardStore } from '../storage/shards.ts';

export const crcOf = (bytes: Uint8Array): Promise<string> => crc32(bytes);

/**
 * A sha256 over what is committed of `file`: from the state in the ledger, or, where another build of the hash wrote
 * that, from the bytes themselves. undefined where those cannot be read.
 */
export async function resumeHash(
  store: ShardStore,
  modelId: string,
  file: FileRecord,
): Promise<IHasher | undefined> {
  const hash = await createSHA256();
  hash.init();
  if (file.committed === 0) return hash;
  if (file.hashState) {
    try {
      return hash.load(file.hashState);
    } catch {
      hash.init();
    }
  }
  for (let index = 0; index < chunkCount(file.committed); index++) {
    const bytes = await store.chunk(modelId, file, index);
    if (!bytes) return undefined;
    hash.update(bytes);
  }
  return hash;
}

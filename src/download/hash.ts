// The sums of a file: sha256 says whether it is right (md5 where that is all a host tells), crc32 of each chunk says where
// it is not.

import { crc32, createMD5, createSHA256 } from 'hash-wasm';
import type { FileRecord, PlannedFile } from '../storage/ledger.ts';
import { chunkCount } from '../storage/ledger.ts';
import type { ShardStore } from '../storage/shards.ts';

export const crcOf = (bytes: Uint8Array): Promise<string> => crc32(bytes);

export interface Found {
  sha256: string;
  /** Only where it was asked for. */
  md5: string | undefined;
}

/** Sums over bytes given in order; their state can be kept in the ledger. */
export interface Sums {
  update(bytes: Uint8Array): void;
  save(): Uint8Array;
  /** Throws where another build of the hashes wrote the state. */
  load(state: Uint8Array): void;
  digest(): Found;
}

export async function createSums(withMd5: boolean): Promise<Sums> {
  const hashes = [await createSHA256(), ...(withMd5 ? [await createMD5()] : [])];
  for (const hash of hashes) hash.init();
  const lengths = hashes.map((hash) => hash.save().length);
  return {
    update: (bytes) => hashes.forEach((hash) => hash.update(bytes)),
    save() {
      const state = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
      let at = 0;
      for (const hash of hashes) {
        const part = hash.save();
        state.set(part, at);
        at += part.length;
      }
      return state;
    },
    load(state) {
      let at = 0;
      for (const [i, hash] of hashes.entries()) {
        const length = lengths[i] ?? 0;
        hash.load(state.slice(at, at + length));
        at += length;
      }
    },
    digest: () => ({ sha256: hashes[0]?.digest() ?? '', md5: hashes[1]?.digest() }),
  };
}

/** Whether what came is what was planned, by the strongest sum the plan tells; by its length alone where it tells none. */
export const isRight = (file: PlannedFile, found: Found): boolean =>
  file.sha256 !== ''
    ? found.sha256 === file.sha256
    : file.check !== 'md5' || (file.md5 !== undefined && found.md5 === file.md5);

/**
 * Sums over what is committed of `file`: from the state in the ledger, or, where another build of the hash wrote that, from
 * the bytes themselves. undefined where those cannot be read.
 */
export async function resumeSums(
  store: ShardStore,
  modelId: string,
  file: FileRecord,
  withMd5 = file.check === 'md5',
): Promise<Sums | undefined> {
  const sums = await createSums(withMd5);
  if (file.committed === 0) return sums;
  if (file.hashState) {
    try {
      sums.load(file.hashState);
      return sums;
    } catch {
      return reread(store, modelId, file, await createSums(withMd5));
    }
  }
  return reread(store, modelId, file, sums);
}

async function reread(
  store: ShardStore,
  modelId: string,
  file: FileRecord,
  sums: Sums,
): Promise<Sums | undefined> {
  for (let index = 0; index < chunkCount(file.committed); index++) {
    const bytes = await store.chunk(modelId, file, index);
    if (!bytes) return undefined;
    sums.update(bytes);
  }
  return sums;
}

// A stored model as a directory to read: what an engine is given. Only verified files exist here.

import { EngineError } from '../failures.ts';
import type { ShardSource } from '../format/shard-source.ts';
import { CHUNKS_PER_PIECE, letGo, PIECE_BYTES, readStored, storedLength } from './bytes.ts';
import type { StoredBytes } from './bytes.ts';
import { chunkCount } from './ledger.ts';
import { openShards } from './shards.ts';
import type { ShardStore } from './shards.ts';

/**
 * Reads go straight to slices of Blobs; nothing is kept but their handles.
 * Bytes the browser has lost: the file is marked damaged, and the read throws "size-mismatch" with its name.
 */
export function storedModel(modelId: string, store: ShardStore = openShards()): ShardSource {
  const sizes = new Map<string, number>();
  const pieces = new Map<string, StoredBytes>();

  const size = async (path: string): Promise<number | undefined> => {
    const known = sizes.get(path);
    if (known !== undefined) return known;
    const file = await store.file(modelId, path);
    if (file?.state !== 'verified') return undefined;
    sizes.set(path, file.bytes);
    return file.bytes;
  };

  const lost = async (path: string, bytes: number, piece: number, cause?: unknown): Promise<never> => {
    const first = piece * CHUNKS_PER_PIECE;
    const count = Math.min(CHUNKS_PER_PIECE, chunkCount(bytes) - first);
    const chunks = Array.from({ length: count }, (_, index) => first + index);
    // The record may be gone with its bytes; then there is nothing to mark.
    await store.markDamaged(modelId, path, chunks).catch(() => undefined);
    sizes.delete(path);
    const details = { file: path, expected: Math.min(PIECE_BYTES, bytes - piece * PIECE_BYTES), actual: 0 };
    throw new EngineError('size-mismatch', `${path}: stored bytes are lost`, details, cause);
  };

  return {
    name: modelId,
    size,
    async read(path, offset, length) {
      const bytes = await size(path);
      if (bytes === undefined) {
        throw new EngineError('file-missing', `${modelId} has no verified ${path}`, {
          model: modelId,
          file: path,
        });
      }
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes)) {
        throw new EngineError('tensor-bounds', `${path}: [${offset}, ${offset + length}) of ${bytes}`, {
          file: path,
          expected: bytes,
          actual: offset + length,
        });
      }
      const out = new Uint8Array(length);
      for (let at = offset; at < offset + length;) {
        const index = Math.floor(at / PIECE_BYTES);
        const inside = at - index * PIECE_BYTES;
        const pieceLength = Math.min(PIECE_BYTES, bytes - index * PIECE_BYTES);
        const take = Math.min(offset + length - at, pieceLength - inside);
        const key = `${index}/${path}`;
        const stored = pieces.get(key) ?? (await store.piece(modelId, path, index));
        if (!stored || storedLength(stored) !== pieceLength) return lost(path, bytes, index);
        pieces.set(key, stored);
        let part: Uint8Array<ArrayBuffer>;
        try {
          part = await readStored(stored, inside, take);
        } catch (cause) {
          return lost(path, bytes, index, cause);
        }
        if (take === length) return part;
        out.set(part, at - offset);
        letGo(part);
        at += take;
      }
      return out;
    },
  };
}

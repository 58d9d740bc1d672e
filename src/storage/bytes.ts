// How bytes lie in IndexedDB: this file alone decides. Blobs, because a slice of one reads a tensor without its shard, and
// in Chromium they read back three times as fast as ArrayBuffers. Should a browser keep Blobs badly, change it here.

export type StoredBytes = Blob;

/** The unit of the network and of the ledger: all that a broken connection can lose. */
export const CHUNK_BYTES = 4 * 2 ** 20;
/** Chunks a piece is merged from; larger pieces read faster (4 MiB: 476 MiB/s, 32 MiB: 827). */
export const CHUNKS_PER_PIECE = 8;
export const PIECE_BYTES = CHUNK_BYTES * CHUNKS_PER_PIECE;

export const toStored = (bytes: Uint8Array<ArrayBuffer>): StoredBytes => new Blob([bytes]);

/** One value of several, without reading them. */
export const joinStored = (parts: readonly StoredBytes[]): StoredBytes => new Blob([...parts]);

/** Bytes [offset, offset + length) as a value of its own, without reading them. */
export const sliceStored = (stored: StoredBytes, offset: number, length: number): StoredBytes =>
  stored.slice(offset, offset + length);

export const isStored = (value: unknown): value is StoredBytes => value instanceof Blob;

export const storedLength = (stored: StoredBytes): number => stored.size;

/** @returns a fresh array; rejects where the browser has lost the bytes behind the value */
export async function readStored(
  stored: StoredBytes,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const whole = offset === 0 && length === stored.size;
  return new Uint8Array(await (whole ? stored : stored.slice(offset, offset + length)).arrayBuffer());
}

/**
 * Gives the memory of bytes that were read back at once, where the browser can; nothing of them may be used any more. Reading
 * gigabytes, the collector runs after them by 200 MB and more.
 */
export function letGo(bytes: Uint8Array<ArrayBuffer>): void {
  (bytes.buffer as { transfer?: (length: number) => ArrayBuffer }).transfer?.(0);
}

// Where the converter writes: append-only files, so that a folder in Node and a store in a browser can both be one.

import { createMD5, createSHA256 } from 'hash-wasm';

/** One file being written, from its first byte to its last. */
export interface FileSink {
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  /** No more comes. */
  close(): Promise<void>;
}

/** A model directory being written. At most two files are open at once. */
export interface ModelSink {
  /** @param bytes size it will have */
  create(path: string, bytes: number): Promise<FileSink>;
}

export interface WrittenFile {
  path: string;
  bytes: number;
  sha256: string;
  md5: string;
}

export interface HashedFile {
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<WrittenFile>;
}

/** A file of the sink that is hashed as it is written. */
export async function createHashed(sink: ModelSink, path: string, bytes: number): Promise<HashedFile> {
  const sha256 = await createSHA256();
  const md5 = await createMD5();
  const file = await sink.create(path, bytes);
  let written = 0;
  return {
    async write(chunk) {
      sha256.update(chunk);
      md5.update(chunk);
      written += chunk.length;
      await file.write(chunk);
    },
    async close() {
      await file.close();
      return { path, bytes: written, sha256: sha256.digest('hex'), md5: md5.digest('hex') };
    },
  };
}

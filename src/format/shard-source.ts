/**
 * Where an engine or the converter reads a model directory from: a folder in Node, IndexedDB in a browser.
 * Paths are the file names of the directory ("params_shard_0.bin"), never with "..".
 */
export interface ShardSource {
  /** Names what is read, for error messages: a model id or a folder. */
  readonly name: string;
  /** Size in bytes, or undefined where there is no such file. */
  size(path: string): Promise<number | undefined>;
  /** Bytes [offset, offset + length) as a fresh array the caller may transfer. Throws "file-missing", "tensor-bounds". */
  read(path: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

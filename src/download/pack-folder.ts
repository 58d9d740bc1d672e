// A folder that packs are written to, by the browser's File System Access. Its errors by reasons of the table.

import { EngineError } from '../failures.ts';

export interface PackFolder {
  /** A folder in it, made where it is not there. */
  folder(name: string): Promise<PackFolder>;
  /** A file of a folder in it, neither of them made. */
  peek(folder: string, path: string): Promise<Blob | undefined>;
  read(path: string): Promise<Blob | undefined>;
  /** Writes a whole file: it has its name only once it is complete. Throws what `chunks` throws, "target-full", "target-failed". */
  write(
    path: string,
    chunks: Iterable<Uint8Array<ArrayBuffer>> | AsyncIterable<Uint8Array<ArrayBuffer>>,
  ): Promise<void>;
  remove(path: string): Promise<void>;
}

const named = (error: unknown, name: string): boolean =>
  (error instanceof DOMException || error instanceof Error) && error.name === name;

function targetError(error: unknown, file: string): EngineError {
  if (error instanceof EngineError) return error;
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const reason = named(error, 'QuotaExceededError') ? 'target-full' : 'target-failed';
  return new EngineError(reason, `${file}: ${why}`, { file, why }, error);
}

async function at<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw targetError(error, file);
  }
}

/** undefined where there is none; any other refusal is thrown. */
async function ifThere<T>(file: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (named(error, 'NotFoundError')) return undefined;
    throw targetError(error, file);
  }
}

export function folderOnDisk(handle: FileSystemDirectoryHandle): PackFolder {
  const read = (path: string): Promise<Blob | undefined> =>
    ifThere(path, async () => (await handle.getFileHandle(path)).getFile());
  return {
    folder: (name) =>
      at(name, async () => folderOnDisk(await handle.getDirectoryHandle(name, { create: true }))),
    peek: async (folder, path) => {
      const inner = await ifThere(folder, () => handle.getDirectoryHandle(folder));
      return inner && folderOnDisk(inner).read(path);
    },
    read,
    write: (path, chunks) =>
      at(path, async () => {
        const writable = await (await handle.getFileHandle(path, { create: true })).createWritable();
        try {
          for await (const chunk of chunks) await writable.write(chunk);
          await writable.close();
        } catch (error) {
          await writable.abort().catch(() => undefined); // the first failure is the one to tell
          throw error;
        }
      }),
    remove: (path) => at(path, () => handle.removeEntry(path)),
  };
}

// A folder of files in memory, to write packs to and read them from, that can be made to fail.

import { EngineError } from '../../src/failures.ts';
import type { LocalFile } from '../../src/format/local-model.ts';
import type { PackFolder } from '../../src/download/pack-folder.ts';

export interface MemoryFolder extends PackFolder {
  /** Path -> bytes, of this folder and those in it. */
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  /** Bytes it takes before it is full. */
  room: number;
  /** Files written so far, by name. */
  readonly written: string[];
  chosen(): LocalFile[];
}

export function memoryFolder(): MemoryFolder {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const written: string[] = [];
  const root = below('') as MemoryFolder;
  return Object.assign(root, {
    files,
    written,
    room: Number.POSITIVE_INFINITY,
    chosen: () => [...files].map(([path, bytes]) => ({ path, file: new Blob([bytes]) })),
  });

  function below(prefix: string): PackFolder {
    const read = (path: string): Promise<Blob | undefined> => {
      const bytes = files.get(prefix + path);
      return Promise.resolve(bytes && new Blob([bytes]));
    };
    return {
      folder: (name) => Promise.resolve(below(`${prefix}${name}/`)),
      peek: (folder, path) => read(`${folder}/${path}`),
      read,
      async write(path, chunks) {
        const parts: Uint8Array<ArrayBuffer>[] = [];
        for await (const chunk of chunks) {
          root.room -= chunk.length;
          if (root.room < 0) throw new EngineError('target-full', 'full', { file: path });
          parts.push(chunk.slice());
        }
        written.push(path);
        files.set(prefix + path, new Uint8Array(await new Blob(parts).arrayBuffer()));
      },
      remove: (path) => {
        files.delete(prefix + path);
        return Promise.resolve();
      },
    };
  }
}

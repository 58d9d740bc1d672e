// A folder on disk as a ShardSource.

import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '../failures.ts';
import type { ShardSource } from '../format/shard-source.ts';

function missing(folder: string, file: string, cause?: unknown): EngineError {
  return new EngineError('file-missing', `${folder}: ${file} is missing`, { file, model: folder }, cause);
}

function isNotThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** Reads the files of `folder`; opens each for the moment of a read only. */
export function folderSource(folder: string): ShardSource {
  const locate = (file: string) => {
    if (file !== path.basename(file) || file === '..') throw missing(folder, file);
    return path.join(folder, file);
  };
  return {
    name: folder,
    async size(file) {
      try {
        const found = await stat(locate(file));
        return found.isFile() ? found.size : undefined;
      } catch (error) {
        if (isNotThere(error)) return undefined;
        throw error;
      }
    },
    async read(file, offset, length) {
      const handle = await open(locate(file)).catch((error: unknown) => {
        throw isNotThere(error) ? missing(folder, file, error) : error;
      });
      try {
        const bytes = new Uint8Array(length);
        let done = 0;
        while (done < length) {
          const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
          if (bytesRead === 0) break;
          done += bytesRead;
        }
        if (done < length) {
          throw new EngineError(
            'tensor-bounds',
            `${file}: ends at byte ${offset + done}, wanted ${offset + length}`,
            {
              file,
              expected: offset + length,
              actual: offset + done,
            },
          );
        }
        return bytes;
      } finally {
        await handle.close();
      }
    },
  };
}

// Files held in memory as a ShardSource: for what is small, and for tests.

import { EngineError } from '../failures.ts';
import type { ShardSource } from './shard-source.ts';

export type MemoryFiles = Record<string, Uint8Array | string>;

/** Text is UTF-8. Changing `files` afterwards changes what is read. */
export function memorySource(files: MemoryFiles, name = 'memory'): ShardSource {
  const find = (path: string): Uint8Array | undefined => {
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    return typeof file === 'string' ? new TextEncoder().encode(file) : file;
  };
  return {
    name,
    size: (path) => Promise.resolve(find(path)?.length),
    read: (path, offset, length) => {
      const file = find(path);
      if (file === undefined) {
        return Promise.reject(
          new EngineError('file-missing', `${name}: ${path} is missing`, { file: path, model: name }),
        );
      }
      if (offset + length > file.length) {
        return Promise.reject(
          new EngineError(
            'tensor-bounds',
            `${path}: ends at byte ${file.length}, wanted ${offset + length}`,
            {
              file: path,
              expected: offset + length,
              actual: file.length,
            },
          ),
        );
      }
      return Promise.resolve(new Uint8Array(file.subarray(offset, offset + length)));
    },
  };
}

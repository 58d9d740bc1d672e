// A folder written whole or not at all: files go to a sibling, which takes the folder's name at the end.

import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { ModelSink } from '../convert/sink.ts';
import { partialOf, settled, sweepPartials } from './partials.ts';

export interface FolderSink extends ModelSink {
  /** Gives the folder its name. */
  commit(): Promise<void>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

/** Names in a folder; none where it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
}

/** @param folder must not exist, or be empty, until `commit` */
export async function createFolderSink(folder: string): Promise<FolderSink> {
  const target = path.resolve(folder);
  sweepPartials(path.dirname(target));
  await mkdir(path.dirname(target), { recursive: true });
  const partial = partialOf(target);
  await mkdir(partial);
  return {
    async create(file) {
      const handle = await open(path.join(partial, file), 'wx');
      return {
        async write(chunk) {
          for (let done = 0; done < chunk.length;) {
            done += (await handle.write(chunk, done)).bytesWritten;
          }
        },
        async close() {
          await handle.sync();
          await handle.close();
        },
      };
    },
    async commit() {
      if ((await namesIn(target)).length === 0) await rmdir(target).catch(() => undefined);
      await rename(partial, target);
      settled(partial);
    },
    async discard() {
      await rm(partial, { recursive: true, force: true });
      settled(partial);
    },
  };
}

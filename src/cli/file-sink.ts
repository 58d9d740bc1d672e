// A file written whole or not at all: it takes its name at the end.

import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FileSink } from '../convert/sink.ts';
import { EngineError } from '../failures.ts';
import { partialOf, settled, sweepPartials } from './partials.ts';

export interface WholeFileSink extends FileSink {
  /** Gives the file its name. */
  commit(): Promise<void>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

/** @param file must not exist: nothing is overwritten. Throws "storage-failed" */
export async function createFileSink(file: string): Promise<WholeFileSink> {
  const target = path.resolve(file);
  if (await stat(target).catch(() => undefined)) {
    throw new EngineError('storage-failed', `${file}: is there already`, { file, actual: 'there already' });
  }
  sweepPartials(path.dirname(target));
  await mkdir(path.dirname(target), { recursive: true });
  const partial = partialOf(target);
  const handle = await open(partial, 'wx');
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await handle.close();
  };
  return {
    async write(chunk) {
      for (let done = 0; done < chunk.length;) done += (await handle.write(chunk, done)).bytesWritten;
    },
    async close() {
      await handle.sync();
      await close();
    },
    async commit() {
      await rename(partial, target);
      settled(partial);
    },
    async discard() {
      await close();
      await rm(partial, { force: true });
      settled(partial);
    },
  };
}

// A large file read once, from where it stands to its end, with its sums: over one request while the connection holds, over another
// where it breaks. What is not wanted is read all the same, for the sum of the whole.

import { EngineError } from '../failures.ts';
import type { Sums } from './hash.ts';
import { ask, persist } from './host.ts';
import type { Answer, Host } from './host.ts';

export interface SequentialFile {
  url: string;
  path: string;
  /** Its length. */
  bytes: number;
  /** The tag it must have; null accepts any. */
  etag: string | null;
  /** The sum of the whole is known and judges it: then tags decide nothing. */
  summed?: boolean;
  /** Where to begin, and the sums up to there. */
  position: number;
  sums: Sums;
}

export interface Sequential {
  readonly position: number;
  readonly etag: string | null;
  /** Bytes [offset, offset + length); offsets only grow. Throws "file-changed", and what `ask` throws. */
  take(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads up to `end` for the sums' sake. */
  skipTo(end: number): Promise<void>;
  close(): void;
}

export function openSequential(host: Host, file: SequentialFile, signal?: AbortSignal): Sequential {
  const { url, path, bytes, summed, sums } = file;
  let { etag, position } = file;
  /** Position of the next byte from the line; `rest` lies between. */
  let at = position;
  let answer: Answer | undefined;
  let rest = new Uint8Array(0);

  const close = (): void => {
    answer?.close();
    answer = undefined;
  };

  const next = async (line: Answer, from: number): Promise<Uint8Array> => {
    const part = await line.read();
    if (part) return part;
    throw new EngineError('size-mismatch', `${path}: the answer ended at ${from} of ${bytes} bytes`, {
      file: path,
      expected: bytes,
      actual: from,
    });
  };

  const open = async (): Promise<Answer> => {
    const line = await ask(host, url, path, { from: at, to: bytes }, signal);
    try {
      const changed = line.total !== null && line.total !== bytes;
      if (changed || (!summed && etag !== null && line.etag !== null && etag !== line.etag)) {
        throw new EngineError('file-changed', `${path}: the host's file is another than before`, {
          file: path,
          changed: 'tag',
        });
      }
      etag ??= line.etag;
      // A host without ranges begins at the beginning.
      let skip = line.ranged ? 0 : at;
      while (skip > 0) {
        const part = await next(line, at - skip);
        const over = part.length - skip;
        skip = Math.max(0, skip - part.length);
        if (over > 0) {
          rest = part.slice(part.length - over);
          at += over;
        }
      }
      return line;
    } catch (error) {
      line.close();
      throw error;
    }
  };

  const pull = (): Promise<void> =>
    persist(host, signal, async () => {
      try {
        answer ??= await open();
        if (rest.length > 0) return;
        const part = await next(answer, at);
        rest = new Uint8Array(part);
        at += part.length;
      } catch (error) {
        close();
        throw error;
      }
    });

  const pass = async (length: number, use: (part: Uint8Array, done: number) => void): Promise<void> => {
    for (let done = 0; done < length;) {
      if (rest.length === 0) await pull();
      const part = rest.subarray(0, length - done);
      sums.update(part);
      use(part, done);
      done += part.length;
      position += part.length;
      rest = rest.subarray(part.length);
    }
  };

  return {
    get position() {
      return position;
    },
    get etag() {
      return etag;
    },
    async take(offset, length) {
      await pass(offset - position, () => undefined);
      const out = new Uint8Array(length);
      await pass(length, (part, done) => out.set(part, done));
      return out;
    },
    skipTo: (end) => pass(end - position, () => undefined),
    close,
  };
}

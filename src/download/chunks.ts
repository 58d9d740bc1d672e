// The chunks of one file, as they come from a host: by ranges where it has them, out of the whole stream where not.

import { EngineError } from '../engine.ts';
import { CHUNK_BYTES } from '../storage/bytes.ts';
import { chunkCount, chunkLength } from '../storage/ledger.ts';
import { ask } from './host.ts';
import type { Answer, Host } from './host.ts';

export interface Chunk {
  index: number;
  /** Valid until the next chunk: the array is used again. */
  bytes: Uint8Array<ArrayBuffer>;
  etag: string | null;
}

export interface Wanted {
  url: string;
  path: string;
  /** The file's length by its manifest. */
  bytes: number;
  /** The tag the chunks must be of; null accepts any. */
  etag: string | null;
  /** Chunks wanted, ascending. */
  chunks: readonly number[];
}

/**
 * One answer's worth of wanted chunks, each given to `take` before more is read: one chunk where the host has ranges, all
 * of them where it sends the whole file. Call again with what is still wanted.
 *
 * Throws what `ask` throws; "size-mismatch" for an answer cut short; "file-changed" where the host's file has another
 * length (details: changed "length", expected, actual) or another tag (details: changed "tag") than what is wanted.
 */
export async function fetchChunks(
  host: Host,
  wanted: Wanted,
  take: (chunk: Chunk) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const first = wanted.chunks[0];
  if (first === undefined) return;
  const from = first * CHUNK_BYTES;
  const to = from + chunkLength(wanted.bytes, first);
  const answer = await ask(host, wanted.url, wanted.path, { from, to }, signal);
  try {
    sameFile(answer, wanted);
    const last = answer.ranged ? first : chunkCount(wanted.bytes) - 1;
    const still = new Set(wanted.chunks);
    const stream = reader(answer, wanted);
    if (!answer.ranged) await stream.skip(from);
    for (let index = first; index <= last; index++) {
      const length = chunkLength(wanted.bytes, index);
      if (still.has(index)) await take({ index, bytes: await stream.exactly(length), etag: answer.etag });
      else await stream.skip(length);
    }
  } finally {
    answer.close();
  }
}

function sameFile({ total, etag }: Answer, { path, bytes, etag: wantedTag }: Wanted): void {
  if (total !== null && total !== bytes) {
    throw new EngineError('file-changed', `${path}: the host's file has ${total} bytes, not ${bytes}`, {
      file: path,
      changed: 'length',
      expected: bytes,
      actual: total,
    });
  }
  if (etag !== null && wantedTag !== null && etag !== wantedTag) {
    throw new EngineError('file-changed', `${path}: the host's file is another than before`, {
      file: path,
      changed: 'tag',
    });
  }
}

/** Cuts an answer's pieces, of whatever length they come, into the lengths asked for. */
function reader(
  answer: Answer,
  { path }: Wanted,
): { exactly(length: number): Promise<Uint8Array<ArrayBuffer>>; skip(length: number): Promise<void> } {
  let rest: Uint8Array = new Uint8Array(0);
  const buffer = new Uint8Array(CHUNK_BYTES);

  const pull = async (length: number, use: (part: Uint8Array, at: number) => void): Promise<void> => {
    for (let at = 0; at < length;) {
      if (rest.length === 0) {
        const next = await answer.read();
        if (!next) {
          throw new EngineError('size-mismatch', `${path}: the answer ended after ${at} of ${length} bytes`, {
            file: path,
            expected: length,
            actual: at,
          });
        }
        rest = next;
      }
      const part = rest.subarray(0, length - at);
      use(part, at);
      rest = rest.subarray(part.length);
      at += part.length;
    }
  };
  return {
    async exactly(length) {
      await pull(length, (part, at) => buffer.set(part, at));
      return buffer.subarray(0, length);
    },
    skip: (length) => pull(length, () => undefined),
  };
}

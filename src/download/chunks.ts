// The chunks of one file, as they come from a host: by ranges where it has them, out of the whole stream where not.

import { EngineError } from '../failures.ts';
import { CHUNK_BYTES } from '../storage/bytes.ts';
import { chunkCount, chunkLength } from '../storage/ledger.ts';
import { ask } from './host.ts';
import type { Answer, Host } from './host.ts';

export interface Chunk {
  index: number;
  /** Valid until the next chunk: the array is used again. */
  bytes: Uint8Array<ArrayBuffer>;
  etag: string | null;
  /** Where it was asked for. */
  url: string;
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
 * Whose tag stands in the ledger: tags of two hosts say nothing of each other. Those written before hosts were noted count as
 * anybody's.
 */
export const tagOf = (url: string, etag: string | null): string => `${new URL(url).origin} ${etag ?? ''}`;

/** The tag that `url`'s answers must have, by the ledger; null where it knows of none. */
export function tagFor(url: string, kept: string | null): string | null {
  if (kept === null || !kept.startsWith('http')) return kept;
  const [origin, ...tag] = kept.split(' ');
  return origin === new URL(url).origin ? tag.join(' ') || null : null;
}

/**
 * One answer's worth of wanted chunks, each given to `take` before more is read: one chunk where the host has ranges, all
 * of them where it sends the whole file. Call again with what is still wanted.
 *
 * Throws what `ask` throws; "size-mismatch" for an answer cut short; "file-changed" where the host's file has another
 * length (details: changed "length", expected, actual) or another tag (details: changed "tag") than what is wanted.
 * @returns whether the host has ranges
 */
export async function fetchChunks(
  host: Host,
  wanted: Wanted,
  take: (chunk: Chunk) => Promise<void>,
  signal?: AbortSignal,
): Promise<boolean> {
  const first = wanted.chunks[0];
  if (first === undefined) return false;
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
      if (still.has(index))
        await take({ index, bytes: await stream.exactly(length), etag: answer.etag, url: wanted.url });
      else await stream.skip(length);
    }
    return answer.ranged;
  } finally {
    answer.close();
  }
}

/**
 * One chunk by its range alone, into `buffer`; undefined where the host has no ranges. Compares lengths, not tags: the chunks
 * before it may not be there yet. Throws what `fetchChunks` throws.
 */
export async function fetchRange(
  host: Host,
  wanted: Pick<Wanted, 'url' | 'path' | 'bytes'>,
  index: number,
  buffer: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<Chunk | undefined> {
  const from = index * CHUNK_BYTES;
  const to = from + chunkLength(wanted.bytes, index);
  const answer = await ask(host, wanted.url, wanted.path, { from, to }, signal);
  try {
    if (!answer.ranged) return undefined;
    sameFile(answer, { ...wanted, etag: null });
    const bytes = await reader(answer, wanted, buffer).exactly(to - from);
    return { index, bytes, etag: answer.etag, url: wanted.url };
  } finally {
    answer.close();
  }
}

/** Throws "file-changed". */
export function sameFile(
  { total, etag }: Pick<Answer, 'total' | 'etag'>,
  { path, bytes, etag: wantedTag }: Pick<Wanted, 'path' | 'bytes' | 'etag'>,
): void {
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
  { path }: Pick<Wanted, 'path'>,
  buffer = new Uint8Array(CHUNK_BYTES),
): { exactly(length: number): Promise<Uint8Array<ArrayBuffer>>; skip(length: number): Promise<void> } {
  let rest: Uint8Array = new Uint8Array(0);

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

// Several ranges of a file asked for at the same time, and given out in order. The ledger and its sums go forward only, so a
// chunk that came early waits here: at most `host.lanes` of them, which is all that a kill can lose.

import { CHUNK_BYTES } from '../storage/bytes.ts';
import { chunkCount } from '../storage/ledger.ts';
import { fetchRange } from './chunks.ts';
import type { Chunk } from './chunks.ts';
import type { Host } from './host.ts';

/** A chunk that came faster than this shows a connection that can take another; slower than that, one is better closed. */
const SWIFT_MS = 4_000;
const SLOW_MS = 20_000;

export interface Lanes {
  /** Whether `index` is to be taken from here; else its chunk is asked for alone, in the manner of `fetchChunks`. */
  readonly open: boolean;
  /** Says how long a chunk took that was asked for alone. */
  learn(ms: number): void;
  /**
   * Chunk `index`, with those after it on their way. Valid until the next call. undefined: the host has no ranges after all.
   * A failure closes all lanes but one; chunks that came stay for when their turn comes.
   */
  take(url: string, index: number): Promise<Chunk | undefined>;
  /** Ends what is on its way. */
  close(): void;
}

export function openLanes(
  host: Host,
  file: { path: string; bytes: number },
  signal: AbortSignal | undefined,
): Lanes {
  interface Arrival {
    chunk: Chunk | undefined;
    buffer: Uint8Array<ArrayBuffer>;
    ms: number;
  }
  const flights = new Map<number, { url: string; arrival: Promise<Arrival> }>();
  const buffers: Uint8Array<ArrayBuffer>[] = [];
  const control = new AbortController();
  const cut = signal ? AbortSignal.any([signal, control.signal]) : control.signal;
  let width = 1;
  /** The chunk that is waited for: its failure is told, the others' only mean that they are asked for again. */
  let due = -1;
  let inUse: Uint8Array<ArrayBuffer> | undefined;

  const learn = (ms: number): void => {
    if (ms < SWIFT_MS) width = Math.min(host.lanes, width + 1);
    else if (ms > SLOW_MS) width = Math.max(1, width - 1);
  };

  const start = (url: string, index: number): void => {
    const buffer = buffers.pop() ?? new Uint8Array(CHUNK_BYTES);
    const began = performance.now();
    const arrival = fetchRange(host, { ...file, url }, index, buffer, cut).then(
      (chunk) => ({ chunk, buffer, ms: performance.now() - began }),
      (error: unknown) => {
        buffers.push(buffer);
        width = 1;
        if (due !== index) flights.delete(index);
        throw error;
      },
    );
    arrival.catch(() => undefined); // it speaks when its turn comes
    flights.set(index, { url, arrival });
  };

  /** A failure of another place than the one to ask now says nothing of this one. */
  const arrivalOf = async (url: string, index: number): Promise<Arrival> => {
    const flight = flights.get(index)!;
    try {
      return await flight.arrival;
    } catch (error) {
      if (flight.url === url || cut.aborted) throw error;
      start(url, index);
      return flights.get(index)!.arrival;
    }
  };

  return {
    get open() {
      return width > 1 || flights.size > 0;
    },
    learn,
    async take(url, index) {
      if (inUse) buffers.push(inUse);
      inUse = undefined;
      for (let i = index; i < chunkCount(file.bytes) && i < index + width; i++) {
        if (!flights.has(i)) start(url, i);
      }
      due = index;
      try {
        const { chunk, buffer, ms } = await arrivalOf(url, index);
        inUse = buffer;
        if (chunk) learn(ms);
        else width = 1;
        return chunk;
      } catch (error) {
        width = 1;
        throw error;
      } finally {
        due = -1;
        flights.delete(index);
      }
    },
    close() {
      control.abort();
    },
  };
}

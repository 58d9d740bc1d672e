// An answer's pieces as they come, for `for await`.

export interface ChunkStream<Chunk> {
  push(chunk: Chunk): void;
  iterator: AsyncIterableIterator<Chunk>;
}

/**
 * Holds what came until it is read. `leave` is called when the reader goes before the end (also before its first read), and waited for.
 * @param ended settles with the work that pushes; what it rejects with, the reader is told after the last piece
 */
export function createChunkStream<Chunk>(leave: () => Promise<void>): ChunkStream<Chunk> & {
  follow(ended: Promise<unknown>): void;
} {
  const ready: Chunk[] = [];
  let wake: () => void = () => undefined;
  let over = false;
  let failed: { error: unknown } | undefined;
  /** Reads are answered in the order they were asked. */
  let last: Promise<unknown> = Promise.resolve();

  const read = async (): Promise<IteratorResult<Chunk>> => {
    while (ready.length === 0 && !over) await new Promise<void>((resolve) => (wake = resolve));
    const value = ready.shift();
    if (value !== undefined) return { done: false, value };
    if (failed) {
      const { error } = failed;
      failed = undefined; // told once
      throw error;
    }
    return { done: true, value: undefined };
  };
  const close = async (): Promise<IteratorResult<Chunk>> => {
    ready.length = 0;
    failed = undefined;
    if (!over) {
      over = true;
      wake();
      await leave();
      ready.length = 0;
    }
    return { done: true, value: undefined };
  };

  const iterator: AsyncIterableIterator<Chunk> = {
    [Symbol.asyncIterator]: () => iterator,
    next() {
      const reading = last.then(read);
      last = reading.catch(() => undefined);
      return reading;
    },
    return: close,
    async throw(error: unknown) {
      await close();
      throw error;
    },
  };
  return {
    push(chunk) {
      if (over) return;
      ready.push(chunk);
      wake();
    },
    iterator,
    follow(ended) {
      ended
        .catch((error: unknown) => {
          if (!over) failed = { error };
        })
        .finally(() => {
          over = true;
          wake();
        });
    },
  };
}

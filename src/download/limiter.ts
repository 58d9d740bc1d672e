// Holds the speed down, for all downloads together: a classroom's connection is not one model's.

import type { Host } from './host.ts';

export interface Limiter {
  /** Bytes a second; null: as fast as it comes. */
  set(bytesPerSecond: number | null): void;
  /** Resolves when so many bytes may have come. */
  pass: NonNullable<Host['pass']>;
}

export function createLimiter(wait: Host['wait'], now: () => number = () => performance.now()): Limiter {
  let rate: number | null = null;
  /** When the bytes so far are paid for. */
  let paid = 0;
  return {
    set(bytesPerSecond) {
      rate = bytesPerSecond;
      paid = 0;
    },
    async pass(bytes, signal) {
      if (rate === null) return;
      paid = Math.max(now(), paid) + (bytes / rate) * 1000;
      await wait(paid - now(), signal);
    },
  };
}

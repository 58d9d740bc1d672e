// The worker's end of the confirmations: the port that came with its first message of all, and no other.

import type { Confirmed } from '../wire/confirmations.ts';

interface FirstEvent {
  readonly data: unknown;
  readonly ports?: readonly MessagePort[];
  stopImmediatePropagation?(): void;
}
interface FirstScope {
  addEventListener(type: 'message', listener: (event: FirstEvent) => void): void;
}

/**
 * Call before anything else listens to `scope`.
 * @param allow takes what was confirmed; what it throws is told on the worker's console, and nothing is opened
 * @returns resolves once so many confirmations have come
 */
export function hearConfirmations(
  scope: FirstScope,
  allow: (bases: readonly string[]) => void,
): (count: number) => Promise<void> {
  let heard = 0;
  const waiting = new Map<() => void, number>();
  let first = true;
  scope.addEventListener('message', (event) => {
    const port = first ? event.ports?.[0] : undefined;
    first = false;
    if (!port) return;
    event.stopImmediatePropagation?.();
    port.onmessage = ({ data }: MessageEvent<Confirmed>) => {
      try {
        allow(data.bases);
      } catch (error) {
        console.warn('not confirmed:', error);
      }
      heard = Math.max(heard, data.count);
      for (const [resolve, count] of waiting) {
        if (count > heard) continue;
        waiting.delete(resolve);
        resolve();
      }
    };
  });
  return (count) =>
    count <= heard ? Promise.resolve() : new Promise((resolve) => void waiting.set(resolve, count));
}

// Bytes of JavaScript that a page and its workers hold, ArrayBuffers included, as the browser's own inspector counts them.

import type { Page } from 'playwright-core';

interface HeapUsage {
  usedSize: number;
  /** ArrayBuffers and WebAssembly memories. */
  backingStorageSize: number;
}

export interface Heaps {
  /** Bytes held now, garbage included. */
  held(): Promise<number>;
  /** Bytes held after a full collection in every thread. */
  collected(): Promise<number>;
  /** The most that `held` has answered while this ran, asked again and again. */
  most<T>(work: Promise<T>): Promise<{ result: T; peak: number }>;
}

const PAUSE_MS = 100;

/** Attach before the page starts workers. */
export async function watchHeaps(page: Page): Promise<Heaps> {
  const inspector = await page.context().newCDPSession(page);
  const workers = new Set<string>();
  const waiting = new Map<number, (result: unknown) => void>();
  let last = 0;
  inspector.on('Target.attachedToTarget', ({ sessionId }) => workers.add(sessionId));
  inspector.on('Target.detachedFromTarget', ({ sessionId }) => {
    workers.delete(sessionId);
    // Nobody will answer any more.
    for (const end of waiting.values()) end(undefined);
  });
  inspector.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message) as { id?: number; result?: unknown };
    if (id !== undefined) waiting.get(id)?.(result);
  });
  await inspector.send('Target.setAutoAttach', {
    autoAttach: true,
    waitForDebuggerOnStart: false,
    flatten: false,
  });
  const askWorker = async (sessionId: string, method: string): Promise<unknown> => {
    const id = ++last;
    const answer = new Promise((resolve) => waiting.set(id, resolve));
    const message = JSON.stringify({ id, method });
    await inspector.send('Target.sendMessageToTarget', { sessionId, message }).catch(() => {
      waiting.get(id)?.(undefined);
    });
    return answer.finally(() => waiting.delete(id));
  };
  const bytesOf = (usage: HeapUsage | undefined): number =>
    usage ? usage.usedSize + usage.backingStorageSize : 0;
  async function held(): Promise<number> {
    const all = await Promise.all([
      inspector.send('Runtime.getHeapUsage') as unknown as Promise<HeapUsage>,
      ...[...workers].map((id) => askWorker(id, 'Runtime.getHeapUsage') as Promise<HeapUsage | undefined>),
    ]);
    return all.reduce((sum, usage) => sum + bytesOf(usage), 0);
  }
  return {
    held,
    async collected() {
      await inspector.send('HeapProfiler.collectGarbage');
      for (const id of workers) await askWorker(id, 'HeapProfiler.collectGarbage');
      return held();
    },
    async most(work) {
      let running = true;
      let peak = 0;
      const watch = (async () => {
        while (running) {
          peak = Math.max(peak, await held());
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
      })();
      const result = await work.finally(() => {
        running = false;
        return watch;
      });
      return { result, peak };
    },
  };
}

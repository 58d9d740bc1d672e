// How the engine's worker gets further threads of the CPU engine, where memory can be shared: the page starts them.

import type { CpuThreads, ThreadLink } from '../engines/cpu/team.ts';
import type { ThreadOrder, ThreadWish, ThreadWord } from '../wire/thread-protocol.ts';

/** Beyond so many threads all of them wait for memory. */
const MOST_THREADS = 8;
/** A page that starts no threads says nothing; one that does answers within a frame, and busy with anything within seconds. */
const PATIENCE_MS = 30_000;

type Ask = (wish: ThreadWish, transfer: Transferable[]) => void;

/** Undefined where the host does not isolate the page (no shared memory), or there is one core. */
export function browserThreads(): CpuThreads | undefined {
  const count = Math.min(MOST_THREADS, navigator.hardwareConcurrency) - 1;
  if (!crossOriginIsolated || count < 1) return undefined;
  return { count, spawn: () => pageThread((wish, transfer) => self.postMessage(wish, { transfer })) };
}

/** @param ask posts to the page */
export function pageThread(ask: Ask, patience = PATIENCE_MS): ThreadLink {
  const { port1: port, port2 } = new MessageChannel();
  const order = (message: ThreadOrder): void => port.postMessage(message);
  let started: unknown;
  let timer: ReturnType<typeof setTimeout> | undefined;
  ask({ type: 'thread' }, [port2]);
  return {
    post(start) {
      started = start;
    },
    listen(ready, failed) {
      timer = setTimeout(() => failed('the page did not start it'), patience);
      port.onmessage = ({ data }: MessageEvent<ThreadWord>) => {
        clearTimeout(timer);
        if (data.type === 'go') order({ type: 'start', start: started });
        else if (data.type === 'ready') ready();
        else failed(data.why);
      };
    },
    terminate() {
      clearTimeout(timer);
      order({ type: 'end' });
      port.close();
    },
  };
}

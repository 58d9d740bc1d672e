// Further threads of the CPU engine behind the library's worker: the worker's own script again, so that no bundler has to know.

import type { CpuThreads, ThreadStart } from '../engines/cpu/team.ts';
import { serveThread } from '../engines/cpu/thread.ts';
import type { Scope } from '../wire/serve.ts';

/** Beyond so many threads all of them wait for memory. */
const MOST_THREADS = 8;

interface ThreadMessage {
  type: 'thread';
  start: ThreadStart;
}
/** What a thread says: not a request's answer. */
const READY = 'thread-ready';

export const isThreadStart = (data: unknown): data is ThreadMessage =>
  typeof data === 'object' && data !== null && (data as { type?: unknown }).type === 'thread';

/** A worker is of the kind that its maker chose; only a classic one may import scripts. */
function isModule(): boolean {
  try {
    (globalThis as { importScripts?: () => void }).importScripts?.();
    return false;
  } catch {
    return true;
  }
}

/** Undefined where the host does not isolate the page (no shared memory), where there is one core, and outside a worker. */
export function workerThreads(): CpuThreads | undefined {
  const here = globalThis as { crossOriginIsolated?: boolean; navigator?: { hardwareConcurrency?: number } };
  const count = Math.min(MOST_THREADS, here.navigator?.hardwareConcurrency ?? 1) - 1;
  if (here.crossOriginIsolated !== true || count < 1 || typeof Worker !== 'function') return undefined;
  return {
    count,
    spawn() {
      const worker = new Worker(location.href, isModule() ? { type: 'module' } : {});
      return {
        post: (start) => worker.postMessage({ type: 'thread', start } satisfies ThreadMessage),
        listen(ready, failed) {
          worker.onmessage = ({ data }) => {
            if (data === READY) ready();
          };
          worker.onerror = (event) => failed(event.message || 'its script could not be loaded');
          worker.onmessageerror = () => failed('its memory could not be shared');
        },
        terminate: () => worker.terminate(),
      };
    },
  };
}

export async function serveAsThread({ start }: ThreadMessage, scope: Scope): Promise<void> {
  await serveThread(start, () => scope.postMessage(READY));
}

// How the engine's worker starts further threads of the CPU engine: workers of its own, where memory can be shared.

import type { CpuThreads } from '../engines/cpu/team.ts';

/** Beyond so many threads all of them wait for memory. */
const MOST_THREADS = 8;

/** Undefined where the host does not isolate the page (no shared memory), or there is one core. */
export function browserThreads(): CpuThreads | undefined {
  const count = Math.min(MOST_THREADS, navigator.hardwareConcurrency) - 1;
  if (!crossOriginIsolated || count < 1) return undefined;
  return {
    count,
    spawn() {
      const worker = new Worker(new URL('./engine-thread.ts', import.meta.url), { type: 'module' });
      return {
        post: (message) => worker.postMessage(message),
        listen(ready, failed) {
          worker.onmessage = ready;
          worker.onerror = (event) => failed(event.message);
          worker.onmessageerror = () => failed('its memory could not be shared');
        },
        terminate: () => worker.terminate(),
      };
    },
  };
}

// Starts further threads of the CPU engine in Node: cpu-thread.ts, which is built beside whatever starts it.

import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CpuThreads } from '../engines/cpu/team.ts';

/** @param count threads apart from this one; undefined where there are none */
export function nodeThreads(count: number): CpuThreads | undefined {
  if (count < 1) return undefined;
  return {
    count,
    spawn() {
      const worker = new Worker(path.join(import.meta.dirname, 'cpu-thread.js'));
      return {
        post: (message) => worker.postMessage(message),
        listen(ready, failed) {
          worker.on('message', ready);
          worker.on('error', (error) => failed(String(error)));
          worker.on('exit', () => failed('ended'));
        },
        terminate: () => void worker.terminate(),
      };
    },
  };
}

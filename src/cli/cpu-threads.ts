// Starts further threads of the CPU engine in Node: the command line's own script again, which then serves as a thread.

import { Worker } from 'node:worker_threads';
import type { CpuThreads } from '../engines/cpu/team.ts';

/** @param count threads apart from this one; undefined where there are none */
export function nodeThreads(count: number): CpuThreads | undefined {
  const script = process.argv[1];
  if (count < 1 || script === undefined) return undefined;
  return {
    count,
    spawn() {
      const worker = new Worker(script);
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

// "Medir este equipo": the bench's worker, started on a click.

import { startBench, type BenchRun } from '../../../wire/bench-client.ts';
import type { BenchFigures, BenchOrder, BenchProgress } from '../../../wire/bench-protocol.ts';
import benchWorkerUrl from '../../../threads/engine-bench.ts?worker&url';
import { scriptURL } from '../../kit/trusted.ts';
import { startThread } from './engine-threads.ts';

export const measureMachine = (order: BenchOrder, onProgress: (progress: BenchProgress) => void): BenchRun =>
  startBench(
    () => {
      const worker = new Worker(scriptURL(benchWorkerUrl), { type: 'module', name: 'bench' });
      worker.addEventListener('message', ({ ports: [port] }) => port && startThread(worker, port));
      return worker;
    },
    order,
    onProgress,
  );

/** What is kept of a measurement: all figures, the machine as far as a browser tells, no word of the person's. */
export interface SavedBench {
  date: string;
  browser: string;
  processors: number;
  /** Gigabytes, rounded by the browser and never above 8; null where it does not tell. */
  memory: number | null;
  /** Bytes of JavaScript in page and workers with the model loaded; null where the browser does not tell. */
  javaScriptBytes: number | null;
  figures: BenchFigures;
}

/** Gigabytes, as far as the browser tells. */
export const deviceMemory = (): number | null =>
  (navigator as { deviceMemory?: number }).deviceMemory ?? null;

/** After a collection of garbage, which the browser chooses the time of: may take long, null where it is not offered. */
export async function javaScriptBytes(): Promise<number | null> {
  const memory = performance as { measureUserAgentSpecificMemory?: () => Promise<{ bytes: number }> };
  try {
    return (await memory.measureUserAgentSpecificMemory?.())?.bytes ?? null;
  } catch {
    return null; // a page that is not isolated
  }
}

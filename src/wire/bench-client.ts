// The page's hand on the bench's worker.

import { EngineError } from '../failures.ts';
import type { BenchCalls, BenchFigures, BenchOrder, BenchProgress } from './bench-protocol.ts';
import { createLink } from './link.ts';

export interface BenchRun {
  /** Rejects with the engines' reasons, "engine-busy" while another tab has a model loaded, and "aborted" once stopped. */
  figures: Promise<BenchFigures>;
  /** At once, whatever the GPU is at: the worker ends, and what it held with it. */
  stop(): void;
}

/** @param spawn as of `createEngineClient`; one worker a run, which ends with it */
export function startBench(
  spawn: () => Worker,
  order: BenchOrder,
  onProgress: (progress: BenchProgress) => void,
): BenchRun {
  const link = createLink<BenchCalls>(spawn);
  let stopped = false;
  const run = async (): Promise<BenchFigures> => {
    try {
      return await link.calls.bench(order, {
        onProgress: (progress) => {
          if (!stopped) onProgress(progress);
        },
      });
    } catch (error) {
      throw stopped ? new EngineError('aborted', 'the measurement was stopped', {}, error) : error;
    } finally {
      link.dispose();
    }
  };
  return {
    figures: run(),
    stop() {
      stopped = true;
      link.dispose();
    },
  };
}

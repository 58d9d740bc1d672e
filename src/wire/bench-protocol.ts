// What the page and the bench's worker say to each other: a worker of its own, so that stopping is ending it.

import type { AdapterInfo, EngineInfo } from '../engine.ts';
import type { Job } from './calls.ts';

export interface BenchOrder {
  modelId: string;
  /** Tokens of the prompts. */
  contexts: number[];
  /** Tokens of each answer. */
  tokens: number;
  repetitions: number;
  /** No repetition of a context begins after so many seconds. */
  seconds: number;
}

export interface BenchCalls {
  /** Rejects with the engines' reasons, and with "engine-busy" while another tab has a model loaded. */
  bench(
    order: BenchOrder,
    job: Job<{ onProgress: (progress: BenchProgress) => void }>,
  ): Promise<BenchFigures>;
}

/** Loading counts bytes, all else the bench's own steps. */
export interface BenchProgress {
  at: 'loading' | 'bandwidth' | 'warm-up' | 'counting' | 'yardstick' | 'repetition' | 'processor' | 'kernels';
  context?: number;
  done: number;
  total: number;
}

interface Spread {
  median: number;
  min: number;
  max: number;
  count: number;
}

/** The part of engines/bench's result that the page shows; what is saved has all of it. */
export interface BenchFigures {
  engine: EngineInfo['engine'];
  modelId: string;
  adapter: AdapterInfo;
  tokens: number;
  contexts: {
    context: number;
    prefillTokensPerSecond: Spread;
    decodeTokensPerSecond: Spread;
    timeToFirstToken: Spread;
    bytesPerToken?: number;
    bandwidthShare?: number;
  }[];
  copyBandwidth?: number;
  gpuMemory?: { peak: number; budget: number };
  loadSeconds: number;
}

// A measurement of this machine: none -> running -> done | failed; stopping goes back to none.

import type { EngineError } from '../../../failures.ts';
import type { BenchRun } from '../../../wire/bench-client.ts';
import type { BenchOrder, BenchProgress } from '../../../wire/bench-protocol.ts';
import { asEngineError } from '../../kit/faults.ts';
import type { SavedBench } from './start-bench.ts';

export type BenchState =
  | { kind: 'none' }
  | { kind: 'running'; progress: BenchProgress | null; since: number }
  | { kind: 'done'; saved: SavedBench }
  | { kind: 'failed'; error: EngineError };

export interface BenchTools {
  /** Frees the memory that the measurement needs. */
  unload: () => Promise<void>;
  measure: (order: BenchOrder, onProgress: (progress: BenchProgress) => void) => BenchRun;
  javaScriptBytes: () => Promise<number | null>;
  describe: () => Pick<SavedBench, 'date' | 'browser' | 'processors' | 'memory'>;
  now: () => number;
}

/** How long a finished measurement waits for what the browser says of JavaScript's memory. */
const MEMORY_WAIT_MS = 2000;

export class Bench {
  state = $state.raw<BenchState>({ kind: 'none' });
  private readonly tools: BenchTools;
  private run: BenchRun | null = null;
  private runs = 0;

  constructor(tools: BenchTools) {
    this.tools = tools;
  }

  async start(order: BenchOrder): Promise<void> {
    if (this.state.kind === 'running') return;
    const number = ++this.runs;
    const since = this.tools.now();
    this.state = { kind: 'running', progress: null, since };
    let memory: Promise<number | null> | null = null;
    try {
      await this.tools.unload();
      if (number !== this.runs) return;
      const run = this.tools.measure(order, (progress) => {
        if (number !== this.runs) return;
        // Asked once the model is loaded and nothing large is on its way.
        if (progress.at === 'repetition') memory ??= this.tools.javaScriptBytes();
        this.state = { kind: 'running', progress, since };
      });
      this.run = run;
      const figures = await run.figures;
      const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), MEMORY_WAIT_MS));
      const javaScriptBytes = await Promise.race([memory ?? late, late]);
      if (number !== this.runs) return;
      this.state = { kind: 'done', saved: { ...this.tools.describe(), javaScriptBytes, figures } };
    } catch (error) {
      if (number === this.runs) this.state = { kind: 'failed', error: asEngineError(error) };
    }
  }

  /** Nothing of the stopped run is shown any more. */
  stop(): void {
    this.runs++;
    this.run?.stop();
    this.run = null;
    if (this.state.kind === 'running') this.state = { kind: 'none' };
  }
}

import { expect, it, vi } from 'vitest';
import { EngineError } from '../../../failures.ts';
import type { BenchFigures, BenchProgress } from '../../../wire/bench-protocol.ts';
import { Bench, type BenchTools } from './bench.svelte.ts';

const figures = { modelId: 'm', contexts: [] } as unknown as BenchFigures;
const order = { modelId: 'm', contexts: [64], tokens: 8, repetitions: 2, seconds: 9 };
const step = (at: BenchProgress['at'], done: number): BenchProgress => ({ at, done, total: 4 });

function tools() {
  const said: ((progress: BenchProgress) => void)[] = [];
  const settle: { resolve: (figures: BenchFigures) => void; reject: (error: unknown) => void }[] = [];
  const stop = vi.fn();
  const unload = vi.fn(() => Promise.resolve());
  const given: BenchTools = {
    unload,
    measure(_, onProgress) {
      said.push(onProgress);
      return {
        figures: new Promise((resolve, reject) => settle.push({ resolve, reject })),
        stop,
      };
    },
    javaScriptBytes: () => Promise.resolve(5e6),
    describe: () => ({ date: '2026-01-31', browser: 'b', processors: 4, memory: 8 }),
    now: () => 0,
  };
  return { given, said, settle, stop, unload };
}

it('frees the loaded model, tells its steps, keeps the figures with the machine', async () => {
  const { given, said, settle, unload } = tools();
  const bench = new Bench(given);
  const done = bench.start(order);
  await vi.waitFor(() => expect(said).toHaveLength(1));
  expect(unload).toHaveBeenCalledOnce();
  said[0]?.(step('repetition', 2));
  expect(bench.state).toMatchObject({ kind: 'running', progress: { done: 2 } });
  settle[0]?.resolve(figures);
  await done;
  expect(bench.state).toEqual({
    kind: 'done',
    saved: { date: '2026-01-31', browser: 'b', processors: 4, memory: 8, javaScriptBytes: 5e6, figures },
  });
});

it('shows nothing of a stopped run, and says why one failed', async () => {
  const { given, said, settle, stop } = tools();
  const bench = new Bench(given);
  const first = bench.start(order);
  await vi.waitFor(() => expect(said).toHaveLength(1));
  bench.stop();
  expect(stop).toHaveBeenCalledOnce();
  expect(bench.state).toEqual({ kind: 'none' });
  const second = bench.start(order);
  await vi.waitFor(() => expect(said).toHaveLength(2));
  said[0]?.(step('repetition', 3));
  settle[0]?.reject(new EngineError('aborted', 'stopped'));
  await first;
  expect(bench.state).toMatchObject({ kind: 'running', progress: null });
  settle[1]?.reject(new EngineError('engine-busy', 'another tab'));
  await second;
  expect(bench.state).toMatchObject({ kind: 'failed', error: { reason: 'engine-busy' } });
});

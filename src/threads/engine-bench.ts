// The bench's worker: the engines of the engine's worker on the same stored weights, under the same policy (its file's name
// begins alike). It never sees what people write. Composition only.

import { EngineError } from '../failures.ts';
import { bench } from '../engines/bench/bench.ts';
import { endlessSource } from '../engines/bench/endless.ts';
import { findDevice, openEngine } from '../engines/open.ts';
import { openShards } from '../storage/shards.ts';
import { storedModel } from '../storage/stored-model.ts';
import type { BenchCalls, BenchFigures, BenchOrder, BenchProgress } from '../wire/bench-protocol.ts';
import { browserThreads } from './cpu-threads.ts';
import { engineLock } from './engine-lock.ts';
import { serveCalls } from '../wire/serve.ts';

const { gpu, locks } = navigator as { gpu?: GPU; locks?: LockManager };
const store = openShards();
// Whoever takes the engine over meanwhile gets it; the figures of this run are then those of a busy machine.
const lock = engineLock(locks, () => undefined);

async function measure(
  { modelId, contexts, tokens, repetitions, seconds }: BenchOrder,
  say: (progress: BenchProgress) => void,
): Promise<BenchFigures> {
  const { state } = await store.status(modelId);
  if (state !== 'ready') {
    throw new EngineError('model-not-stored', `${modelId} is ${state}`, { model: modelId, state });
  }
  await lock.acquire(false);
  const began = performance.now();
  // Tuned as the app's engine is: what is measured is what answers.
  const { engine, gpu: onGpu } = await openEngine({
    source: await endlessSource(storedModel(modelId, store)),
    modelId,
    device: await findDevice(gpu),
    threads: browserThreads(),
    contextLength: Math.max(...contexts) + tokens,
    onProgress: (phase, done, total) => {
      if (phase === 'weights') say({ at: 'loading', done, total });
    },
  });
  const loadSeconds = (performance.now() - began) / 1000;
  const result = await bench(engine, onGpu, {
    contexts,
    tokens,
    repetitions,
    seconds,
    kernels: false,
    onProgress: say,
  });
  return { ...result, loadSeconds };
}

serveCalls<BenchCalls>(self, {
  bench: (order, { onProgress }) => measure(order, (progress) => onProgress?.(progress)),
});

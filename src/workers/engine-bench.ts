// The bench's worker: the engines of the engine's worker on the same stored weights, under the same policy (its file's name
// begins alike). It never sees what people write. Composition only.

import { EngineError } from '../engine.ts';
import { bench } from '../engines/bench/bench.ts';
import { endlessSource } from '../engines/bench/endless.ts';
import { createCpuEngine } from '../engines/cpu/engine.ts';
import { createWgslEngine } from '../engines/wgsl/engine.ts';
import { openShards } from '../storage/shards.ts';
import { storedModel } from '../storage/stored-model.ts';
import type { BenchFigures, BenchOrder, BenchProgress, BenchRequest } from './bench-protocol.ts';
import { browserThreads } from './cpu-threads.ts';
import { engineLock } from './engine-lock.ts';
import { findDevice } from './find-device.ts';
import { announceLife, serveRequests } from './serve.ts';

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
  const model = {
    source: await endlessSource(storedModel(modelId, store)),
    modelId,
    contextLength: Math.max(...contexts) + tokens,
    onProgress: (phase: string, done: number, total: number) => {
      if (phase === 'weights') say({ at: 'loading', done, total });
    },
  };
  const device = await findDevice(gpu);
  const threads = browserThreads();
  const wgsl = device && (await createWgslEngine({ ...model, device }));
  const engine = wgsl ?? (await createCpuEngine({ ...model, ...(threads && { threads }) }));
  const loadSeconds = (performance.now() - began) / 1000;
  const result = await bench(engine, wgsl && { engine: wgsl, device }, {
    contexts,
    tokens,
    repetitions,
    seconds,
    kernels: false,
    onProgress: say,
  });
  return { ...result, loadSeconds };
}

serveRequests<BenchRequest>(self, async ({ id, ...order }) => ({
  figures: await measure(order, (progress) => self.postMessage({ type: 'progress', id, progress })),
}));
announceLife(self);

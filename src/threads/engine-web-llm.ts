// The worker of the second engine, @mlc-ai/web-llm: the same promise as the first one's (its policy reaches nothing), a script of
// its own, because 6 MB are fetched only where somebody chose it. Composition only.

import { EngineError } from '../failures.ts';
import { createWebLlmEngine } from '../engines/web-llm/engine.ts';
import { libraryAmong } from '../engines/web-llm/library.ts';
import { probeGpu } from '../gpu/probe.ts';
import { openShards } from '../storage/shards.ts';
import { storedModel } from '../storage/stored-model.ts';
import { enforced } from './canary.ts';
import { ownDoors } from './own-doors.ts';
import { serveEngine } from './engine-server.ts';
import type { LoadedModel, LoadOrder } from './engine-server.ts';

const { gpu, locks } = navigator as { gpu?: GPU; locks?: LockManager };
const store = openShards();
const doors = ownDoors();

async function load({ modelId, contextLength, onProgress, signal }: LoadOrder): Promise<LoadedModel> {
  const { state, files } = await store.status(modelId);
  if (state !== 'ready') {
    throw new EngineError('model-not-stored', `${modelId} is ${state}`, { model: modelId, state });
  }
  if (!gpu) throw new EngineError('webgpu-missing', 'this browser has no WebGPU');
  const engine = await createWebLlmEngine({
    source: storedModel(modelId, store),
    library: libraryAmong(files.map(({ path }) => path)),
    modelId,
    gpu,
    ...(contextLength === undefined ? {} : { contextLength }),
    onProgress,
    signal,
  });
  return { engine, close: () => engine.dispose() };
}

serveEngine(
  self,
  {
    probe: async () => ({
      ...(await probeGpu(gpu)),
      cpuBytesPerSecond: null,
      networkBlocked: enforced(await doors),
      doors: await doors,
    }),
    load,
  },
  locks,
);

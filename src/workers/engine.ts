// The engine's worker: sees what people write and the weights, and must not reach the network. Composition only.

import { EngineError } from '../engine.ts';
import type { Engine } from '../engine.ts';
import { createWgslEngine } from '../engines/wgsl/engine.ts';
import { openDevice } from '../gpu/device.ts';
import { openShards } from '../storage/shards.ts';
import { storedModel } from '../storage/stored-model.ts';
import { networkBlocked } from './canary.ts';
import { serveEngine } from './engine-server.ts';
import type { LoadOrder } from './engine-server.ts';
import { probeGpu } from './probe.ts';

// `navigator.gpu` and `locks` are typed as always there; in browsers without them, or on plain http, they are not.
const { gpu, locks } = navigator as { gpu?: GPU; locks?: LockManager };
const store = openShards();

// Once, at the start, and never while somebody writes.
const blocked = networkBlocked((url, init) => fetch(url, init), location.href);

async function load({ modelId, contextLength, onProgress, signal }: LoadOrder): Promise<Engine> {
  if (!gpu) throw new EngineError('webgpu-missing', 'this browser has no WebGPU');
  const { state } = await store.status(modelId);
  if (state !== 'ready') {
    throw new EngineError('model-not-stored', `${modelId} is ${state}`, { model: modelId, state });
  }
  const device = await openDevice(gpu, { limits: 'adapter', powerPreference: 'high-performance' });
  try {
    const engine = await createWgslEngine({
      source: storedModel(modelId, store),
      device,
      modelId,
      ...(contextLength === undefined ? {} : { contextLength }),
      onProgress,
      signal,
    });
    return {
      get info() {
        return engine.info;
      },
      lost: engine.lost,
      encodeChat: (messages) => engine.encodeChat(messages),
      encode: (text) => engine.encode(text),
      decode: (tokens) => engine.decode(tokens),
      createSession: () => engine.createSession(),
      dispose() {
        engine.dispose();
        device.close(); // opened for this model alone
      },
    };
  } catch (error) {
    device.close();
    throw error;
  }
}

serveEngine(
  self,
  { probe: async () => ({ ...(await probeGpu(gpu)), networkBlocked: await blocked }), load },
  locks,
);

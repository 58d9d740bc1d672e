// Our own engine: MLC shards to GPU buffers, WGSL kernels, no compiled model library.

import { EngineError } from '../../engine.ts';
import type { Engine } from '../../engine.ts';
import { openModelDirectory } from '../../format/model-directory.ts';
import type { ShardSource } from '../../format/shard-source.ts';
import type { Counters } from '../../gpu/counters.ts';
import type { Device } from '../../gpu/device.ts';
import type { CacheBits } from '../../gpu/kernels/attention.ts';
import { loadModelText } from '../model-text.ts';
import { neededWeightBytes, readWeightBytes } from './accounting.ts';
import { autotune } from './autotune.ts';
import type { TuneOptions, TuneResult } from './autotune.ts';
import type { Model } from './decode-graph.ts';
import { compileBatchPipelines, compilePipelines } from './pipelines.ts';
import { planModel } from './plan.ts';
import type { ModelPlan } from './plan.ts';
import { createWgslSession } from './session.ts';
import type { WgslSession } from './session.ts';
import { DEFAULT_TUNING, tuningMissing } from './tuning.ts';
import type { EngineTuning } from './tuning.ts';
import { loadWeights } from './weights.ts';
import { createWorkspace } from './workspace.ts';

export interface WgslEngineOptions {
  source: ShardSource;
  device: Device;
  modelId: string;
  /** Tokens; at most the model's. Without it, as many as model and device allow up to 8,192. */
  contextLength?: number;
  /** Of an element of keys and values: 16, or 8 for little more than half the memory at a loss that CACHE_BAR bounds. */
  cacheBits?: CacheBits;
  /** Variants and knobs of the products; without it those that every device can run. */
  tuning?: EngineTuning;
  /** `weights` counts bytes, `pipelines` pipelines. */
  onProgress?: (phase: 'weights' | 'pipelines', done: number, total: number) => void;
  signal?: AbortSignal;
}

export interface WgslEngine extends Engine {
  /** The device's, live: read before and after, `countersSince` gives the difference. */
  readonly counters: Readonly<Counters>;
  readonly plan: ModelPlan;
  /** Bytes of weights that the dispatches of one token read: counted from what they bind. */
  readonly weightBytesPerToken: number;
  /** Bytes on disk that a token needs: every matrix and norm once, one row of an untied embedding. */
  readonly quantizedWeightBytes: number;
  /** Bytes on disk of all tensors: what the GPU holds of them is the same, but for padding. */
  readonly storedWeightBytes: number;
  createSession(): WgslSession;
  /**
   * Chooses variants and knobs for this device by timing the loaded model, and goes on with them. Nothing else may run on the
   * engine meanwhile; sessions keep what they hold.
   */
  tune(options?: TuneOptions): Promise<TuneResult>;
}

/**
 * Loads a model directory onto the device. The device stays the caller's: `dispose` frees what the engine made, no more.
 * Throws EngineError: what the directory's readers throw, "limit-too-low", "out-of-memory", "device-lost",
 * "tensor-not-finite"; and the signal's reason when aborted. Nothing stays allocated then.
 */
export async function createWgslEngine(options: WgslEngineOptions): Promise<WgslEngine> {
  const { source, device, modelId, contextLength, cacheBits, signal } = options;
  device.check();
  const directory = await openModelDirectory(source);
  const text = await loadModelText(source, directory.config.vocabSize);
  const plan = planModel(directory.config, directory.scheme, device.limits, contextLength, cacheBits);
  const tuning = options.tuning ?? DEFAULT_TUNING;
  const missing = tuningMissing(tuning, plan.format, device);
  if (missing !== null) throw new EngineError('internal', `The tuning does not fit: ${missing}`);
  signal?.throwIfAborted();
  const onProgress = options.onProgress ?? (() => undefined);

  // Pipelines compile while weights load; whichever fails, the other is waited for, so that nothing is left running.
  const [compiled, loaded, prepared] = await Promise.allSettled([
    compilePipelines(device, plan, tuning, (done, total) => onProgress('pipelines', done, total)),
    loadWeights(device, directory, plan, {
      signal,
      onBytes: (done, total) => onProgress('weights', done, total),
    }),
    createWorkspace(device, plan),
  ]);
  const free = () => {
    if (loaded.status === 'fulfilled') loaded.value.dispose();
    if (prepared.status === 'fulfilled') prepared.value.dispose();
  };
  if (loaded.status === 'rejected' || compiled.status === 'rejected' || prepared.status === 'rejected') {
    free();
    const failed = [loaded, compiled, prepared].find((part) => part.status === 'rejected');
    throw failed?.reason;
  }
  if (signal?.aborted) {
    free();
    throw signal.reason;
  }

  let current = tuning;
  const model: Model = {
    device,
    plan,
    pipelines: compiled.value,
    batchPipelines: () => compileBatchPipelines(device, plan, current),
    weights: loaded.value,
    work: prepared.value,
  };
  const sessions = new Set<WgslSession>();
  let disposed = false;

  return {
    get info() {
      return {
        engine: 'wgsl' as const,
        modelId,
        contextLength: plan.contextLength,
        vocabSize: plan.config.vocabSize,
        adapter: device.info,
        gpuBytes: device.counters.gpuBytes,
      };
    },
    counters: device.counters,
    plan,
    weightBytesPerToken: readWeightBytes(plan),
    quantizedWeightBytes: neededWeightBytes(directory, plan),
    storedWeightBytes: [...directory.tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0),
    lost: device.lost,
    encodeChat: (messages, begun) => text.encodeChat(messages, begun),
    encode: (string) => text.encode(string),
    decode: (tokens) => text.decode(tokens),
    vocabulary: () => ({ ...text.spelled(), stopTokens: directory.stopTokenIds }),
    createSession() {
      if (disposed) throw new EngineError('internal', 'The engine was disposed of');
      const session = createWgslSession(model, text, directory.stopTokenIds);
      sessions.add(session);
      return session;
    },
    async tune(tuneOptions = {}) {
      const base = await compilePipelines(device, plan);
      const result = await autotune({ ...model, pipelines: base }, tuneOptions);
      model.pipelines = await compilePipelines(device, plan, result.tuning);
      current = result.tuning;
      return result;
    },
    dispose() {
      disposed = true;
      sessions.forEach((session) => session.dispose());
      sessions.clear();
      free();
    },
  };
}

// Our own engine: MLC shards to GPU buffers, WGSL kernels, no compiled model library.

import { EngineError } from '../../failures.ts';
import type { Engine, TuneReport } from '../../engine.ts';
import { openModelDirectory } from '../../format/model-directory.ts';
import type { ShardSource } from '../../format/shard-source.ts';
import type { Counters } from '../../gpu/counters.ts';
import type { Device } from '../../gpu/device.ts';
import type { CacheBits } from '../../gpu/kernels/attention.ts';
import { largestContext } from '../context-trial.ts';
import type { Tried } from '../context-trial.ts';
import { answerEnds, loadModelText } from '../model-text.ts';
import { ownSession, prefixReuse } from '../own-session.ts';
import { neededWeightBytes, readWeightBytes } from './accounting.ts';
import { autotune, reportOf } from './autotune.ts';
import type { TuneOptions, TuneResult } from './autotune.ts';
import type { Model } from './decode-graph.ts';
import { createKVCache, prefixLayout } from './kv-cache.ts';
import { compileBatchPipelines, compilePipelines } from './pipelines.ts';
import { planModel } from './plan.ts';
import type { ModelPlan } from './plan.ts';
import { prefillPace } from './prefill-pace.ts';
import { createMutex } from '../mutex.ts';
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
  /**
   * Where memory or the device's limits do not take the context: half of it is tried, and so on, down to this many tokens
   * (`info.contextCut` says so). Left out: nothing is tried, and the context's memory is asked for as it fills.
   */
  contextLeast?: number;
  /** Of an element of keys and values: 16, or 8 for little more than half the memory at a loss that CACHE_BAR bounds. */
  cacheBits?: CacheBits;
  /** Variants and knobs of the products; without it those that every device can run. */
  tuning?: EngineTuning;
  /** `weights` counts bytes, `pipelines` pipelines. */
  onProgress?: (phase: 'weights' | 'pipelines', done: number, total: number) => void;
  /** Called after each tuning, before it is reported: keeps what was found. */
  onTuned?: (result: TuneResult) => Promise<void>;
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
  /** As the capability `tune`, with options and all that was found. Sessions keep what they hold. */
  tune(options?: TuneOptions): Promise<TuneResult>;
}

/**
 * Loads a model directory onto the device. The device stays the caller's: `dispose` frees what the engine made, no more.
 * Throws EngineError: what the directory's readers throw, "limit-too-low", "out-of-memory", "device-lost",
 * "tensor-not-finite"; and the signal's reason when aborted. Nothing stays allocated then.
 */
export async function createWgslEngine(options: WgslEngineOptions): Promise<WgslEngine> {
  const { source, device, modelId, cacheBits, contextLeast, signal } = options;
  device.check();
  const directory = await openModelDirectory(source);
  const text = await loadModelText(source, directory.config.vocabSize);
  const ends = answerEnds(directory, text);
  const planFor = (contextLength?: number) =>
    planModel(directory.config, directory.scheme, device.limits, contextLength, cacheBits);
  const wished =
    options.contextLength && Math.min(options.contextLength, directory.config.maxPositionEmbeddings);
  const planned: Tried<ModelPlan> =
    wished === undefined || contextLeast === undefined
      ? { made: planFor(options.contextLength) }
      : await largestContext(wished, contextLeast, planFor);
  let { made: plan, cut } = planned;
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
  if (loaded.status === 'rejected' || compiled.status === 'rejected' || prepared.status === 'rejected') {
    if (loaded.status === 'fulfilled') loaded.value.dispose();
    if (prepared.status === 'fulfilled') prepared.value.dispose();
    const failed = [loaded, compiled, prepared].find((part) => part.status === 'rejected');
    throw failed?.reason;
  }
  let work = prepared.value;
  const free = () => {
    loaded.value.dispose();
    work.dispose();
  };
  try {
    signal?.throwIfAborted();
    if (contextLeast !== undefined) {
      // With everything else in its place: is there memory for the whole context, too?
      const tried = await largestContext(plan.contextLength, contextLeast, async (contextLength) => {
        const smaller = planFor(contextLength);
        const cache = createKVCache(device, smaller);
        await cache.reserve(contextLength);
        cache.dispose();
        return smaller;
      });
      if (tried.cut) {
        cut ??= tried.cut;
        plan = tried.made;
        const smaller = await createWorkspace(device, plan);
        work.dispose();
        work = smaller;
      }
    }
    signal?.throwIfAborted();
  } catch (error) {
    free();
    throw error;
  }

  let current = tuning;
  const model: Model = {
    device,
    plan,
    pipelines: compiled.value,
    batchPipelines: () => compileBatchPipelines(device, plan, current),
    weights: loaded.value,
    work,
    prefillPace: prefillPace(plan.layers.length, plan.prefillTokens),
    workMutex: createMutex(),
  };
  const sessions = new Set<WgslSession>();
  let disposed = false;

  async function tune(tuneOptions: TuneOptions = {}): Promise<TuneResult> {
    const base = await compilePipelines(device, plan);
    const result = await autotune({ ...model, pipelines: base }, tuneOptions);
    model.pipelines = await compilePipelines(device, plan, result.tuning);
    current = result.tuning;
    await options.onTuned?.(result);
    return result;
  }

  return {
    get info() {
      return {
        engine: 'wgsl' as const,
        modelId,
        contextLength: plan.contextLength,
        ...(cut && { contextCut: cut }),
        vocabSize: plan.config.vocabSize,
        adapter: device.info,
        gpuBytes: device.counters.gpuBytes,
      };
    },
    counters: device.counters,
    plan,
    capabilities: {
      prefix: prefixReuse(sessions, {
        layout: prefixLayout(plan),
        export: async (session, count) => ownSession(sessions, session).exportPrefix(count),
        import: async (session, tokens, bytes) => ownSession(sessions, session).importPrefix(tokens, bytes),
      }),
      get tools() {
        return text.toolFormat();
      },
      tune: async (tuneSignal): Promise<TuneReport> =>
        reportOf(await tune(tuneSignal && { signal: tuneSignal })),
    },
    weightBytesPerToken: readWeightBytes(plan),
    quantizedWeightBytes: neededWeightBytes(directory, plan),
    storedWeightBytes: [...directory.tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0),
    lost: device.lost,
    encodeChat: (messages, begun, tools) => text.encodeChat(messages, begun, tools),
    encode: (string) => text.encode(string),
    decode: (tokens) => text.decode(tokens),
    vocabulary: () => ({ ...text.spelled(), stopTokens: ends.ids }),
    createSession() {
      if (disposed) throw new EngineError('internal', 'The engine was disposed of');
      const session = createWgslSession(model, text, ends);
      sessions.add(session);
      return session;
    },
    tune,
    dispose() {
      disposed = true;
      sessions.forEach((session) => session.dispose());
      sessions.clear();
      free();
    },
  };
}

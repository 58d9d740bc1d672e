// The engine for machines without WebGPU: the same shards, WebAssembly SIMD, one memory for weights, work and cache.

import { EngineError } from '../../failures.ts';
import type { Engine } from '../../engine.ts';
import { openModelDirectory } from '../../format/model-directory.ts';
import type { ShardSource } from '../../format/shard-source.ts';
import { largestContext } from '../context-trial.ts';
import type { Tried } from '../context-trial.ts';
import { answerEnds, loadModelText } from '../model-text.ts';
import { prefixReuse } from '../own-session.ts';
import { createForward } from './forward.ts';
import { compileKernels, createMemory, instantiateKernels, MAX_MEMORY_BYTES, PAGE_BYTES } from './kernels.ts';
import { memoryBytes, planMemory, type CpuPlan } from './layout.ts';
import { createCpuSession, type CpuModel, type CpuSession } from './session.ts';
import { lead, seatAt, startThreads, threadsFor, type CpuThreads } from './team.ts';
import { loadWeights, stagingBytes } from './weights.ts';

export interface CpuEngineOptions {
  source: ShardSource;
  modelId: string;
  /** Tokens; at most the model's. Without it, as many as model and memory allow up to 4,096. */
  contextLength?: number;
  /** As the GPU engine's: half the context is tried where it does not fit, down to this many tokens. */
  contextLeast?: number;
  /** Left out, everything runs on the caller's thread. Needs SharedArrayBuffer, and a caller that may block (no page). */
  threads?: CpuThreads;
  /** `weights` counts bytes. */
  onProgress?: (phase: 'weights', done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Hands out the sessions' regions, lowest first; the memory grows when another is needed. */
function regions(plan: CpuPlan, memory: WebAssembly.Memory) {
  const free: number[] = [];
  let next = plan.sessions;
  return {
    take(): number {
      const again = free.pop();
      if (again !== undefined) return again;
      const end = next + plan.session.bytes;
      const missing = Math.ceil((end - memory.buffer.byteLength) / PAGE_BYTES);
      try {
        if (end > MAX_MEMORY_BYTES) throw new RangeError('beyond 4 GiB');
        if (missing > 0) memory.grow(missing);
      } catch (cause) {
        throw new EngineError(
          'out-of-memory',
          `No memory for another session of ${plan.session.bytes} bytes`,
          { bytes: plan.session.bytes },
          cause,
        );
      }
      next = end;
      return end - plan.session.bytes;
    },
    give(region: number): void {
      free.push(region);
    },
  };
}

/**
 * Loads a model directory into WebAssembly memory. Throws EngineError: what the directory's readers throw,
 * "wasm-simd-missing", "model-over-4gb", "out-of-memory", "tensor-not-finite", "worker-gone"; and the signal's reason when aborted.
 */
export async function createCpuEngine(options: CpuEngineOptions): Promise<Engine> {
  const { source, modelId, contextLength, contextLeast, signal, onProgress } = options;
  const directory = await openModelDirectory(source);
  const { threads } = options;
  const weightBytes = [...directory.tensors.values()].reduce((sum, tensor) => sum + tensor.byteLength, 0);
  const count = threadsFor(threads, weightBytes);
  const shared = count > 1;
  const module = await compileKernels(shared);
  const text = await loadModelText(source, directory.config.vocabSize);
  const ends = answerEnds(directory, text);
  signal?.throwIfAborted();
  const layOut = (tokens?: number) => {
    const laid = planMemory(directory.config, directory.scheme, tokens, count);
    // Weights are staged where the first session's cache will be.
    const bytes = Math.max(memoryBytes(laid), laid.sessions + stagingBytes(laid));
    return { plan: laid, memory: createMemory(bytes, shared) };
  };
  const wished = () =>
    contextLength === undefined
      ? planMemory(directory.config, directory.scheme, undefined, count).contextLength
      : Math.min(contextLength, directory.config.maxPositionEmbeddings);
  const { made, cut }: Tried<ReturnType<typeof layOut>> =
    contextLeast === undefined
      ? { made: layOut(contextLength) }
      : await largestContext(wished(), contextLeast, layOut);
  const { plan, memory } = made;
  const kernels = await instantiateKernels(module, memory);
  await loadWeights(directory, plan, kernels, memory, plan.sessions, {
    signal,
    onBytes: (done, total) => onProgress?.('weights', done, total),
  });

  let disposed = false;
  let lose: (error: EngineError) => void = () => undefined;
  const lost = new Promise<EngineError>((resolve) => (lose = resolve));
  let links =
    threads && shared
      ? await startThreads(threads, { module, memory, plan }, (error) => {
          if (!disposed) lose(error);
        })
      : [];
  // One reference, so that disposing of the engine lets the memory go even where the engine itself is still held.
  let model: CpuModel | undefined = {
    plan,
    memory,
    forward: lead(plan, memory, createForward(plan, kernels, memory, seatAt(plan, memory, 0))),
  };
  let { take, give } = regions(plan, memory);
  const sessions = new Set<CpuSession>();

  return {
    get info() {
      return {
        engine: 'cpu' as const,
        modelId,
        contextLength: plan.contextLength,
        ...(cut && { contextCut: cut }),
        vocabSize: plan.config.vocabSize,
        adapter: {
          vendor: 'cpu',
          architecture: 'wasm-simd',
          description: `WebAssembly SIMD, ${plan.threads} ${plan.threads === 1 ? 'thread' : 'threads'}`,
          features: ['simd128', ...(shared ? ['threads'] : [])],
        },
        gpuBytes: 0,
      };
    },
    capabilities: {
      prefix: prefixReuse(sessions),
      get tools() {
        return text.toolFormat();
      },
    },
    lost,
    encodeChat: (messages, begun, tools) => text.encodeChat(messages, begun, tools),
    encode: (string) => text.encode(string),
    decode: (tokens) => text.decode(tokens),
    vocabulary: () => ({ ...text.spelled(), stopTokens: ends.ids }),
    createSession() {
      if (!model) throw new EngineError('internal', 'The engine was disposed of');
      const region = take();
      const session = createCpuSession(model, text, ends, region, () => {
        sessions.delete(session);
        give(region);
      });
      sessions.add(session);
      return session;
    },
    dispose() {
      disposed = true;
      model = undefined;
      for (const link of links) link.terminate();
      links = [];
      for (const session of [...sessions]) session.dispose();
      take = () => 0;
      give = () => undefined;
    },
  };
}

// A session: its KV cache and the tokens that it holds, prefill by chunks, and the tokens that it draws.

import type { GenerateOptions, Session } from '../../engine.ts';
import { EngineError, failedBy } from '../../failures.ts';
import { readbackRing } from '../../gpu/readback.ts';
import { createExclusive } from '../exclusive.ts';
import { commonPrefix, generate } from '../generate.ts';
import type { Generator, StreamOrder, TokenStream as AnswerStream } from '../generate.ts';
import type { AnswerEnds, ModelText } from '../model-text.ts';
import { checkFits, checkTokens } from '../options.ts';
import { computesOnCpu } from '../software-adapter.ts';
import { buildBatchGraph } from './batch-graph.ts';
import type { BatchGraph } from './batch-graph.ts';
import { buildDecodeGraph } from './decode-graph.ts';
import type { DecodeGraph, Model } from './decode-graph.ts';
import { createKVCache } from './kv-cache.ts';
import type { KVCache } from './kv-cache.ts';
import { BATCH_TOKENS, cacheBytes, MAX_AHEAD, sessionBuffers, wholeCacheBytes } from './plan.ts';
import { buildPrefillGraph } from './prefill-graph.ts';
import type { PrefillGraph } from './prefill-graph.ts';
import { runPrefill } from './prefill-run.ts';
import { createSampler } from './sampler.ts';
import { constrainedStream, tokenStream } from './token-stream.ts';
import { createBuffers } from './workspace.ts';

/** A prompt's rest of so many tokens is decoded instead. */
const FEW_TOKENS = 2;

type SyncOptions = Pick<GenerateOptions, 'signal' | 'onPrefill'>;

export interface WgslSession extends Session {
  readonly disposed: boolean;
  /** As of `PrefixReuse` and `PrefixBytes`, for this session. */
  common(tokens: readonly number[]): number;
  copyFrom(from: WgslSession, count: number): Promise<void>;
  exportPrefix(count: number): Promise<Uint8Array<ArrayBuffer>>;
  importPrefix(tokens: readonly number[], bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** What `copyFrom` needs of another session. */
const insides = new WeakMap<WgslSession, { model: Model; cache: KVCache; held: () => readonly number[] }>();

export function createWgslSession(
  model: Model,
  text: Pick<ModelText, 'streamDecoder'>,
  ends: AnswerEnds,
): WgslSession {
  const { device, plan, work } = model;
  const { contextLength, config } = plan;
  const cache = createKVCache(device, plan);
  /** Tokens whose keys and values the cache holds. */
  let held: number[] = [];
  /** The logits in the buffer follow the token at this index of `held`, plus one; -1 where they follow none. */
  let logitsAt = -1;
  const exclusive = createExclusive();
  let disposed = false;
  let making: Promise<Made> | undefined;
  let made: Made | undefined;
  let builtWith = model.pipelines;
  let graphs: Graphs | undefined;

  interface Graphs {
    decode: DecodeGraph;
    prefill: PrefillGraph;
    /** Made when an answer is first guessed at. */
    batch?: BatchGraph;
  }

  type Made = Awaited<ReturnType<typeof make>>;
  /** Buffers of the session, on first use: `createSession` is synchronous, allocation is not. */
  async function make() {
    const buffers = await createBuffers(device, sessionBuffers(plan), (name) => {
      if (name.startsWith('readback')) return GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
      const uniform = name === 'chunk' || name === 'sampling';
      const kind = uniform ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
      // RoPE's kernel reads a batch's position from a uniform, the others from storage.
      const both = name === 'batch' ? GPUBufferUsage.UNIFORM : 0;
      return kind | both | GPUBufferUsage.COPY_DST;
    });
    const ring = readbackRing(device, [buffers.readbackA, buffers.readbackB, buffers.readbackC]);
    return { buffers, ring, sampler: createSampler(model, buffers) };
  }

  async function ready(): Promise<Made> {
    if (made !== undefined) return made;
    making ??= make();
    try {
      made = await making;
    } finally {
      making = undefined;
    }
    if (disposed) free();
    checkAlive();
    return made;
  }

  function free(): void {
    cache.dispose();
    held = [];
    logitsAt = -1;
    graphs = undefined;
    if (made !== undefined) Object.values(made.buffers).forEach((buffer) => device.destroyBuffer(buffer));
    made = undefined;
  }

  async function reserve(tokens: number): Promise<Graphs> {
    const { buffers } = await ready();
    try {
      if (await cache.reserve(tokens)) graphs = undefined;
    } catch (error) {
      held = [];
      logitsAt = -1;
      graphs = undefined;
      throw error;
    }
    // Another tuning: other pipelines, the same buffers.
    if (builtWith !== model.pipelines) graphs = undefined;
    builtWith = model.pipelines;
    if (disposed) {
      // In the middle of growing: what came after is given back too.
      free();
      checkAlive();
    }
    graphs ??= {
      decode: buildDecodeGraph(model, buffers, cache),
      prefill: buildPrefillGraph(model, buffers, cache),
    };
    return graphs;
  }

  async function prefill(
    tokens: readonly number[],
    capacity: number,
    options: SyncOptions,
  ): Promise<{ reused: number; prefilled: number }> {
    device.check();
    checkTokens(tokens, config.vocabSize);
    checkFits(tokens, contextLength);
    options.signal?.throwIfAborted();
    const { buffers } = await ready();
    const graphsNow = await reserve(capacity);
    const common = commonPrefix(held, tokens);
    if (common === tokens.length && logitsAt === common) {
      held.length = common;
      return { reused: common, prefilled: 0 };
    }
    // The last token is computed again even where it is held: its logits are wanted.
    const reused = Math.min(common, tokens.length - 1);
    held.length = reused;
    logitsAt = -1;
    for (let start = reused; start < tokens.length;) {
      if (tokens.length - start <= FEW_TOKENS) {
        // As in decoding: it reads the weights faster than tiles that would be nearly empty.
        for (; start < tokens.length; start++) {
          device.writeBuffer(buffers.state, 0, Uint32Array.of(start, tokens[start] ?? 0, 1, 0));
          device.submit('prefill', (commands) => commands.pass(graphsNow.decode.dispatches(start)));
        }
        await device.idle();
        checkAlive();
        held = [...tokens];
        logitsAt = held.length;
        options.onPrefill?.(tokens.length - reused, tokens.length - reused);
        break;
      }
      const chunk = tokens.slice(start, start + model.prefillPace.tokens(tokens.length - start));
      const last = start + chunk.length === tokens.length;
      const [from, total] = [start - reused, tokens.length - reused];
      await runPrefill(
        model,
        graphsNow,
        buffers,
        { start, tokens: chunk, logits: last },
        {
          signal: options.signal,
          onTokens: (done) => {
            if (done < chunk.length) options.onPrefill?.(from + done, total);
          },
        },
      );
      checkAlive();
      held.push(...chunk);
      start += chunk.length;
      if (last) logitsAt = held.length;
      options.onPrefill?.(start - reused, total);
      if (!last) options.signal?.throwIfAborted();
    }
    return { reused, prefilled: tokens.length - reused };
  }

  function checkAlive(): void {
    device.check();
    if (disposed) throw new EngineError('internal', 'The session was disposed of');
  }

  /** Draws what follows the prompt; guesses where that may pay. */
  async function stream(order: StreamOrder): Promise<AnswerStream> {
    const { prompt, limit, logprobs, allowed, aborted, speculation } = order;
    const { buffers, ring, sampler: sampling } = await ready();
    const now = await reserve(prompt.length);
    const { decode } = now;
    const batchGraph = async () =>
      (now.batch ??= buildBatchGraph(model, await model.batchPipelines(), buffers, cache));
    await sampling.begin(order.sampler, prompt, { constrained: allowed !== undefined, logprobs });
    checkAlive();
    logitsAt = -1;
    const forward = (index: number) => decode.dispatches(prompt.length + index);
    const parts = { device, ring, buffers, sampler: sampling, limit, logprobs, aborted, forward };
    // Where the adapter is the processor, a batch costs nearly what its tokens do one by one: not worth its compilation.
    const worthwhile = speculation === 'always' || (speculation === 'auto' && !computesOnCpu(device.info));
    const guessing = worthwhile &&
      sampling.restorable &&
      limit > 2 && {
        workMutex: model.workMutex,
        graph: batchGraph,
        rows: Array.from({ length: BATCH_TOKENS }, (_, row) => ({
          buffer: work.batchLogits,
          offset: row * plan.strides.logits * 4,
          size: config.vocabSize * 4,
        })),
        prompt,
        always: speculation === 'always',
        counts: order.guessed,
      };
    const tokens = allowed
      ? constrainedStream(parts, allowed)
      : tokenStream(parts, order.mayCut ? 1 : MAX_AHEAD, guessing || undefined);
    const known: number[] = [];
    return {
      async next() {
        const drawn = await tokens.next();
        checkAlive();
        known.push(drawn.id);
        return drawn;
      },
      async end() {
        const passed = await tokens.end();
        // What ran ahead is unknown, and so is not held: the next answer overwrites it.
        if (made !== undefined) held.push(...known.slice(0, passed));
      },
    };
  }

  /** One call at a time. */
  const exclusively = async <T>(call: () => Promise<T>): Promise<T> => {
    checkAlive();
    return exclusive.run(async () => {
      try {
        return await call();
      } catch (error) {
        if (disposed && !failedBy(error, 'device-lost')) checkAlive();
        throw error;
      }
    });
  };

  const generator: Generator = {
    contextLength,
    vocabSize: config.vocabSize,
    get position() {
      return held.length;
    },
    check: checkAlive,
    prefill,
    stream,
  };

  const session: WgslSession = {
    get position() {
      return held.length;
    },
    get disposed() {
      return disposed;
    },
    get bytes() {
      const own = Object.values(made?.buffers ?? {}).reduce((sum, { size }) => sum + size, 0);
      return own + cache.bytes;
    },
    common: (tokens) => commonPrefix(held, tokens),
    copyFrom: (from, wanted) =>
      exclusively(async () => {
        const source = insides.get(from);
        if (source?.model !== model) throw new EngineError('internal', 'A session of another engine');
        const count = Math.min(wanted, source.held().length);
        held = [];
        logitsAt = -1;
        await reserve(count);
        const bytes = cacheBytes(config, count, plan.cacheBits);
        device.submit('copy', (commands) => {
          cache.layers.forEach(({ keys, values }, i) => {
            const layer = source.cache.layers[i]!;
            commands.copy(layer.keys, 0, keys, 0, bytes.keys);
            commands.copy(layer.values, 0, values, 0, bytes.values);
          });
        });
        held = source.held().slice(0, count);
      }),
    exportPrefix: (count) =>
      exclusively(async () => {
        if (count > held.length) throw new EngineError('internal', `${count} of ${held.length} tokens held`);
        return cache.read(count);
      }),
    importPrefix: (tokens, data) =>
      exclusively(async () => {
        checkTokens(tokens, config.vocabSize);
        checkFits(tokens, contextLength);
        if (data.byteLength !== wholeCacheBytes(plan, tokens.length)) {
          throw new EngineError('internal', `${data.byteLength} bytes for ${tokens.length} tokens`);
        }
        held = [];
        logitsAt = -1;
        await reserve(tokens.length);
        cache.write(tokens.length, data);
        held = [...tokens];
      }),
    sync: (tokens, options = {}) => exclusively(() => prefill(tokens, tokens.length, options)),
    generate: (tokens, options) => exclusively(() => generate(generator, text, ends, tokens, options)),
    logits: () =>
      exclusively(async () => {
        if (logitsAt !== held.length) await prefill([...held], held.length, {});
        const { buffers } = await ready();
        return new Float32Array(await device.readBuffer(buffers.logits, 0, config.vocabSize * 4));
      }),
    dispose() {
      disposed = true;
      free();
    },
  };
  insides.set(session, { model, cache, held: () => held });
  return session;
}

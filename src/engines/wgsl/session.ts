// A line of inference: its cache and what it holds, prefill by chunks, and the loop that generates.

import { EngineError } from '../../engine.ts';
import type { GenerateOptions, GenerateResult, Session, TokenLogprobs, Usage } from '../../engine.ts';
import { readbackRing } from '../../gpu/readback.ts';
import { allowedTokens } from '../allowed-tokens.ts';
import { answerText } from '../answer-text.ts';
import type { AnswerEnds, ModelText } from '../model-text.ts';
import { computesOnCpu } from '../bench/cpu-cost.ts';
import { checkSampler, checkTokens } from '../options.ts';
import { buildBatchGraph } from './batch-graph.ts';
import type { BatchGraph } from './batch-graph.ts';
import { buildDecodeGraph } from './decode-graph.ts';
import type { DecodeGraph, Model } from './decode-graph.ts';
import { createKVCache } from './kv-cache.ts';
import type { KVCache } from './kv-cache.ts';
import { BATCH_TOKENS, cacheBytes, MAX_AHEAD, sessionBuffers, wholeCacheBytes } from './plan.ts';
import { buildPrefillGraph } from './prefill-graph.ts';
import type { PrefillGraph } from './prefill-graph.ts';
import { createSampler } from './sampler.ts';
import { constrainedStream, tokenStream } from './token-stream.ts';
import { createBuffers } from './workspace.ts';

/** A prefill chunk's time that is aimed at: short enough to stop at once, and for watchdogs of slow GPUs. */
const CHUNK_MILLISECONDS = 250;
const FIRST_CHUNK = 128;
/** A prompt's rest of so many tokens is decoded instead. */
const FEW_TOKENS = 2;
/** Chunks are multiples of the largest tile. */
const CHUNK_STEP = 64;

type SyncOptions = Pick<GenerateOptions, 'signal' | 'onPrefill'>;

export interface WgslSession extends Session {
  readonly disposed: boolean;
}

/** What `copyPrefix` needs of another session. */
const insides = new WeakMap<Session, { model: Model; cache: KVCache; held: () => readonly number[] }>();

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  let i = 0;
  while (i < end && a[i] === b[i]) i++;
  return i;
}

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
  let busy = false;
  let disposed = false;
  let making: Promise<Made> | undefined;
  let made: Made | undefined;
  let chunkTokens = Math.min(FIRST_CHUNK, plan.prefillTokens);
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

  function checkFits({ length: tokens }: readonly number[]): void {
    if (tokens <= contextLength) return;
    throw new EngineError('context-full', `${tokens} tokens do not fit a context of ${contextLength}`, {
      expected: contextLength,
      actual: tokens,
    });
  }

  async function prefill(
    tokens: readonly number[],
    room: number,
    options: SyncOptions,
  ): Promise<{ reused: number; prefilled: number }> {
    device.check();
    checkTokens(tokens, config.vocabSize);
    checkFits(tokens);
    options.signal?.throwIfAborted();
    const { buffers } = await ready();
    const { decode, prefill: graph } = await reserve(room);
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
          device.submit('prefill', (commands) => commands.pass(decode.dispatches(start)));
        }
        await device.idle();
        checkAlive();
        held = [...tokens];
        logitsAt = held.length;
        options.onPrefill?.(tokens.length - reused, tokens.length - reused);
        break;
      }
      const chunk = tokens.slice(start, start + chunkTokens);
      const began = performance.now();
      const last = start + chunk.length === tokens.length;
      device.writeBuffer(work.prefillTokens, 0, Uint32Array.from(chunk));
      device.writeBuffer(buffers.chunk, 0, Uint32Array.of(start, chunk.length, 0, 0));
      device.submit('prefill', (commands) => {
        commands.pass(graph.dispatches(chunk.length));
        if (last) {
          const row = plan.strides.hidden * 4;
          commands.copy(work.prefillHidden, (chunk.length - 1) * row, work.hidden, 0, row);
          commands.pass(decode.logits);
        }
      });
      await device.idle();
      checkAlive();
      if (chunk.length === chunkTokens) {
        const fitting = (chunk.length * CHUNK_MILLISECONDS) / Math.max(1, performance.now() - began);
        const steps = Math.max(1, Math.floor(Math.min(fitting, chunkTokens * 2) / CHUNK_STEP));
        chunkTokens = Math.min(steps * CHUNK_STEP, plan.prefillTokens);
      }
      held.push(...chunk);
      start += chunk.length;
      if (last) logitsAt = held.length;
      options.onPrefill?.(start - reused, tokens.length - reused);
      if (!last) options.signal?.throwIfAborted();
    }
    return { reused, prefilled: tokens.length - reused };
  }

  function checkAlive(): void {
    device.check();
    if (disposed) throw new EngineError('internal', 'The session was disposed of');
  }

  async function run(tokens: readonly number[], options: GenerateOptions): Promise<GenerateResult> {
    const started = performance.now();
    const sampler = checkSampler(options, config.vocabSize);
    const { signal, logprobs } = options;
    const allowed = options.constraint && allowedTokens(options.constraint, config.vocabSize);
    const limit = Math.max(0, Math.min(options.maxTokens, contextLength - tokens.length));
    const answer = answerText(text.streamDecoder(), [...ends.strings, ...(options.stopStrings ?? [])]);
    const stops = new Set([...ends.ids, ...(options.stopTokens ?? [])]);
    const ids: number[] = [];
    const probabilities: TokenLogprobs[] = [];
    const guessed = { drafted: 0, accepted: 0 };
    let first = started;
    let last = started;
    let prefillSeconds = 0;
    let synced = { reused: 0, prefilled: 0 };

    const finish = (finishReason: GenerateResult['finishReason']): GenerateResult => {
      // The figures of an answer cut short: what there was until then.
      if (first === started) first = last = performance.now();
      const usage: Usage = {
        promptTokens: tokens.length,
        reusedTokens: synced.reused,
        completionTokens: ids.length,
        timeToFirstToken: (first - started) / 1000,
        prefillTokensPerSecond: prefillSeconds > 0 ? synced.prefilled / prefillSeconds : 0,
        decodeTokensPerSecond:
          ids.length > 1 && last > first ? ((ids.length - 1) * 1000) / (last - first) : 0,
        contextUsed: held.length,
        contextLength,
      };
      const speculation = guessed.drafted > 0 && { speculation: guessed };
      const result = { tokenIds: ids, text: answer.text, finishReason, usage, ...speculation };
      return logprobs === undefined ? result : { ...result, logprobs: probabilities };
    };

    try {
      synced = await prefill(tokens, Math.min(contextLength, tokens.length + limit), options);
    } catch (error) {
      if (signal?.aborted && !(error instanceof EngineError)) return finish('abort');
      throw error;
    }
    prefillSeconds = synced.prefilled > 0 ? (performance.now() - started) / 1000 : 0;
    if (signal?.aborted) return finish('abort');
    if (limit === 0) return finish('length');

    const { buffers, ring, sampler: sampling } = await ready();
    const now = await reserve(tokens.length);
    const { decode } = now;
    const batchGraph = async () =>
      (now.batch ??= buildBatchGraph(model, await model.batchPipelines(), buffers, cache));
    await sampling.begin(sampler, tokens, { constrained: allowed !== undefined, logprobs });
    checkAlive();
    logitsAt = -1;
    const forward = (index: number) => decode.dispatches(tokens.length + index);
    const aborted = () => signal?.aborted === true;
    const parts = { device, ring, buffers, sampler: sampling, limit, logprobs, aborted, forward };
    // What a stop string cuts off would be computed for nothing: then one token a submit.
    const mostAhead = options.stopStrings?.length ? 1 : MAX_AHEAD;
    const { speculation = 'auto' } = options;
    // Where the adapter is the processor, a batch costs nearly what its tokens do one by one: not worth its compilation.
    const worthwhile = speculation === 'always' || (speculation === 'auto' && !computesOnCpu(device.info));
    const guessing = worthwhile &&
      sampling.restorable &&
      limit > 2 && {
        graph: batchGraph,
        rows: Array.from({ length: BATCH_TOKENS }, (_, row) => ({
          buffer: work.batchLogits,
          offset: row * plan.strides.logits * 4,
          size: config.vocabSize * 4,
        })),
        prompt: tokens,
        always: speculation === 'always',
        counts: guessed,
      };
    const stream = allowed
      ? constrainedStream(parts, allowed)
      : tokenStream(parts, mostAhead, guessing || undefined);
    const known: number[] = [];
    let reason: GenerateResult['finishReason'] | undefined;
    try {
      while (reason === undefined) {
        const drawn = await stream.next();
        const { id } = drawn;
        checkAlive();
        known.push(id);
        if (signal?.aborted) break;
        last = performance.now();
        if (known.length === 1) first = last;
        if (stops.has(id)) {
          reason = 'stop';
          break;
        }
        ids.push(id);
        if (drawn.logprobs) probabilities.push(drawn.logprobs);
        const piece = answer.push(id);
        if (answer.stopped || allowed?.accept(id)) reason = 'stop';
        else if (ids.length === limit) reason = 'length';
        if (piece !== '') options.onText?.(piece, ids.length);
        if (signal?.aborted) break;
      }
    } finally {
      const passed = await stream.end();
      // What ran ahead is unknown, and so is not held: the next answer overwrites it.
      if (made !== undefined) held.push(...known.slice(0, passed));
    }
    checkAlive();
    if (signal?.aborted || reason === undefined) return finish('abort');
    const rest = answer.end();
    if (rest !== '') options.onText?.(rest, ids.length);
    return finish(reason);
  }

  /** One call at a time. */
  async function alone<T>(call: () => Promise<T>): Promise<T> {
    checkAlive();
    if (busy) throw new EngineError('engine-busy', 'The session is at work on another call');
    busy = true;
    try {
      return await call();
    } catch (error) {
      if (disposed && !(error instanceof EngineError && error.reason === 'device-lost')) checkAlive();
      throw error;
    } finally {
      busy = false;
    }
  }

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
    copyPrefix: (from, wanted) =>
      alone(async () => {
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
      alone(async () => {
        if (count > held.length) throw new EngineError('internal', `${count} of ${held.length} tokens held`);
        return cache.read(count);
      }),
    importPrefix: (tokens, data) =>
      alone(async () => {
        checkTokens(tokens, config.vocabSize);
        checkFits(tokens);
        if (data.byteLength !== wholeCacheBytes(plan, tokens.length)) {
          throw new EngineError('internal', `${data.byteLength} bytes for ${tokens.length} tokens`);
        }
        held = [];
        logitsAt = -1;
        await reserve(tokens.length);
        cache.write(tokens.length, data);
        held = [...tokens];
      }),
    sync: (tokens, options = {}) => alone(() => prefill(tokens, tokens.length, options)),
    generate: (tokens, options) => alone(() => run(tokens, options)),
    logits: () =>
      alone(async () => {
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

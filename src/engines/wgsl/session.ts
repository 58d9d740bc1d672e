// A line of inference: its cache and what it holds, prefill by chunks, and the loop that generates.

import { EngineError } from '../../engine.ts';
import type { GenerateOptions, GenerateResult, Session, Usage } from '../../engine.ts';
import { readbackRing } from '../../gpu/readback.ts';
import { answerText } from '../answer-text.ts';
import type { ModelText } from '../model-text.ts';
import { checkSampler, checkTokens } from '../options.ts';
import { buildDecodeGraph } from './decode-graph.ts';
import type { DecodeGraph, Model } from './decode-graph.ts';
import { createKVCache } from './kv-cache.ts';
import { sessionBuffers } from './plan.ts';
import { buildPrefillGraph } from './prefill-graph.ts';
import type { PrefillGraph } from './prefill-graph.ts';
import { createSampler } from './sampler.ts';
import { createBuffers } from './workspace.ts';

/** Tokens submitted and not yet read: the next is on its way while one is read. */
const IN_FLIGHT = 2;

type SyncOptions = Pick<GenerateOptions, 'signal' | 'onPrefill'>;

export interface WgslSession extends Session {
  readonly disposed: boolean;
}

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  let i = 0;
  while (i < end && a[i] === b[i]) i++;
  return i;
}

export function createWgslSession(
  model: Model,
  text: Pick<ModelText, 'streamDecoder'>,
  stopTokenIds: readonly number[],
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
  let made: Promise<Made> | undefined;
  let graphs: { decode: DecodeGraph; prefill: PrefillGraph } | undefined;

  type Made = Awaited<ReturnType<typeof make>>;
  /** Buffers of the session, on first use: `createSession` is synchronous, allocation is not. */
  async function make() {
    const buffers = await createBuffers(device, sessionBuffers(plan), (name) => {
      if (name.startsWith('readback')) return GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
      const uniform = name === 'chunk' || name === 'sampling';
      const kind = uniform ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
      return kind | GPUBufferUsage.COPY_DST;
    });
    const ring = readbackRing(device, [buffers.readbackA, buffers.readbackB, buffers.readbackC], 16);
    return { buffers, ring, sampler: createSampler(model, buffers) };
  }

  async function ready(): Promise<Made> {
    made ??= make();
    try {
      return await made;
    } catch (error) {
      made = undefined;
      throw error;
    }
  }

  function free(): void {
    cache.dispose();
    held = [];
    logitsAt = -1;
    graphs = undefined;
    void made?.then(({ buffers }) =>
      Object.values(buffers).forEach((buffer) => device.destroyBuffer(buffer)),
    );
    made = undefined;
  }

  async function reserve(tokens: number): Promise<{ decode: DecodeGraph; prefill: PrefillGraph }> {
    const { buffers } = await ready();
    try {
      if (await cache.reserve(tokens)) graphs = undefined;
    } catch (error) {
      held = [];
      logitsAt = -1;
      graphs = undefined;
      throw error;
    }
    graphs ??= {
      decode: buildDecodeGraph(model, buffers, cache),
      prefill: buildPrefillGraph(model, buffers, cache),
    };
    return graphs;
  }

  async function prefill(
    tokens: readonly number[],
    room: number,
    options: SyncOptions,
  ): Promise<{ reused: number; prefilled: number }> {
    device.check();
    checkTokens(tokens, config.vocabSize);
    if (tokens.length > contextLength) {
      throw new EngineError(
        'context-full',
        `${tokens.length} tokens do not fit a context of ${contextLength}`,
        {
          tokens: tokens.length,
          contextLength,
        },
      );
    }
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
      const chunk = tokens.slice(start, start + plan.prefillTokens);
      const dispatches = await graph.dispatches(chunk.length);
      checkAlive();
      const last = start + chunk.length === tokens.length;
      device.writeBuffer(work.prefillTokens, 0, Uint32Array.from(chunk));
      device.writeBuffer(buffers.chunk, 0, Uint32Array.of(start, chunk.length, 0, 0));
      device.submit('prefill', (commands) => {
        commands.pass(dispatches);
        if (last) {
          const row = plan.strides.hidden * 4;
          commands.copy(work.prefillHidden, (chunk.length - 1) * row, work.hidden, 0, row);
          commands.pass(decode.logits);
        }
      });
      await device.idle();
      checkAlive();
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
    const sampler = checkSampler(options);
    const { signal } = options;
    const limit = Math.max(0, Math.min(options.maxTokens, contextLength - tokens.length));
    const answer = answerText(text.streamDecoder(), options.stopStrings);
    const stops = new Set([...stopTokenIds, ...(options.stopTokens ?? [])]);
    const ids: number[] = [];
    let first = started;
    let last = started;
    let prefillSeconds = 0;
    let synced = { reused: 0, prefilled: 0 };

    const finish = (finishReason: GenerateResult['finishReason']): GenerateResult => {
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
      return { tokenIds: ids, text: answer.text, finishReason, usage };
    };

    try {
      synced = await prefill(tokens, Math.min(contextLength, tokens.length + limit), options);
    } catch (error) {
      if (signal?.aborted && !(error instanceof EngineError)) return finish('abort');
      throw error;
    }
    prefillSeconds = synced.prefilled > 0 ? (performance.now() - started) / 1000 : 0;
    if (signal?.aborted) return finish('abort');
    if (limit === 0) {
      first = last = performance.now();
      return finish('length');
    }

    const { buffers, ring, sampler: sampling } = await ready();
    const { decode } = await reserve(tokens.length);
    sampling.begin(sampler, tokens);
    logitsAt = -1;
    let submitted = 0;
    let read = 0;
    let stopToken: number | undefined;
    let reason: GenerateResult['finishReason'] | undefined;
    const submit = () => {
      const step = submitted++;
      device.submit('token', (commands) => {
        commands.pass(sampling.after(step === 0 ? [] : decode.dispatches(tokens.length + step - 1)));
        ring.copy(commands, step, buffers.state);
      });
    };
    while (reason === undefined) {
      while (submitted < limit && submitted - read < IN_FLIGHT) submit();
      const [, id = 0, finite] = await ring.read(read++);
      checkAlive();
      if (signal?.aborted) {
        reason = 'abort';
        break;
      }
      if (finite === 0) throw new EngineError('internal', 'The model gave logits that are not finite');
      last = performance.now();
      if (read === 1) first = last;
      if (stops.has(id)) {
        stopToken = id;
        reason = 'stop';
        break;
      }
      ids.push(id);
      const piece = answer.push(id);
      if (answer.stopped) reason = 'stop';
      else if (read === limit) reason = 'length';
      if (piece !== '') options.onText?.(piece, ids.length);
      if (signal?.aborted) reason = 'abort';
    }
    // What ran ahead is waited for and dropped; the cache holds its tokens' entries, but of those only known ones count.
    while (read < submitted) await ring.read(read++);
    checkAlive();
    const known = stopToken === undefined ? ids : [...ids, stopToken];
    held.push(...known.slice(0, submitted - 1));
    if (reason !== 'abort') {
      const rest = answer.end();
      if (rest !== '') options.onText?.(rest, ids.length);
    }
    return finish(reason);
  }

  /** One call at a time. */
  async function alone<T>(call: () => Promise<T>): Promise<T> {
    if (disposed) throw new EngineError('internal', 'The session was disposed of');
    if (busy) throw new EngineError('engine-busy', 'The session is at work on another call');
    busy = true;
    try {
      return await call();
    } catch (error) {
      if (error instanceof EngineError && error.reason === 'device-lost') free();
      throw error;
    } finally {
      busy = false;
    }
  }

  return {
    get position() {
      return held.length;
    },
    get disposed() {
      return disposed;
    },
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
}

// The engine's side of the protocol, apart from how an engine is made: one request at a time, one session, text in batches.

import { EngineError } from '../failures.ts';
import type { Engine, EngineInfo, GenerateOptions, GenerateResult, Message, Usage } from '../engine.ts';
import { createMutex } from '../engines/mutex.ts';
import { engineLock } from './engine-lock.ts';
import type { Job } from '../wire/calls.ts';
import type {
  AnswerReports,
  EngineCalls,
  EngineNews,
  GenerateAnswer,
  GenerateRequest,
  LoadPhase,
  LoadRequest,
  OnPhase,
  PhaseReports,
  Probe,
} from '../wire/engine-protocol.ts';
import { countUntilFits, promptLimit } from '../wire/count.ts';
import type { Counted, CountOptions, TokenCounts } from '../wire/count.ts';
import { keptPrefixes } from './kept-prefix.ts';
import type { KeptPrefixes, PrefixStore } from './kept-prefix.ts';
import { serveCalls, wireError } from '../wire/serve.ts';
import type { Scope } from '../wire/serve.ts';
import { createSessionPool } from './session-pool.ts';
import type { SessionPool } from './session-pool.ts';

export interface LoadOrder extends Omit<LoadRequest, 'takeOver'>, PhaseReports {
  signal: AbortSignal;
}

export interface LoadedModel {
  engine: Engine;
  /** Ends the engine, and what was opened for it alone. */
  close(): void;
  /** Where what is computed of system prompts may be kept. */
  prefixes?: PrefixStore;
}

/** What the composition root brings. */
export interface EngineMaker {
  probe(): Promise<Probe>;
  load(order: LoadOrder): Promise<LoadedModel>;
}

/** Text is sent at most this often: a frame at 60 Hz. */
const FRAME_MS = 16;

export function serveEngine(scope: Scope, maker: EngineMaker, locks: LockManager | undefined): void {
  let model: LoadedModel | undefined;
  let pool: SessionPool | undefined;
  let prefixes: KeptPrefixes | undefined;
  /** Aborts what runs when the engine is taken away from under it. */
  let taken = new AbortController();
  const mutex = createMutex();

  const drop = (): void => {
    const [oldPool, oldModel] = [pool, model];
    pool = undefined;
    model = undefined;
    prefixes = undefined;
    oldPool?.dispose();
    oldModel?.close();
  };

  const lock = engineLock(locks, (error) => {
    taken.abort(error);
    taken = new AbortController();
    tell({ lost: wireError(error) });
    void mutex.run(() => {
      drop();
      return Promise.resolve();
    });
  });

  const loaded = (): { engine: Engine; pool: SessionPool } => {
    if (model && pool) return { engine: model.engine, pool };
    throw new EngineError('worker-gone', 'no model is loaded', { why: 'no model is loaded' });
  };

  const load = async (
    { takeOver = false, ...request }: LoadRequest,
    { signal, onProgress }: Job<PhaseReports>,
  ): Promise<EngineInfo> => {
    if (signal.aborted) throw new EngineError('aborted', 'the load was stopped');
    await lock.acquire(takeOver);
    const both = AbortSignal.any([signal, taken.signal]);
    drop(); // before the next one's weights come: never two models at once
    try {
      const made = await maker.load({
        ...request,
        onProgress: paced(onProgress),
        signal: both,
      });
      if (both.aborted) made.close();
      both.throwIfAborted();
      model = made;
      pool = createSessionPool(made.engine);
      prefixes = made.prefixes && keptPrefixes(made.engine, made.prefixes);
      void made.engine.lost.then((error) => {
        if (model !== made) return; // disposed on purpose
        drop();
        lock.release();
        tell({ lost: wireError(error) });
      });
      return made.engine.info;
    } catch (error) {
      if (!model) lock.release();
      if (both.reason instanceof EngineError) throw both.reason; // taken over meanwhile
      if (signal.aborted) throw new EngineError('aborted', 'the load was stopped', {}, error);
      throw error;
    }
  };

  /** Where memory ends, other conversations' caches are given back and it is tried once more, unless something was said. */
  const respond = async (
    now: { engine: Engine; pool: SessionPool },
    messages: readonly Message[],
    options: GenerateOptions,
    begun: string,
    { ephemeral, keepPrefix }: Pick<GenerateRequest, 'ephemeral' | 'keepPrefix'>,
  ): Promise<GenerateResult> => {
    const [first] = now.pool.sessions;
    const { answer } = now.engine.capabilities;
    if (answer && first) return answer(first, messages, options, begun);
    const tokens = now.engine.encodeChat(messages, begun);
    const session = await now.pool.take(tokens, ephemeral);
    const kept = keepPrefix && !ephemeral ? prefixes : undefined;
    try {
      // Only a convenience: what cannot be read is computed.
      await kept?.restore(session, messages, tokens).catch(unlessOfTheEngine);
      const result = await session.generate(tokens, options);
      if (kept) void mutex.run(() => kept.keep(session).catch(() => undefined));
      return result;
    } catch (error) {
      const full = error instanceof EngineError && error.reason === 'out-of-memory';
      if (!full || !now.pool.shrink(session)) throw error;
      return session.generate(tokens, options);
    }
  };

  const generate = async (
    { messages, begun = '', maxTokens, sampler = {}, stopStrings = [], ...kept }: GenerateRequest,
    { signal, onText, onProgress }: Job<AnswerReports>,
  ): Promise<GenerateAnswer> => {
    const now = loaded();
    const both = AbortSignal.any([signal, taken.signal]);
    if (signal.aborted) return { text: '', finishReason: 'abort', usage: noUsage(now) };
    const batch = batches((text, completionTokens) => onText?.(text, completionTokens));
    try {
      const options: GenerateOptions = {
        maxTokens,
        sampler,
        stopStrings,
        signal: both,
        onText: (piece, completionTokens) => {
          if (!both.aborted) batch.add(piece, completionTokens);
        },
        onPrefill: (done, total) => onProgress?.('prefill', done, total),
      };
      const { text, finishReason, usage } = await respond(now, messages, options, begun, kept);
      if (!signal.aborted && both.aborted) throw both.reason;
      return { text, finishReason, usage };
    } finally {
      if (both.aborted) batch.drop();
      else batch.flush();
    }
  };

  const tell = serveCalls<EngineCalls, EngineNews>(scope, {
    probe: () => maker.probe(),
    // One call after another; one that was aborted while it waited does not begin.
    load: (request, job) => mutex.run(() => load(request, job)),
    generate: (request, job) => mutex.run(() => generate(request, job)),
    countMany: (request) => mutex.run(() => Promise.resolve(countedBy(loaded().engine, request))),
    tune: (_, { signal }) =>
      mutex.run(async () => {
        const both = AbortSignal.any([signal, taken.signal]);
        both.throwIfAborted();
        return (await loaded().engine.capabilities.tune?.(both)) ?? null;
      }),
    unload: () =>
      mutex.run(() => {
        drop();
        lock.release();
        return Promise.resolve();
      }),
  });
}

function countedBy(
  engine: Engine,
  { conversations, untilFits }: { conversations: readonly Counted[] } & CountOptions,
): TokenCounts {
  const { contextLength } = engine.info;
  const count = ({ messages, begun }: Counted): number => engine.encodeChat(messages, begun).length;
  const tokens =
    untilFits === undefined
      ? conversations.map(count)
      : countUntilFits(conversations.length, promptLimit(contextLength, untilFits), (index) =>
          count(conversations[index]!),
        );
  return { tokens, contextLength };
}

function unlessOfTheEngine(error: unknown): void {
  if (error instanceof EngineError && ['out-of-memory', 'device-lost'].includes(error.reason)) throw error;
}

const noUsage = ({ engine, pool }: { engine: Engine; pool: SessionPool }): Usage => ({
  promptTokens: 0,
  reusedTokens: 0,
  completionTokens: 0,
  timeToFirstToken: 0,
  prefillTokensPerSecond: 0,
  decodeTokensPerSecond: 0,
  contextUsed: pool.position,
  contextLength: engine.info.contextLength,
});

/** Passes on at most one report a frame and phase, and always the last. */
function paced(report: OnPhase = () => undefined): OnPhase {
  const sentAt = new Map<LoadPhase, number>();
  return (phase, done, total) => {
    const now = performance.now();
    if (done < total && now - (sentAt.get(phase) ?? -Infinity) < FRAME_MS) return;
    sentAt.set(phase, now);
    report(phase, done, total);
  };
}

/** Collects pieces of text and sends them at most once a frame; the first at once. */
function batches(send: (text: string, completionTokens: number) => void): {
  add(text: string, completionTokens: number): void;
  flush(): void;
  drop(): void;
} {
  let text = '';
  let tokens = 0;
  let sentAt = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const drop = (): void => {
    clearTimeout(timer);
    timer = undefined;
    text = '';
  };
  const flush = (): void => {
    const ready = text;
    drop();
    if (ready === '') return;
    sentAt = performance.now();
    send(ready, tokens);
  };
  return {
    add(piece, completionTokens) {
      text += piece;
      tokens = completionTokens;
      const wait = sentAt + FRAME_MS - performance.now();
      if (wait <= 0) flush();
      else timer ??= setTimeout(flush, wait);
    },
    flush,
    drop,
  };
}

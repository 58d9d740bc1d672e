// A line of inference on the CPU: what its cache holds, prompts in batches, and the loop that generates.

import { EngineError } from '../../engine.ts';
import type { GenerateOptions, GenerateResult, Session, TokenLogprobs, Usage } from '../../engine.ts';
import { logprobsOf } from '../../llama/sampling.ts';
import { allowedTokens } from '../allowed-tokens.ts';
import { answerText } from '../answer-text.ts';
import type { AnswerEnds, ModelText } from '../model-text.ts';
import { checkSampler, checkTokens } from '../options.ts';
import type { Step } from './forward.ts';
import type { CpuPlan } from './layout.ts';
import { sampleToken } from './sampler.ts';
import { createTurn, type Turn } from './turn.ts';

/** The loaded model, as a session sees it. */
export interface CpuModel {
  plan: CpuPlan;
  memory: WebAssembly.Memory;
  /** Feeds tokens. Blocks the thread while it computes; throws when a thread of its team is gone. */
  forward(step: Step): void;
}

type SyncOptions = Pick<GenerateOptions, 'signal' | 'onPrefill'>;

/** What `copyPrefix` needs of another session. Disposed of, a session holds no memory. */
interface Insides {
  memory: () => WebAssembly.Memory | undefined;
  region: number;
  held: () => readonly number[];
}
const insides = new WeakMap<Session, Insides>();

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  let i = 0;
  while (i < end && a[i] === b[i]) i++;
  return i;
}

function allFinite(values: Float32Array): boolean {
  for (const value of values) if (!Number.isFinite(value)) return false;
  return true;
}

/**
 * @param region address of the session's part of the memory
 * @param release gives the region back
 */
export function createCpuSession(
  loaded: CpuModel,
  text: Pick<ModelText, 'streamDecoder'>,
  ends: AnswerEnds,
  region: number,
  release: () => void,
): Session {
  const { plan } = loaded;
  const { contextLength, config } = plan;
  /** Let go on disposal: a session that is still held must not hold the memory. */
  let model: CpuModel | undefined = loaded;
  /** Tokens whose keys and values the region holds. */
  let held: number[] = [];
  /** The logits in the region follow this many of them; -1 where they follow none. */
  let logitsAt = -1;
  let busy = false;

  function living(): CpuModel {
    if (!model) throw new EngineError('internal', 'The session was disposed of');
    return model;
  }

  /** Feeds up to a batch of tokens after those held. */
  function feed(tokens: readonly number[], logits: boolean): void {
    const { memory, forward } = living();
    new Int32Array(memory.buffer, plan.work.tokens, tokens.length).set(tokens);
    logitsAt = -1;
    forward({ session: region, tokens: tokens.length, position: held.length, logits });
    held.push(...tokens);
    if (logits) logitsAt = held.length;
  }

  function logitsView(): Float32Array {
    return new Float32Array(living().memory.buffer, region + plan.session.logits, config.vocabSize);
  }

  async function prefill(
    tokens: readonly number[],
    options: SyncOptions,
    turn: Turn,
  ): Promise<{ reused: number; prefilled: number }> {
    checkTokens(tokens, config.vocabSize);
    if (tokens.length > contextLength) {
      throw new EngineError(
        'context-full',
        `${tokens.length} tokens do not fit a context of ${contextLength}`,
        {
          expected: contextLength,
          actual: tokens.length,
        },
      );
    }
    options.signal?.throwIfAborted();
    const common = commonPrefix(held, tokens);
    if (common === tokens.length && logitsAt === common && held.length === common) {
      return { reused: common, prefilled: 0 };
    }
    // The last token is computed again even where it is held: its logits are wanted.
    const reused = Math.min(common, tokens.length - 1);
    held.length = reused;
    for (let start = reused; start < tokens.length;) {
      const batch = tokens.slice(start, start + plan.batch);
      start += batch.length;
      feed(batch, start === tokens.length);
      options.onPrefill?.(start - reused, tokens.length - reused);
      await turn.next();
      if (start < tokens.length) options.signal?.throwIfAborted();
    }
    return { reused, prefilled: tokens.length - reused };
  }

  async function run(
    tokens: readonly number[],
    options: GenerateOptions,
    turn: Turn,
  ): Promise<GenerateResult> {
    const started = performance.now();
    const sampler = checkSampler(options, config.vocabSize);
    const { signal } = options;
    const limit = Math.max(0, Math.min(options.maxTokens, contextLength - tokens.length));
    const answer = answerText(text.streamDecoder(), [...ends.strings, ...(options.stopStrings ?? [])]);
    const stops = new Set([...ends.ids, ...(options.stopTokens ?? [])]);
    const ids: number[] = [];
    const context = [...tokens];
    const logprobs: TokenLogprobs[] = [];
    const allowedNext = options.constraint && allowedTokens(options.constraint, config.vocabSize);
    const emit = (piece: string) => {
      if (piece !== '') options.onText?.(piece, ids.length);
    };
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
      const result = { tokenIds: ids, text: answer.text, finishReason, usage };
      return options.logprobs === undefined ? result : { ...result, logprobs };
    };

    try {
      synced = await prefill(tokens, options, turn);
    } catch (error) {
      if (signal?.aborted && error === signal.reason) return finish('abort');
      throw error;
    }
    if (synced.prefilled > 0) prefillSeconds = (performance.now() - started) / 1000;
    first = last = performance.now();

    while (ids.length < limit) {
      if (signal?.aborted) return finish('abort');
      if (ids.length > 0) {
        feed(ids.slice(-1), true);
        await turn.next();
        if (signal?.aborted) return finish('abort');
      }
      const logits = logitsView();
      if (!allFinite(logits)) {
        throw new EngineError('internal', 'The model gave logits that are not finite');
      }
      const allowed = await allowedNext?.next();
      const drawn = { tokens: context, generated: ids.length, ...(allowed && { allowed }) };
      const id = sampleToken(logits, drawn, sampler);
      last = performance.now();
      if (ids.length === 0) first = last;
      if (stops.has(id)) {
        emit(answer.end());
        return finish('stop');
      }
      ids.push(id);
      context.push(id);
      if (options.logprobs !== undefined) logprobs.push(logprobsOf(logits, id, options.logprobs));
      emit(answer.push(id));
      if (answer.stopped) return finish('stop');
      if (allowedNext?.accept(id)) {
        emit(answer.end());
        return finish('stop');
      }
    }
    emit(answer.end());
    return finish('length');
  }

  /** One call at a time. */
  async function alone<T>(call: (turn: Turn) => Promise<T>): Promise<T> {
    living();
    if (busy) throw new EngineError('engine-busy', 'The session is at work on another call');
    busy = true;
    const turn = createTurn();
    try {
      return await call(turn);
    } finally {
      turn.close();
      busy = false;
      if (!model) release();
    }
  }

  const session: Session = {
    get position() {
      return held.length;
    },
    get bytes() {
      return model ? plan.session.bytes : 0;
    },
    common: (tokens) => commonPrefix(held, tokens),
    copyPrefix: (from, wanted) =>
      alone(() => {
        const { memory } = living();
        const source = insides.get(from);
        if (source?.memory() !== memory) throw new EngineError('internal', 'A session of another engine');
        const count = Math.min(wanted, source.held().length);
        const bytes = new Uint8Array(memory.buffer);
        const { numHiddenLayers, numKeyValueHeads, headDim } = config;
        const stride = contextLength * headDim * 2;
        for (const part of [plan.session.keys, plan.session.values]) {
          for (let head = 0; head < numHiddenLayers * numKeyValueHeads; head++) {
            const at = source.region + part + head * stride;
            bytes.copyWithin(region + part + head * stride, at, at + count * headDim * 2);
          }
        }
        held = source.held().slice(0, count);
        logitsAt = -1;
        return Promise.resolve();
      }),
    sync: (tokens, options = {}) => alone((turn) => prefill(tokens, options, turn)),
    generate: (tokens, options) => alone((turn) => run(tokens, options, turn)),
    logits: () =>
      alone(async (turn) => {
        if (logitsAt !== held.length) await prefill([...held], {}, turn);
        return logitsView().slice();
      }),
    dispose() {
      if (!model) return;
      model = undefined;
      held = [];
      if (!busy) release();
    },
  };
  insides.set(session, { memory: () => model?.memory, region, held: () => held });
  return session;
}

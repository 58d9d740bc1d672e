// A session on the CPU: its KV cache, prompts in batches, and the tokens that it draws.

import type { GenerateOptions, Session } from '../../engine.ts';
import { EngineError } from '../../failures.ts';
import { logprobsOf } from '../../llama/sampling.ts';
import { createExclusive } from '../exclusive.ts';
import { commonPrefix, generate } from '../generate.ts';
import type { Generator, StreamOrder, TokenStream } from '../generate.ts';
import type { AnswerEnds, ModelText } from '../model-text.ts';
import { checkFits, checkTokens } from '../options.ts';
import type { Step } from './forward.ts';
import type { CpuPlan } from './layout.ts';
import { sampleToken } from './sampler.ts';
import { createYield, type EventLoopYield } from './event-loop.ts';

/** The loaded model, as a session sees it. */
export interface CpuModel {
  plan: CpuPlan;
  memory: WebAssembly.Memory;
  /** Feeds tokens. Blocks the thread while it computes; throws when a thread of its team is gone. */
  forward(step: Step): void;
}

type SyncOptions = Pick<GenerateOptions, 'signal' | 'onPrefill'>;

/** What `copyFrom` needs of another session. Disposed of, a session holds no memory. */
interface Insides {
  memory: () => WebAssembly.Memory | undefined;
  region: number;
  held: () => readonly number[];
}
const insides = new WeakMap<CpuSession, Insides>();

export interface CpuSession extends Session {
  /** As of `PrefixReuse`, for this session. */
  common(tokens: readonly number[]): number;
  copyFrom(from: CpuSession, count: number): Promise<void>;
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
): CpuSession {
  const { plan } = loaded;
  const { contextLength, config } = plan;
  /** Let go on disposal: a session that is still held must not hold the memory. */
  let model: CpuModel | undefined = loaded;
  /** Tokens whose keys and values the region holds. */
  let held: number[] = [];
  /** The logits in the region follow this many of them; -1 where they follow none. */
  let logitsAt = -1;
  const exclusive = createExclusive();
  let given = false;

  function giveBack(): void {
    if (!given) release();
    given = true;
  }

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
    pause: EventLoopYield,
  ): Promise<{ reused: number; prefilled: number }> {
    checkTokens(tokens, config.vocabSize);
    checkFits(tokens, contextLength);
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
      await pause.next();
      if (start < tokens.length) options.signal?.throwIfAborted();
    }
    return { reused, prefilled: tokens.length - reused };
  }

  /** Draws what follows the prompt: each token is fed when the next one is asked for. */
  function stream({ prompt, sampler, allowed, logprobs }: StreamOrder, pause: EventLoopYield): TokenStream {
    const context = [...prompt];
    return {
      async next() {
        if (context.length > prompt.length) {
          feed(context.slice(-1), true);
          await pause.next();
        }
        const logits = logitsView();
        if (!allFinite(logits)) {
          throw new EngineError('internal', 'The model gave logits that are not finite');
        }
        const bits = await allowed?.next();
        const drawn = {
          tokens: context,
          generated: context.length - prompt.length,
          ...(bits && { allowed: bits }),
        };
        const id = sampleToken(logits, drawn, sampler);
        context.push(id);
        return { id, ...(logprobs !== undefined && { logprobs: logprobsOf(logits, id, logprobs) }) };
      },
      end: () => Promise.resolve(),
    };
  }

  /** One call at a time. */
  const exclusively = async <T>(call: (pause: EventLoopYield) => Promise<T>): Promise<T> => {
    living();
    try {
      return await exclusive.run(async () => {
        const pause = createYield();
        try {
          return await call(pause);
        } finally {
          pause.close();
        }
      });
    } finally {
      // Disposed of while the call ran: `dispose` left the region to it.
      if (!model && !exclusive.busy) giveBack();
    }
  };

  const generator = (pause: EventLoopYield): Generator => ({
    contextLength,
    vocabSize: config.vocabSize,
    get position() {
      return held.length;
    },
    check: () => void living(),
    prefill: (tokens, _room, options) => prefill(tokens, options, pause),
    stream: (order) => Promise.resolve(stream(order, pause)),
  });

  const session: CpuSession = {
    get position() {
      return held.length;
    },
    get bytes() {
      return model ? plan.session.bytes : 0;
    },
    common: (tokens) => commonPrefix(held, tokens),
    copyFrom: (from, wanted) =>
      exclusively(() => {
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
    sync: (tokens, options = {}) => exclusively((pause) => prefill(tokens, options, pause)),
    generate: (tokens, options) =>
      exclusively((pause) => generate(generator(pause), text, ends, tokens, options)),
    logits: () =>
      exclusively(async (pause) => {
        if (logitsAt !== held.length) await prefill([...held], {}, pause);
        return logitsView().slice();
      }),
    dispose() {
      if (!model) return;
      model = undefined;
      held = [];
      if (!exclusive.busy) giveBack();
    },
  };
  insides.set(session, { memory: () => model?.memory, region, held: () => held });
  return session;
}

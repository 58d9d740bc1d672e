// The one loop that generates, whatever computes: limits, stop tokens and strings, a constraint, usage, logprobs, abort.

import type {
  GenerateOptions,
  GenerateResult,
  SamplerOptions,
  SpeculationCounts,
  TokenLogprobs,
  Usage,
} from '../engine.ts';
import { allowedTokens, type AllowedTokens } from './allowed-tokens.ts';
import { answerText } from './answer-text.ts';
import type { AnswerEnds, ModelText } from './model-text.ts';
import { checkSampler } from './options.ts';

/** A drawn token. */
export interface Drawn {
  id: number;
  logprobs?: TokenLogprobs;
}

/** The tokens of one answer, drawn one after another. */
export interface TokenStream {
  /** The next token. Throws "device-lost", and "internal" where logits were not finite. */
  next(): Promise<Drawn>;
  /** Waits for what ran ahead and drops it. From then on the session holds what was both drawn and computed. */
  end(): Promise<void>;
}

/** What an answer asks of the engine. */
export interface StreamOrder {
  /** The whole prompt, which the cache holds. */
  prompt: readonly number[];
  sampler: SamplerOptions;
  /** Tokens at most; at least 1. */
  limit: number;
  allowed: AllowedTokens | undefined;
  /** How many of the likeliest tokens each token reports; undefined: none, nor its own probability. */
  logprobs: number | undefined;
  /** What a stop string cuts off would be computed for nothing. */
  mayCut: boolean;
  speculation: NonNullable<GenerateOptions['speculation']>;
  /** Counted by engines that guess. */
  guessed: SpeculationCounts;
  aborted(): boolean;
}

/** What an engine's session gives to the loop. */
export interface Generator {
  readonly contextLength: number;
  readonly vocabSize: number;
  /** Tokens whose keys and values are held. */
  readonly position: number;
  /** Throws where the session was disposed of, or its device was lost. */
  check(): void;
  /**
   * Makes the cache hold exactly `tokens`, with room for `room`. Throws "context-full", and `signal.reason` where it was aborted.
   * @returns tokens reused and tokens prefilled
   */
  prefill(
    tokens: readonly number[],
    capacity: number,
    options: Pick<GenerateOptions, 'signal' | 'onPrefill'>,
  ): Promise<{ reused: number; prefilled: number }>;
  /** Begins to draw what follows the prompt. */
  stream(order: StreamOrder): Promise<TokenStream>;
}

/** How many tokens two sequences have in common, from the first on. */
export function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  let i = 0;
  while (i < end && a[i] === b[i]) i++;
  return i;
}

/** `Session.generate` of every engine that takes tokens. */
export async function generate(
  generator: Generator,
  text: Pick<ModelText, 'streamDecoder'>,
  ends: AnswerEnds,
  tokens: readonly number[],
  options: GenerateOptions,
): Promise<GenerateResult> {
  const started = performance.now();
  const { contextLength, vocabSize } = generator;
  const sampler = checkSampler(options, vocabSize);
  const { signal, logprobs, speculation = 'auto' } = options;
  const aborted = (): boolean => signal?.aborted === true;
  const limit = Math.max(0, Math.min(options.maxTokens, contextLength - tokens.length));
  const allowed = options.constraint && allowedTokens(options.constraint, vocabSize, limit);
  const stopStrings = [...ends.strings, ...(options.stopStrings ?? [])];
  const answer = answerText(text.streamDecoder(), stopStrings);
  const stops = new Set([...ends.ids, ...(options.stopTokens ?? [])]);
  const ids: number[] = [];
  const probabilities: TokenLogprobs[] = [];
  /** Where each token's text begins among the characters that came, and how many tokens' probabilities were told. */
  const begins: number[] = [];
  let told = 0;
  const guessed = { drafted: 0, accepted: 0 };
  let first: number | undefined;
  let last = started;
  let prefillSeconds = 0;
  let synced = { reused: 0, prefilled: 0 };

  const emit = (piece: string): void => {
    if (piece === '') return;
    const first = told;
    while (told < probabilities.length && (begins[told] ?? 0) < answer.text.length) told++;
    options.onText?.(piece, ids.length, probabilities.slice(first, told));
  };
  const finish = (finishReason: GenerateResult['finishReason']): GenerateResult => {
    // The figures of an answer that was cut before its first token: what there was until then.
    first ??= last = performance.now();
    const seconds = (last - first) / 1000;
    const usage: Usage = {
      promptTokens: tokens.length,
      reusedTokens: synced.reused,
      completionTokens: ids.length,
      timeToFirstToken: (first - started) / 1000,
      prefillTokensPerSecond: prefillSeconds > 0 ? synced.prefilled / prefillSeconds : 0,
      decodeTokensPerSecond: ids.length > 1 && seconds > 0 ? (ids.length - 1) / seconds : 0,
      contextUsed: generator.position,
      contextLength,
    };
    const result: GenerateResult = { tokenIds: ids, text: answer.text, finishReason, usage };
    if (guessed.drafted > 0) result.speculation = guessed;
    if (logprobs !== undefined) {
      // What a stop string or an abort cut off is not part of the text, and has none.
      const cut = answer.stopped || finishReason === 'abort';
      result.logprobs = cut ? probabilities.slice(0, told) : probabilities;
    }
    return result;
  };

  try {
    synced = await generator.prefill(tokens, Math.min(contextLength, tokens.length + limit), options);
  } catch (error) {
    if (aborted() && error === signal?.reason) return finish('abort');
    throw error;
  }
  if (synced.prefilled > 0) prefillSeconds = (performance.now() - started) / 1000;
  if (aborted()) return finish('abort');
  if (limit === 0) return finish('length');

  // The model's own end strings are met once an answer: what ran ahead of them costs less than running step by step.
  const mayCut = (options.stopStrings ?? []).length > 0;
  const order = { prompt: tokens, sampler, limit, allowed, logprobs, mayCut, speculation, guessed, aborted };
  const stream = await generator.stream(order);
  let reason: GenerateResult['finishReason'] | undefined;
  try {
    while (reason === undefined && !aborted()) {
      const drawn = await stream.next();
      if (aborted()) break;
      last = performance.now();
      first ??= last;
      if (stops.has(drawn.id)) {
        reason = 'stop';
        break;
      }
      ids.push(drawn.id);
      begins.push(answer.received);
      if (drawn.logprobs) probabilities.push(drawn.logprobs);
      const piece = answer.push(drawn.id);
      if (answer.stopped || allowed?.accept(drawn.id)) reason = 'stop';
      else if (ids.length === limit) reason = 'length';
      emit(piece);
    }
  } finally {
    await stream.end();
  }
  generator.check();
  if (aborted() || reason === undefined) return finish('abort');
  emit(answer.end());
  return finish(reason);
}

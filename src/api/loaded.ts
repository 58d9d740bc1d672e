// A loaded model, and one answer of it: free, or in a form.

import { EngineError } from '../failures.ts';
import type { AnswerFormat, Engine, GenerateOptions, GenerateResult, Session } from '../engine.ts';
import type { Grammars } from '../engines/grammar/grammar.ts';
import type { Defaults } from './request.ts';
import type { CompletionUsage, Logprobs } from './types.ts';

export interface Loaded {
  id: string;
  engine: Engine;
  session: Session;
  defaults: Defaults;
  /** What `forwardTokensAndSample` was given since the last reset, and the seed of its draws. */
  forwarded: { tokens: number[]; seed: number };
  grammars?: Promise<Grammars>;
  close(): void;
}

/** Generates; an answer that must have a form and has none is an error, unless it was cut by the caller. */
export async function generateIn(
  model: Loaded,
  tokens: number[],
  options: GenerateOptions,
  format: AnswerFormat | undefined,
): Promise<GenerateResult> {
  if (!format) return model.session.generate(tokens, options);
  model.grammars ??= import('../engines/grammar/grammar.ts').then(({ createGrammars }) => {
    const { vocabulary, info } = model.engine;
    return createGrammars(vocabulary(), info.vocabSize);
  });
  const constraint = await (await model.grammars).constraint(format);
  try {
    const result = await model.session.generate(tokens, { ...options, constraint });
    const { completionTokens, contextLength } = result.usage;
    // Cut by the caller's own limit it is no failure: as with OpenAI, the finish reason says so.
    const contextEnded = result.finishReason === 'length' && completionTokens < options.maxTokens;
    if (contextEnded && !(await constraint.whole())) {
      throw new EngineError('answer-unfinished', `the context ended before the answer had its form`, {
        expected: contextLength,
      });
    }
    return result;
  } finally {
    constraint.dispose();
  }
}

/**
 * Of one or several answers: a prompt counts once, however many answers it has, and rates are of all tokens together.
 * @param answersEach answers to each prompt, one after another in `results`
 * @param started `performance.now()` when the request began
 */
export function usageOf(
  results: readonly GenerateResult[],
  answersEach: number,
  started: number,
): CompletionUsage {
  const sum = (of: (result: GenerateResult) => number): number =>
    results.reduce((all, result) => all + of(result), 0);
  const firsts = results.filter((_, i) => i % answersEach === 0);
  const prompt = firsts.reduce((all, { usage }) => all + usage.promptTokens, 0);
  const cached = firsts.reduce((all, { usage }) => all + usage.reusedTokens, 0);
  const completion = sum(({ usage }) => usage.completionTokens);
  const rate = (
    tokens: (result: GenerateResult) => number,
    perSecond: (result: GenerateResult) => number,
  ) => {
    const measured = results.filter((result) => perSecond(result) > 0);
    const seconds = measured.reduce((all, result) => all + tokens(result) / perSecond(result), 0);
    return seconds > 0 ? measured.reduce((all, result) => all + tokens(result), 0) / seconds : 0;
  };
  const decode = rate(
    ({ usage }) => Math.max(0, usage.completionTokens - 1),
    ({ usage }) => usage.decodeTokensPerSecond,
  );
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
    extra: {
      e2e_latency_s: (performance.now() - started) / 1000,
      prefill_tokens_per_s: rate(
        ({ usage }) => usage.promptTokens - usage.reusedTokens,
        ({ usage }) => usage.prefillTokensPerSecond,
      ),
      decode_tokens_per_s: decode,
      time_to_first_token_s: results[0]?.usage.timeToFirstToken ?? 0,
      time_per_output_token_s: decode > 0 ? 1 / decode : 0,
      reused_prompt_tokens: cached,
    },
  };
}

export function logprobsOf(engine: Engine, logprobs: GenerateResult['logprobs']): Logprobs | null {
  if (!logprobs) return null;
  const told = ({ id, logprob }: { id: number; logprob: number }) => {
    const token = engine.decode([id]);
    return { token, bytes: [...new TextEncoder().encode(token)], logprob };
  };
  return { content: logprobs.map((entry) => ({ ...told(entry), top_logprobs: entry.top.map(told) })) };
}

/** What every answer and every chunk of it begins with. */
export const headOf = <Kind extends string>(model: Loaded, object: Kind) => ({
  id: crypto.randomUUID(),
  object,
  created: Math.floor(Date.now() / 1000),
  model: model.id,
});

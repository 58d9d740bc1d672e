// forwardTokensAndSample: a caller's own loop over tokens.

import { GREEDY } from '../engine.ts';
import { sampleToken } from '../engines/cpu/sampler.ts';
import { EngineError } from '../failures.ts';
import { refuse } from './check.ts';
import type { Loaded } from './loaded.ts';

/**
 * @param tokens follow those of the calls before; kept only where all of it succeeds
 * Throws "option-invalid" for ids beyond the vocabulary, "context-full", "aborted", and "internal" for logits that are not finite.
 */
export async function forward(
  model: Loaded,
  tokens: readonly number[],
  signal: AbortSignal,
): Promise<number> {
  const { session, defaults, forwarded } = model;
  const wrong = tokens.find((id) => id >= defaults.vocabSize);
  if (wrong !== undefined) throw refuse('inputIds', `of ids from 0 to ${defaults.vocabSize - 1}`, wrong);
  const all = [...forwarded.tokens, ...tokens];
  await session.sync(all, { signal });
  if (signal.aborted) throw new EngineError('aborted', 'the call was stopped');
  const logits = await session.logits();
  if (!logits.every(Number.isFinite)) {
    throw new EngineError('internal', 'the model gave logits that are not finite', { error: 'logits' });
  }
  forwarded.tokens = all;
  const { temperature, topP } = defaults;
  const drawn = { tokens: all, generated: 0 };
  return sampleToken(logits, drawn, { ...GREEDY, temperature, topP, seed: forwarded.seed });
}

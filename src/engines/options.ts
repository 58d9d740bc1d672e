// What callers ask of an engine, checked before anything is computed.

import { GREEDY, MAX_LOGPROBS } from '../engine.ts';
import type { GenerateOptions, SamplerOptions } from '../engine.ts';
import { EngineError } from '../failures.ts';

function invalid(option: string, expected: string, actual: number): EngineError {
  return new EngineError('option-invalid', `${option} should be ${expected}, is ${actual}`, {
    option,
    expected,
    actual: String(actual),
  });
}

/** Throws "option-invalid" unless there is a token and all are ids of the vocabulary. */
export function checkTokens(tokens: readonly number[], vocabSize: number): void {
  if (tokens.length === 0) throw invalid('tokens', 'at least one token', 0);
  for (const id of tokens) {
    if (!Number.isInteger(id) || id < 0 || id >= vocabSize) {
      throw invalid('tokens', `ids from 0 to ${vocabSize - 1}`, id);
    }
  }
}

/** Throws "context-full" where the context has no room for the tokens. */
export function checkFits({ length }: readonly number[], contextLength: number): void {
  if (length <= contextLength) return;
  const details = { expected: contextLength, actual: length };
  throw new EngineError('context-full', `${length} tokens do not fit a context of ${contextLength}`, details);
}

/** Biases at most: API users send a few words' tokens, and each is looked at once an answer. */
const MAX_BIASES = 1024;
const MAX_BIAS = 1000;

/**
 * The sampler's options, whole; throws "option-invalid" for one out of its range, for a `maxTokens` that is no count, or for
 * more `logprobs` than there are.
 */
export function checkSampler(
  options: Pick<GenerateOptions, 'sampler' | 'maxTokens' | 'logprobs'>,
  vocabSize = Infinity,
): SamplerOptions {
  const sampler: SamplerOptions = { ...GREEDY, ...options.sampler };
  const { temperature, topK, topP, minP, repetitionPenalty, seed } = sampler;
  const { frequencyPenalty, presencePenalty, logitBias } = sampler;
  const { maxTokens, logprobs = 0 } = options;
  if (!(Number.isInteger(maxTokens) && maxTokens >= 0)) throw invalid('maxTokens', 'a count', maxTokens);
  if (!(temperature >= 0 && Number.isFinite(temperature)))
    throw invalid('temperature', '0 or more', temperature);
  if (!(Number.isInteger(topK) && topK >= 0)) throw invalid('topK', 'a count, or 0', topK);
  if (!(topP > 0 && topP <= 1)) throw invalid('topP', 'above 0 and at most 1', topP);
  if (!(minP >= 0 && minP < 1)) throw invalid('minP', 'from 0 to below 1', minP);
  if (!(repetitionPenalty > 0 && Number.isFinite(repetitionPenalty))) {
    throw invalid('repetitionPenalty', 'above 0', repetitionPenalty);
  }
  if (!(Math.abs(frequencyPenalty) <= 2)) throw invalid('frequencyPenalty', 'from -2 to 2', frequencyPenalty);
  if (!(Math.abs(presencePenalty) <= 2)) throw invalid('presencePenalty', 'from -2 to 2', presencePenalty);
  if (logitBias.length > MAX_BIASES)
    throw invalid('logitBias', `at most ${MAX_BIASES} tokens`, logitBias.length);
  for (const [id, bias] of logitBias) {
    if (!(Number.isInteger(id) && id >= 0 && id < vocabSize)) {
      throw invalid('logitBias', `of ids from 0 to ${vocabSize - 1}`, id);
    }
    if (!(Math.abs(bias) <= MAX_BIAS)) throw invalid('logitBias', `from -${MAX_BIAS} to ${MAX_BIAS}`, bias);
  }
  if (!(Number.isInteger(logprobs) && logprobs >= 0 && logprobs <= MAX_LOGPROBS)) {
    throw invalid('logprobs', `a count up to ${MAX_LOGPROBS}`, logprobs);
  }
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32))
    throw invalid('seed', 'an unsigned 32-bit', seed);
  return sampler;
}

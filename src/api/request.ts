// Requests that were checked, as our options.

import type { GenerateOptions, SamplerOptions } from '../engine.ts';
import { refuse } from './check.ts';
import type { CompletionRequestBase } from './types.ts';

type SamplingRequest = Omit<CompletionRequestBase, 'prompt' | 'echo'>;

/** What a model's own config asks for where the request says nothing, and what it can take. */
export interface Defaults {
  temperature: number;
  topP: number;
  contextLength: number;
  vocabSize: number;
}

function biasOf(bias: SamplingRequest['logit_bias'], vocabSize: number): SamplerOptions['logitBias'] {
  const entries = Object.entries(bias ?? {});
  if (entries.length > 1024) throw refuse('logit_bias', 'of at most 1024 tokens', entries.length);
  return entries.map(([id, value]) => {
    if (Number(id) >= vocabSize) throw refuse('logit_bias', `of ids from 0 to ${vocabSize - 1}`, id);
    return [Number(id), value] as const;
  });
}

/**
 * Without the abort signal, the callbacks and the constraint. Throws "option-invalid" for ids beyond the vocabulary.
 * @param choice which of several answers to one prompt: each has a seed of its own
 */
export function optionsOf(
  request: SamplingRequest,
  defaults: Defaults,
  choice = 0,
  drawnSeed = 0,
): GenerateOptions {
  const { stop, logprobs, top_logprobs: top } = request;
  return {
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? defaults.contextLength,
    sampler: {
      temperature: request.temperature ?? defaults.temperature,
      topP: request.top_p ?? defaults.topP,
      topK: request.top_k ?? 0,
      minP: request.min_p ?? 0,
      repetitionPenalty: request.repetition_penalty ?? 1,
      frequencyPenalty: request.frequency_penalty ?? 0,
      presencePenalty: request.presence_penalty ?? 0,
      logitBias: biasOf(request.logit_bias, defaults.vocabSize),
      // Any integer is a seed in OpenAI's API; ours has 32 bits.
      seed: ((request.seed ?? drawnSeed) + choice) >>> 0,
    },
    ...(stop ? { stopStrings: typeof stop === 'string' ? [stop] : stop } : {}),
    ...(logprobs ? { logprobs: top ?? 0 } : {}),
  };
}

export const randomSeed = (): number => Math.floor(Math.random() * 2 ** 32);

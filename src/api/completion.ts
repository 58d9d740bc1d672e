// completions.create on a loaded model: texts that go on as they stand.

import type { GenerateResult, TokenLogprobs } from '../engine.ts';
import type { CallOptions } from './backend.ts';
import { refuse } from './check.ts';
import { formatOf } from './format.ts';
import { generateIn, headOf, logprobsOf, usageOf, type Loaded } from './loaded.ts';
import { optionsOf, randomSeed } from './request.ts';
import type { Completion, CompletionRequestBase } from './types.ts';

interface Prompt {
  tokens: number[];
  text: string;
}

/** Each prompt of a request that was checked. Throws "option-invalid" for ids beyond the vocabulary and for no token at all. */
function promptsOf({ engine, defaults }: Loaded, prompt: CompletionRequestBase['prompt']): Prompt[] {
  const one = (given: string | readonly number[]): Prompt => {
    const tokens = typeof given === 'string' ? engine.encode(given) : [...given];
    const wrong = tokens.find((id) => id >= defaults.vocabSize);
    if (wrong !== undefined) throw refuse('prompt', `of ids from 0 to ${defaults.vocabSize - 1}`, wrong);
    if (tokens.length === 0) throw refuse('prompt', 'of at least one token', given);
    return { tokens, text: typeof given === 'string' ? given : engine.decode(given) };
  };
  if (typeof prompt === 'string') return [one(prompt)];
  if (typeof prompt[0] === 'number') return [one(prompt as readonly number[])];
  return (prompt as readonly (string | readonly number[])[]).map(one);
}

export async function complete(
  model: Loaded,
  request: CompletionRequestBase,
  { onChunk, signal }: CallOptions<Completion>,
): Promise<Completion> {
  const started = performance.now();
  const prompts = promptsOf(model, request.prompt);
  const start = headOf(model, 'text_completion' as const);
  const seed = randomSeed();
  const n = request.n ?? 1;
  const results: GenerateResult[] = [];
  const choices: Completion['choices'] = [];
  for (let index = 0; index < prompts.length * n && !(index > 0 && signal.aborted); index++) {
    const prompt = prompts[Math.floor(index / n)] as Prompt;
    const choice = (
      text: string,
      finish: GenerateResult['finishReason'] | null,
      told: readonly TokenLogprobs[] | undefined,
    ): Completion['choices'][number] => {
      const logprobs = logprobsOf(model.engine, request.logprobs ? [...(told ?? [])] : undefined);
      return { index, finish_reason: finish, text, logprobs };
    };
    const chunk = (...of: Parameters<typeof choice>): void =>
      onChunk?.({ ...start, choices: [choice(...of)] });
    let told = 0;
    if (request.echo) chunk(prompt.text, null, []);
    const result = await generateIn(
      model,
      prompt.tokens,
      {
        ...optionsOf(request, model.defaults, index % n, seed),
        signal,
        onText: (text, _, logprobs = []) => {
          chunk(text, null, logprobs);
          told += logprobs.length;
        },
      },
      formatOf(request.response_format),
    );
    results.push(result);
    chunk('', result.finishReason, result.logprobs?.slice(told));
    const text = request.echo ? prompt.text + result.text : result.text;
    choices.push(choice(text, result.finishReason, result.logprobs));
  }
  const usage = usageOf(results, n, started);
  if (request.stream_options?.include_usage) onChunk?.({ ...start, choices: [], usage });
  return { ...start, choices, usage };
}

// chat.completions.create on a loaded model.

import type { GenerateResult, TokenLogprobs } from '../engine.ts';
import type { CallOptions } from './backend.ts';
import { unsupported } from './check.ts';
import { formatOf } from './format.ts';
import { generateIn, headOf, logprobsOf, usageOf, type Loaded } from './loaded.ts';
import { turnsOf } from './messages.ts';
import { optionsOf, randomSeed } from './request.ts';
import { toolsOf } from './tools.ts';
import type { ChatCompletion, ChatCompletionChunk, ChatCompletionRequestBase } from './types.ts';

type Delta = ChatCompletionChunk['choices'][number]['delta'];

export async function chat(
  model: Loaded,
  request: ChatCompletionRequestBase,
  { onChunk, signal }: CallOptions<ChatCompletionChunk>,
): Promise<ChatCompletion> {
  const started = performance.now();
  const tools = request.tool_choice === 'none' ? [] : toolsOf(request.tools);
  if (tools.length > 0) throw unsupported('tools', 'are not spoken of by this model’s chat template');
  const tokens = model.engine.encodeChat(turnsOf(request.messages));
  const start = headOf(model, 'chat.completion.chunk' as const);
  const seed = randomSeed();
  const n = request.n ?? 1;
  const results: GenerateResult[] = [];
  const choices: ChatCompletion['choices'] = [];
  for (let index = 0; index < n; index++) {
    const chunk = (
      delta: Delta,
      finish: ChatCompletion['choices'][number]['finish_reason'] | null,
      told: readonly TokenLogprobs[] | undefined,
    ): void => {
      const logprobs = logprobsOf(model.engine, request.logprobs ? [...(told ?? [])] : undefined);
      onChunk?.({ ...start, choices: [{ index, delta, finish_reason: finish, logprobs }] });
    };
    let begun = false;
    let told = 0;
    const result = await generateIn(
      model,
      tokens,
      {
        ...optionsOf(request, model.defaults, index, seed),
        signal,
        onText: (content, _, logprobs = []) => {
          chunk(begun ? { content } : { role: 'assistant', content }, null, logprobs);
          begun = true;
          told += logprobs.length;
        },
      },
      formatOf(request.response_format),
    );
    results.push(result);
    chunk({}, result.finishReason, result.logprobs?.slice(told));
    choices.push({
      index,
      finish_reason: result.finishReason,
      message: { role: 'assistant', content: result.text },
      logprobs: logprobsOf(model.engine, result.logprobs),
    });
    if (signal.aborted) break; // interrupted: the answers that would follow are not begun
  }
  const usage = usageOf(results, n, started);
  if (request.stream_options?.include_usage) onChunk?.({ ...start, choices: [], usage });
  return { ...start, object: 'chat.completion', choices, usage };
}

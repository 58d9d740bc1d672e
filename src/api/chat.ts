// chat.completions.create on a loaded model.

import type { ChatTurn, GenerateOptions, GenerateResult, TokenLogprobs } from '../engine.ts';
import { readCalls, type ReadCall } from '../engines/tool-calls.ts';
import { partialJson } from '../engines/grammar/partial-json.ts';
import type { CallOptions } from './backend.ts';
import { formatOf } from './format.ts';
import { generateIn, headOf, logprobsOf, usageOf, type Loaded } from './loaded.ts';
import { turnsOf } from './messages.ts';
import { optionsOf, randomSeed } from './request.ts';
import { forcedCall, offered } from './tool-choice.ts';
import { toolsOf } from './tools.ts';
import type { ChatCompletion, ChatCompletionChunk, ChatCompletionRequestBase } from './types.ts';

type Choice = ChatCompletion['choices'][number];
type Delta = ChatCompletionChunk['choices'][number]['delta'];

/** One answer's pieces on their way to the caller. */
interface Outlet {
  text(content: string, told: readonly TokenLogprobs[]): void;
  call(call: ReadCall): void;
  end(finish: Choice['finish_reason'], rest: readonly TokenLogprobs[]): void;
  calls: NonNullable<Choice['message']['tool_calls']>;
  content: string;
}

function outletOf(
  send: (delta: Delta, told: readonly TokenLogprobs[], finish?: Choice['finish_reason']) => void,
): Outlet {
  let begun = false;
  const first = (): Delta => (begun ? {} : { role: 'assistant' });
  const outlet: Outlet = {
    calls: [],
    content: '',
    text(content, told) {
      outlet.content += content;
      send({ ...first(), content }, told);
      begun = true;
    },
    call({ name, arguments: given }) {
      const index = outlet.calls.length;
      const id = `call_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`;
      outlet.calls.push({ id, type: 'function', function: { name, arguments: given } });
      // As OpenAI streams them: first which, then with what.
      send(
        { ...first(), tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] },
        [],
      );
      begun = true;
      send({ tool_calls: [{ index, function: { arguments: given } }] }, []);
    },
    end: (finish, rest) => send({}, rest, finish),
  };
  return outlet;
}

interface Asked {
  model: Loaded;
  request: ChatCompletionRequestBase;
  turns: readonly ChatTurn[];
}

/** One answer into its outlet. @returns what was generated for it, the last being the answer itself */
async function answer(
  { model, request, turns }: Asked,
  options: GenerateOptions,
  outlet: Outlet,
): Promise<GenerateResult[]> {
  const offer = offered(model, request, toolsOf(request.tools));
  if (offer && offer.must.length > 0) {
    const { call, results } = await forcedCall(model, turns, offer, options);
    const last = results.at(-1);
    if (call.name !== '') outlet.call(call);
    outlet.end(last?.finishReason === 'stop' ? 'tool_calls' : (last?.finishReason ?? 'stop'), []);
    return results;
  }
  let told = 0;
  let waiting: TokenLogprobs[] = [];
  const reader =
    offer &&
    readCalls(
      offer.format,
      offer.tools.map(({ name }) => name),
    );
  const one = request.parallel_tool_calls === false;
  const take = ({ content, calls }: { content: string; calls: readonly ReadCall[] }): void => {
    if (content !== '') {
      outlet.text(content, waiting);
      waiting = [];
    }
    for (const call of calls) if (!one || outlet.calls.length === 0) outlet.call(call);
  };
  const result = await generateIn(
    model,
    model.engine.encodeChat(turns, '', offer?.tools),
    {
      ...options,
      onText(content, _, logprobs = []) {
        told += logprobs.length;
        waiting.push(...logprobs);
        take(reader ? reader.push(content) : { content, calls: [] });
      },
    },
    formatOf(request.response_format),
  );
  if (reader) take(reader.end());
  const called = outlet.calls.length > 0 && result.finishReason === 'stop';
  outlet.end(called ? 'tool_calls' : result.finishReason, [
    ...waiting,
    ...(result.logprobs?.slice(told) ?? []),
  ]);
  return [result];
}

export async function chat(
  model: Loaded,
  request: ChatCompletionRequestBase,
  { onChunk, signal }: CallOptions<ChatCompletionChunk>,
): Promise<ChatCompletion> {
  const started = performance.now();
  const asked = { model, request, turns: turnsOf(request.messages) };
  const start = headOf(model, 'chat.completion.chunk' as const);
  const seed = randomSeed();
  const isJson = ['json_object', 'json_schema'].includes(request.response_format?.type ?? '');
  const asParts = isJson && request.stream_options?.include_parsed === true;
  const n = request.n ?? 1;
  const answers: GenerateResult[][] = [];
  const choices: Choice[] = [];
  for (let index = 0; index < n; index++) {
    let written = '';
    const outlet = outletOf((piece, told, finish = undefined) => {
      const logprobs = logprobsOf(model.engine, request.logprobs ? [...told] : undefined);
      written += piece.content ?? '';
      const delta = asParts && piece.content ? { ...piece, parsed: partialJson(written) } : piece;
      onChunk?.({ ...start, choices: [{ index, delta, finish_reason: finish ?? null, logprobs }] });
      if (finish !== undefined) end = finish;
    });
    let end: Choice['finish_reason'] = 'stop';
    const results = await answer(
      asked,
      { ...optionsOf(request, model.defaults, index, seed), signal },
      outlet,
    );
    answers.push(results);
    const { calls, content } = outlet;
    choices.push({
      index,
      finish_reason: end,
      message: {
        role: 'assistant',
        content: calls.length > 0 && content.trim() === '' ? null : content,
        ...(calls.length > 0 ? { tool_calls: calls } : {}),
      },
      logprobs: logprobsOf(model.engine, results.at(-1)?.logprobs),
    });
    if (signal.aborted) break; // interrupted: the answers that would follow are not begun
  }
  const usage = usageOf(answers.flat(), n * (answers[0]?.length ?? 1), started);
  if (request.stream_options?.include_usage) onChunk?.({ ...start, choices: [], usage });
  return { ...start, object: 'chat.completion', choices, usage };
}

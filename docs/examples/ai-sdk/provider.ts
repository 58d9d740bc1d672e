// A language model of the Vercel AI SDK over a Yupana engine: `generateText({ model: yupanaModel(engine), … })`.

import {
  UnsupportedFunctionalityError,
  type LanguageModelV3,
  type LanguageModelV3CallOptions,
  type LanguageModelV3Content,
  type LanguageModelV3FinishReason,
  type LanguageModelV3StreamPart,
  type LanguageModelV3Usage,
} from '@ai-sdk/provider';
import type { ChatCompletionRequestBase, CompletionUsage, FinishReason, YupanaEngine } from 'yupana';
import { messagesOf } from './messages.ts';

function finishOf(raw: FinishReason): LanguageModelV3FinishReason {
  const unified = { stop: 'stop', length: 'length', tool_calls: 'tool-calls', abort: 'other' } as const;
  return { unified: unified[raw], raw };
}

function usageOf({
  prompt_tokens,
  completion_tokens,
  prompt_tokens_details,
}: CompletionUsage): LanguageModelV3Usage {
  const cacheRead = prompt_tokens_details.cached_tokens;
  return {
    inputTokens: {
      total: prompt_tokens,
      noCache: prompt_tokens - cacheRead,
      cacheRead,
      cacheWrite: undefined,
    },
    outputTokens: { total: completion_tokens, text: completion_tokens, reasoning: undefined },
  };
}

function toolsOf({ tools, toolChoice }: LanguageModelV3CallOptions): Partial<ChatCompletionRequestBase> {
  if (!tools?.length) return {};
  const asked = tools.map((tool) => {
    if (tool.type !== 'function')
      throw new UnsupportedFunctionalityError({ functionality: `tool ${tool.id}` });
    const { name, description, inputSchema: parameters } = tool;
    return {
      type: 'function' as const,
      function: { name, parameters, ...(description === undefined ? {} : { description }) },
    };
  });
  if (!toolChoice) return { tools: asked };
  if (toolChoice.type !== 'tool') return { tools: asked, tool_choice: toolChoice.type };
  return { tools: asked, tool_choice: { type: 'function', function: { name: toolChoice.toolName } } };
}

function requestOf(options: LanguageModelV3CallOptions): ChatCompletionRequestBase {
  const { responseFormat: format } = options;
  return {
    messages: messagesOf(options.prompt),
    max_tokens: options.maxOutputTokens,
    temperature: options.temperature,
    top_p: options.topP,
    top_k: options.topK,
    presence_penalty: options.presencePenalty,
    frequency_penalty: options.frequencyPenalty,
    stop: options.stopSequences,
    seed: options.seed,
    signal: options.abortSignal,
    ...(format?.type !== 'json'
      ? {}
      : {
          response_format: format.schema
            ? { type: 'json_schema', json_schema: { schema: format.schema } }
            : { type: 'json_object' },
        }),
    ...toolsOf(options),
  };
}

export function yupanaModel(engine: YupanaEngine, modelId = 'yupana'): LanguageModelV3 {
  return {
    specificationVersion: 'v3',
    provider: 'yupana',
    modelId,
    supportedUrls: {},

    async doGenerate(options) {
      const answer = await engine.chat.completions.create({ ...requestOf(options), stream: false });
      const [choice] = answer.choices;
      if (!choice) throw new Error('an answer without a choice');
      const { content: text, tool_calls: calls = [] } = choice.message;
      const content: LanguageModelV3Content[] = text ? [{ type: 'text', text }] : [];
      for (const call of calls) {
        const { name: toolName, arguments: input } = call.function;
        content.push({ type: 'tool-call', toolCallId: call.id, toolName, input });
      }
      return {
        content,
        finishReason: finishOf(choice.finish_reason),
        usage: usageOf(answer.usage),
        response: { id: answer.id, modelId: answer.model, timestamp: new Date(answer.created * 1000) },
        warnings: [],
      };
    },

    async doStream(options) {
      const chunks = await engine.chat.completions.create({
        ...requestOf(options),
        stream: true,
        stream_options: { include_usage: true },
      });
      return { stream: streamOf(partsOf(chunks)) };
    },
  };
}

/** `ReadableStream.from`, which not every browser has: leaving the stream ends the answer. */
function streamOf<T>(parts: AsyncGenerator<T>): ReadableStream<T> {
  return new ReadableStream<T>({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}

type Chunks = Awaited<ReturnType<YupanaEngine['chat']['completions']['create']>>;

async function* partsOf(
  chunks: Extract<Chunks, AsyncIterable<unknown>>,
): AsyncGenerator<LanguageModelV3StreamPart> {
  yield { type: 'stream-start', warnings: [] };
  const calls: { id: string; name: string; input: string }[] = [];
  let finish: FinishReason = 'stop';
  let open = false;
  for await (const { choices, usage } of chunks) {
    const [choice] = choices;
    if (choice?.delta.content) {
      if (!open) yield { type: 'text-start', id: '0' };
      open = true;
      yield { type: 'text-delta', id: '0', delta: choice.delta.content };
    }
    for (const { index, id, function: part } of choice?.delta.tool_calls ?? []) {
      const call = (calls[index] ??= { id: id ?? '', name: part.name ?? '', input: '' });
      call.input += part.arguments ?? '';
    }
    finish = choice?.finish_reason ?? finish;
    if (!usage) continue;
    if (open) yield { type: 'text-end', id: '0' };
    for (const { id, name, input } of calls) {
      yield { type: 'tool-call', toolCallId: id, toolName: name, input };
    }
    yield { type: 'finish', finishReason: finishOf(finish), usage: usageOf(usage) };
  }
}

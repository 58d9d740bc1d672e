// A chat model of LangChain.js over a Yupana engine: `new ChatYupana({ engine }).invoke('…')`.

import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BaseChatModelParams,
  type BindToolsInput,
} from '@langchain/core/language_models/chat_models';
import { AIMessage, AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs';
import { convertToOpenAITool } from '@langchain/core/utils/function_calling';
import type {
  ChatCompletionMessageToolCall,
  ChatCompletionRequestBase,
  ChatCompletionTool,
  CompletionUsage,
  YupanaEngine,
} from 'yupana';
import { messageOf } from './messages.ts';

interface CallOptions extends BaseChatModelCallOptions {
  tools?: BindToolsInput[];
}
type Sampling = Partial<Omit<ChatCompletionRequestBase, 'messages' | 'stream' | 'tools' | 'signal'>>;

const usageOf = ({
  prompt_tokens,
  completion_tokens,
  total_tokens,
  prompt_tokens_details,
}: CompletionUsage) => ({
  input_tokens: prompt_tokens,
  output_tokens: completion_tokens,
  total_tokens,
  input_token_details: { cache_read: prompt_tokens_details.cached_tokens },
});

const callOf = ({ id, function: { name, arguments: text } }: ChatCompletionMessageToolCall) => ({
  id,
  name,
  args: JSON.parse(text) as Record<string, unknown>,
  type: 'tool_call' as const,
});

export class ChatYupana extends BaseChatModel<CallOptions> {
  private readonly engine: YupanaEngine;
  private readonly sampling: Sampling;

  constructor({
    engine,
    sampling = {},
    ...rest
  }: BaseChatModelParams & { engine: YupanaEngine; sampling?: Sampling }) {
    super(rest);
    this.engine = engine;
    this.sampling = sampling;
  }

  override _llmType(): string {
    return 'yupana';
  }

  override bindTools(tools: BindToolsInput[], options: Partial<CallOptions> = {}) {
    return this.withConfig({ ...options, tools } as Partial<CallOptions>);
  }

  private requestOf(messages: BaseMessage[], options: this['ParsedCallOptions']): ChatCompletionRequestBase {
    const { tools, tool_choice: choice, stop, signal } = options;
    const named = typeof choice === 'string' && !['auto', 'none', 'any', 'required'].includes(choice);
    return {
      ...this.sampling,
      messages: messages.map(messageOf),
      ...(stop && { stop }),
      ...(signal && { signal }),
      ...(tools && { tools: tools.map((tool) => convertToOpenAITool(tool) as ChatCompletionTool) }),
      ...(choice && {
        tool_choice: (named
          ? { type: 'function', function: { name: choice } }
          : choice === 'any'
            ? 'required'
            : choice) as NonNullable<ChatCompletionRequestBase['tool_choice']>,
      }),
    };
  }

  override async _generate(messages: BaseMessage[], options: this['ParsedCallOptions']): Promise<ChatResult> {
    const request = this.requestOf(messages, options);
    const { choices, usage } = await this.engine.chat.completions.create({ ...request, stream: false });
    return {
      generations: choices.map(({ message, finish_reason }) => ({
        text: message.content ?? '',
        message: new AIMessage({
          content: message.content ?? '',
          tool_calls: (message.tool_calls ?? []).map(callOf),
          usage_metadata: usageOf(usage),
          response_metadata: { finish_reason },
        }),
      })),
    };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    manager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const chunks = await this.engine.chat.completions.create({
      ...this.requestOf(messages, options),
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const { choices, usage } of chunks) {
      const { content: text = '', tool_calls: calls = [] } = choices[0]?.delta ?? {};
      const tool_call_chunks = calls.map(({ index, id, function: { name, arguments: args } }) => ({
        index,
        ...(id && { id }),
        ...(name && { name }),
        ...(args && { args }),
        type: 'tool_call_chunk' as const,
      }));
      const message = new AIMessageChunk({
        content: text,
        tool_call_chunks,
        ...(usage && { usage_metadata: usageOf(usage) }),
      });
      yield new ChatGenerationChunk({ text, message });
      if (text !== '') await manager?.handleLLMNewToken(text);
    }
  }
}

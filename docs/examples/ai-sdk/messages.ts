// The AI SDK's prompts as OpenAI's messages.

import { UnsupportedFunctionalityError, type LanguageModelV3Prompt } from '@ai-sdk/provider';
import type { ChatCompletionMessageParam, ChatCompletionMessageToolCall } from 'yupana';

type Output = Extract<
  Extract<LanguageModelV3Prompt[number], { role: 'tool' }>['content'][number],
  { type: 'tool-result' }
>['output'];

function textOf(output: Output): string {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return output.value;
    case 'execution-denied':
      return output.reason ?? 'denied';
    default:
      return JSON.stringify(output.value);
  }
}

/** Throws UnsupportedFunctionalityError for what a text model cannot read. */
export function messagesOf(prompt: LanguageModelV3Prompt): ChatCompletionMessageParam[] {
  return prompt.flatMap((message): ChatCompletionMessageParam[] => {
    if (message.role === 'system') return [{ role: 'system', content: message.content }];
    if (message.role === 'tool') {
      return message.content.flatMap((part) =>
        part.type === 'tool-result'
          ? [{ role: 'tool' as const, tool_call_id: part.toolCallId, content: textOf(part.output) }]
          : [],
      );
    }
    let content = '';
    const calls: ChatCompletionMessageToolCall[] = [];
    for (const part of message.content) {
      if (part.type === 'text') content += part.text;
      else if (part.type === 'tool-call') {
        const { toolName: name, input } = part;
        calls.push({
          id: part.toolCallId,
          type: 'function',
          function: { name, arguments: JSON.stringify(input) },
        });
      } else if (part.type !== 'reasoning') {
        throw new UnsupportedFunctionalityError({ functionality: `a ${part.type} in a message` });
      }
    }
    if (message.role === 'user') return [{ role: 'user', content }];
    return [{ role: 'assistant', content, ...(calls.length > 0 ? { tool_calls: calls } : {}) }];
  });
}

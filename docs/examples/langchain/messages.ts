// LangChain's messages as OpenAI's.

import { AIMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import type { ChatCompletionMessageParam } from 'yupana';

/** Throws for what a text model cannot read. */
function textOf(message: BaseMessage): string {
  if (typeof message.content === 'string') return message.content;
  return message.content
    .map((part) => {
      if (part.type !== 'text') throw new Error(`a ${part.type} in a message cannot be read by this model`);
      return (part as { text: string }).text;
    })
    .join('');
}

/** Throws for roles that a chat template does not have. */
export function messageOf(message: BaseMessage): ChatCompletionMessageParam {
  const content = textOf(message);
  if (message instanceof ToolMessage) return { role: 'tool', content, tool_call_id: message.tool_call_id };
  if (message instanceof AIMessage) {
    const calls = (message.tool_calls ?? []).map(({ id = '', name, args }) => ({
      id,
      type: 'function' as const,
      function: { name, arguments: JSON.stringify(args) },
    }));
    return { role: 'assistant', content, ...(calls.length > 0 ? { tool_calls: calls } : {}) };
  }
  switch (message.getType()) {
    case 'human':
      return { role: 'user', content };
    case 'system':
    case 'developer':
      return { role: 'system', content };
    default:
      throw new Error(`messages of type ${message.getType()} are not supported`);
  }
}

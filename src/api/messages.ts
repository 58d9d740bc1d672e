// The messages of a request as turns that chat templates take.

import type { ChatTurn, ToolCallTurn } from '../engine.ts';
import { checkFields, given, isRecord, isText, refuse, text, unsupported, type Check } from './check.ts';

const anything: Check = () => undefined;
const empty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
/** What OpenAI's answers carry beside their text: sent back as it came, it asks for nothing. */
const NEUTRAL = { refusal: () => false, annotations: empty, audio: () => false };
const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'];
/** Parts that are known and not text. */
const OTHER_PARTS = ['image_url', 'input_audio', 'file', 'refusal'];

function contentOf(content: unknown, at: string): string {
  if (isText(content)) return content;
  if (!Array.isArray(content) || content.length === 0) throw refuse('content', `text in ${at}`, content);
  return content
    .map((part: unknown) => {
      if (!isRecord(part)) throw refuse('content', `parts of text in ${at}`, part);
      if (OTHER_PARTS.includes(String(part['type']))) throw unsupported(`content.${String(part['type'])}`);
      if (part['type'] !== 'text') throw refuse('content.type', `"text" in ${at}`, part['type']);
      if (!isText(part['text'])) throw refuse('content.text', `text in ${at}`, part['text']);
      checkFields(part, { type: anything, text: anything }, {}, 'content.');
      return part['text'];
    })
    .join('');
}

/** Arguments travel as JSON in a text, and templates read them as an object. */
function callsOf(calls: unknown, at: string): ToolCallTurn[] {
  if (!Array.isArray(calls)) throw refuse('tool_calls', `a list in ${at}`, calls);
  return calls.map((call: unknown) => {
    const asked = isRecord(call) ? call['function'] : undefined;
    if (!isRecord(call) || !isRecord(asked)) throw refuse('tool_calls', `calls of functions in ${at}`, call);
    if (given(call['type']) && call['type'] !== 'function') throw unsupported('tool_calls.type');
    checkFields(call, { id: text, type: text, function: anything, index: anything }, {}, 'tool_calls.');
    checkFields(asked, { name: text, arguments: anything }, {}, 'tool_calls.function.');
    text(asked['name'], 'tool_calls.function.name');
    let read: unknown;
    try {
      read = JSON.parse(isText(asked['arguments']) ? asked['arguments'] || '{}' : '');
    } catch {
      read = undefined;
    }
    if (!isRecord(read))
      throw refuse('tool_calls.function.arguments', 'an object as JSON', asked['arguments']);
    return { id: String(call['id'] ?? ''), name: String(asked['name']), arguments: read };
  });
}

function turnOf(message: unknown, index: number): ChatTurn {
  const at = `messages[${index}]`;
  if (!isRecord(message)) throw refuse(at, 'a message', message);
  const { role, content, tool_calls: calls, tool_call_id: answers } = message;
  if (!isText(role) || !ROLES.includes(role)) throw refuse('role', `${ROLES.join(', ')} in ${at}`, role);
  const known: Record<string, Check> = { role: anything, content: anything };
  if (role === 'assistant') known['tool_calls'] = anything;
  if (role === 'tool') known['tool_call_id'] = text;
  checkFields(message, known, NEUTRAL, `${at}.`);
  switch (role) {
    case 'assistant': {
      const made = given(calls) ? callsOf(calls, at) : [];
      if (made.length === 0) return { role, content: contentOf(content, at) };
      return { role, content: given(content) ? contentOf(content, at) : '', toolCalls: made };
    }
    case 'tool':
      return { role, content: contentOf(content, at), ...(isText(answers) ? { toolCallId: answers } : {}) };
    case 'user':
      return { role, content: contentOf(content, at) };
    default: // OpenAI calls the system's messages "developer" since its models reason
      return { role: 'system', content: contentOf(content, at) };
  }
}

/** Throws "option-invalid", "option-unsupported". */
export function turnsOf(messages: unknown): ChatTurn[] {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw refuse('messages', 'a list of at least one message', messages);
  }
  return messages.map(turnOf);
}

// How a model writes the calls of tools, by its own chat template: a conversation with one marked call is rendered, and what
// stands around the marks is how calls look.

import type { ToolFormat } from '../engine.ts';
import type { ChatTemplate } from './chat-template.ts';
import { isRecord } from './vocabulary.ts';

const NAME = 'qzkwv_tool';
const KEY = 'qzkwv_key';
const VALUE = 'qzkwv value';
/** Nine letters and digits: what templates that check ids ask for. */
const ID = 'qzkwv0001';
const QUESTION = { role: 'user' as const, content: 'qzkwv question' };

/** The end of the JSON object that begins at `start`, or -1 where it does not end. */
export function objectEnd(text: string, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let i = start; i < text.length; i++) {
    const letter = text[i];
    if (quoted) {
      if (letter === '\\') i++;
      else if (letter === '"') quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === '{') depth++;
    else if (letter === '}' && --depth === 0) return i + 1;
  }
  return -1;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The innermost object that has both the marked name and the marked argument. */
function markedCall(text: string): { at: number; call: Record<string, unknown>; source: string } | undefined {
  for (let at = text.lastIndexOf('{', text.indexOf(NAME)); at >= 0; at = text.lastIndexOf('{', at - 1)) {
    const source = text.slice(at, objectEnd(text, at));
    const call = source.includes(NAME) && source.includes(VALUE) ? parsed(source) : undefined;
    if (call) return { at, call, source };
    if (at === 0) break;
  }
  return undefined;
}

/**
 * Undefined where the template does not speak of tools, or writes calls otherwise than as JSON objects with a name and arguments.
 * @param specials texts of special tokens: answers do not show them
 */
export function toolFormat(template: ChatTemplate, specials: readonly string[]): ToolFormat | undefined {
  const tools = [
    {
      name: NAME,
      description: '',
      parameters: { type: 'object', properties: { [KEY]: { type: 'string' } } },
    },
  ];
  try {
    const asked = template([QUESTION], { tools });
    if (!asked.includes(NAME)) return undefined;
    const toolCalls = [{ id: ID, name: NAME, arguments: { [KEY]: VALUE } }];
    const answered = template([QUESTION, { role: 'assistant', content: '', toolCalls }], {
      tools,
      addGenerationPrompt: false,
    });
    let header = 0;
    while (header < asked.length && asked[header] === answered[header]) header++;
    const turn = answered.slice(header);
    const found = markedCall(turn);
    if (!found) return undefined;
    const { at, call, source } = found;
    const nameKey = Object.keys(call).find((key) => call[key] === NAME);
    const argumentsKey = Object.keys(call).find(
      (key) => key !== nameKey && JSON.stringify(call[key]).includes(KEY),
    );
    if (nameKey === undefined || argumentsKey === undefined) return undefined;
    const nameAt = at + source.indexOf(NAME);
    const valueAt = at + source.search(new RegExp(`"${argumentsKey}"\\s*:\\s*`));
    const value = /^"[^"]*"\s*:\s*/.exec(turn.slice(valueAt))?.[0].length ?? 0;
    let open = turn.slice(0, at);
    for (const special of specials.filter(Boolean)) open = open.replaceAll(special, '');
    return {
      beforeName: turn.slice(0, nameAt),
      beforeArguments: turn.slice(nameAt + NAME.length, valueAt + value),
      open: open.replace(/\[\s*$/, '').trim(),
      nameKey,
      argumentsKey,
    };
  } catch {
    return undefined; // a template that refuses this conversation has no form that could be read
  }
}

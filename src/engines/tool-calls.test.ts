import { describe, expect, test } from 'vitest';
import { readCalls } from './tool-calls.ts';

const marked = {
  beforeName: '',
  beforeArguments: '',
  open: '<tool_call>',
  nameKey: 'name',
  argumentsKey: 'arguments',
};
const bare = { ...marked, open: '', argumentsKey: 'parameters' };
const NAMES = ['clima', 'hora'];

/** The answer in pieces of so many characters. */
function read(answer: string, format: typeof marked, size: number) {
  const reader = readCalls(format, NAMES);
  let content = '';
  const calls: string[] = [];
  const take = (taken: ReturnType<typeof reader.push>): void => {
    content += taken.content;
    calls.push(...taken.calls.map(({ name, arguments: given }) => `${name} ${given}`));
  };
  for (let at = 0; at < answer.length; at += size) take(reader.push(answer.slice(at, at + size)));
  take(reader.end());
  return { content, calls };
}

describe.each([1, 3, 7, 1000])('in pieces of %d characters', (size) => {
  test.each([
    ['text alone', 'Hace sol. {"a": 1}', 'Hace sol. {"a": 1}', []],
    [
      'one call',
      '<tool_call>\n{"name": "clima", "arguments": {"a": "}"}}\n</tool_call>',
      '',
      ['clima {"a":"}"}'],
    ],
    [
      'text, then two calls',
      'Veo. <tool_call>\n{"name": "clima", "arguments": {}}\n</tool_call>\n<tool_call>\n{"name": "hora", "arguments": {"b": [1]}}\n</tool_call>',
      'Veo. ',
      ['clima {}', 'hora {"b":[1]}'],
    ],
    [
      'a tool that nobody offered',
      '<tool_call>{"name": "borrar", "arguments": {}}',
      '<tool_call>{"name": "borrar", "arguments": {}}',
      [],
    ],
    [
      'a call that was cut',
      'Sí <tool_call>{"name": "clima", "argu',
      'Sí <tool_call>{"name": "clima", "argu',
      [],
    ],
    ['the beginning of a mark', 'a < b <tool', 'a < b <tool', []],
  ])('%s, between marks', (_, answer, content, calls) => {
    expect(read(answer, marked, size)).toEqual({ content, calls });
  });
  test.each([
    ['JSON that is a call', ' {"name": "clima", "parameters": {"a": 1}}', '', ['clima {"a":1}']],
    [
      'a list of calls',
      '[{"name": "clima", "parameters": {}}, {"name": "hora", "parameters": {}}]',
      '',
      ['clima {}', 'hora {}'],
    ],
    ['JSON that is none', '{"respuesta": 1}', '{"respuesta": 1}', []],
    [
      'text that mentions one',
      'Usa {"name": "clima", "parameters": {}}',
      'Usa {"name": "clima", "parameters": {}}',
      [],
    ],
  ])('%s, without marks', (_, answer, content, calls) => {
    const seen = read(answer, bare, size);
    expect({ ...seen, content: seen.content.trim() }).toEqual({ content, calls });
  });
});

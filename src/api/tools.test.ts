// Tools by the model's own template: offered, forced, read back, streamed, answered.

import 'fake-indexeddb/auto';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { webLocks } from '../../tests/host/web-locks.ts';
import { folderSource } from '../cli/folder-source.ts';
import type { GenerateOptions, Session } from '../engine.ts';
import type { ShardSource } from '../format/shard-source.ts';
import { chat } from './chat.ts';
import type { Loaded } from './loaded.ts';
import type { ChatCompletionChunk, YupanaEngine } from './types.ts';
import { inPageEngine } from './yupana.ts';

const SEMILLA = path.resolve(import.meta.dirname, '../../public/models/semilla-q4f16_1');
const TEMPLATE = `{{- bos_token }}{% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>

{{ m.content }}{% for c in m.tool_calls %}<tool_call>{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}</tool_call>{% endfor %}<|eot_id|>{% endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>

{% endif %}`;
/** The starter model with a template that speaks of tools. */
function withTemplate(source: ShardSource): ShardSource {
  const bytes = new TextEncoder().encode(TEMPLATE);
  const own = (name: string): boolean => name === 'chat_template.jinja';
  return {
    name: source.name,
    size: (name) => (own(name) ? Promise.resolve(bytes.length) : source.size(name)),
    read: (name, offset, length) =>
      own(name) ? Promise.resolve(bytes.slice(offset, offset + length)) : source.read(name, offset, length),
  };
}
const tool = (name: string, parameters?: object) => ({
  type: 'function' as const,
  function: { name, description: 'El clima de una ciudad', ...(parameters && { parameters }) },
});
const CLIMA = tool('clima', {
  type: 'object',
  properties: { grados: { type: 'integer', minimum: 0, maximum: 9 } },
  required: ['grados'],
  additionalProperties: false,
});
const messages = [{ role: 'user' as const, content: '¿Qué clima hace?' }];
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let engine: YupanaEngine;
beforeAll(async () => {
  vi.stubGlobal('navigator', { locks: webLocks() });
  engine = inPageEngine({ device: 'cpu' });
  await engine.reload(
    { id: 'semilla', source: withTemplate(folderSource(SEMILLA)) },
    { context_window_size: 512 },
  );
});
afterAll(async () => {
  await engine.unload();
  vi.unstubAllGlobals();
});

test.each(['required', { type: 'function', function: { name: 'clima' } }] as const)(
  'tool_choice %j gives a call that follows its schema',
  async (tool_choice) => {
    const asked = { messages, tools: [CLIMA], tool_choice, temperature: 1, seed: 3, max_tokens: 60 };
    const { choices, usage } = await engine.chat.completions.create(asked);
    const [call] = choices[0]?.message.tool_calls ?? [];
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    expect(call?.function.name).toBe('clima');
    expect(JSON.parse(call?.function.arguments ?? '')).toEqual({ grados: expect.any(Number) as number });
    expect(usage.completion_tokens).toBeGreaterThan(0);
  },
);

test('of several tools one is called, and its answer goes on', async () => {
  const tools = [tool('hora', { type: 'object', properties: {}, additionalProperties: false }), CLIMA];
  const first = await engine.chat.completions.create({
    messages,
    tools,
    tool_choice: 'required',
    temperature: 0,
    max_tokens: 60,
  });
  const { message } = first.choices[0] ?? {};
  const [call] = message?.tool_calls ?? [];
  expect(['hora', 'clima']).toContain(call?.function.name);
  const next = await engine.chat.completions.create({
    messages: [
      ...messages,
      { role: 'assistant', content: null, tool_calls: message?.tool_calls ?? [] },
      { role: 'tool', tool_call_id: call?.id ?? '', content: '7' },
    ],
    tools,
    temperature: 0,
    max_tokens: 4,
  });
  expect(next.choices[0]?.message.role).toBe('assistant');
  expect(next.usage.prompt_tokens).toBeGreaterThan(first.usage.prompt_tokens);
});

/** A model that says what it is told to, a few characters at a time. */
function saying(text: string): Loaded {
  const usage = {
    promptTokens: 3,
    reusedTokens: 0,
    completionTokens: 9,
    timeToFirstToken: 1,
    prefillTokensPerSecond: 1,
    decodeTokensPerSecond: 1,
    contextUsed: 12,
    contextLength: 64,
  };
  const generate = (_: unknown, { onText }: GenerateOptions) => {
    for (let at = 0; at < text.length; at += 5) onText?.(text.slice(at, at + 5), at);
    return Promise.resolve({ tokenIds: [], text, finishReason: 'stop' as const, usage });
  };
  const format = {
    beforeName: '',
    beforeArguments: '',
    open: '<tool_call>',
    nameKey: 'name',
    argumentsKey: 'arguments',
  };
  return {
    id: 'm',
    engine: { encodeChat: () => [1, 2, 3], capabilities: { tools: format } } as unknown as Loaded['engine'],
    session: { generate } as unknown as Session,
    defaults: { temperature: 1, topP: 1, contextLength: 64, vocabSize: 9 },
    forwarded: { tokens: [], seed: 0 },
    close: () => undefined,
  };
}
const CALLS =
  'Veo.<tool_call>{"name": "clima", "arguments": {"grados": 7}}</tool_call><tool_call>{"name": "clima", "arguments": {"grados": 8}}</tool_call>';

test.each([
  [true, ['{"grados":7}', '{"grados":8}']],
  [false, ['{"grados":7}']],
])('calls are streamed as OpenAI streams them; parallel_tool_calls %j', async (parallel, expected) => {
  const chunks: ChatCompletionChunk[] = [];
  const answer = await chat(
    saying(CALLS),
    { messages, tools: [CLIMA], parallel_tool_calls: parallel },
    { signal: new AbortController().signal, onChunk: (chunk) => chunks.push(chunk) },
  );
  const { message, finish_reason } = answer.choices[0] ?? {};
  expect(finish_reason).toBe('tool_calls');
  expect(message?.content).toBe('Veo.');
  expect(message?.tool_calls?.map((call) => call.function.arguments)).toEqual(expected);
  const deltas = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
  const joined = expected.map((_, index) =>
    deltas
      .filter((delta) => delta.index === index)
      .map((delta) => delta.function.arguments ?? '')
      .join(''),
  );
  expect(joined).toEqual(expected);
  expect(deltas[0]).toMatchObject({ id: message?.tool_calls?.[0]?.id, function: { name: 'clima' } });
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Veo.');
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
});

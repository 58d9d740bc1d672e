// The calls that WebLLM's documented examples make, on the starter model and the CPU engine, in this thread and behind a worker's port.

import 'fake-indexeddb/auto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startModelHost } from '../../tests/host/model-host.ts';
import { webLocks } from '../../tests/host/web-locks.ts';
import { pairedWorker } from '../../tests/host/worker-pair.ts';
import { folderSource } from '../cli/folder-source.ts';
import { inPageBackend } from './in-page.ts';
import { directoryUrl, idOf } from './open-model.ts';
import { createSurface } from './surface.ts';
import type { ChatCompletionChunk, YupanaEngine } from './types.ts';
import { workerBackend } from './worker-client.ts';
import { serveWorker } from './serve-worker.ts';

const SEMILLA = path.resolve(import.meta.dirname, '../../public/models/semilla-q4f16_1');
const BOLIVIA = [{ role: 'user' as const, content: '¿Cuál es la capital de Bolivia?' }];
const EXACT = { messages: BOLIVIA, temperature: 0, max_tokens: 40 };

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let engine: YupanaEngine;
const progress: number[] = [];
beforeAll(async () => {
  vi.stubGlobal('navigator', { locks: webLocks() });
  vi.stubGlobal('location', new URL('file:///app/'));
  engine = createSurface(inPageBackend({ device: 'cpu' }, location.href), (report) =>
    progress.push(report.progress),
  );
  await engine.reload({ id: 'semilla', source: folderSource(SEMILLA) }, { context_window_size: 512 });
});
afterAll(() => vi.unstubAllGlobals());

async function gather(chunks: AsyncIterable<ChatCompletionChunk>): Promise<ChatCompletionChunk[]> {
  const all = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}
const refused = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'not refused',
    (error: unknown) => error,
  );

test('a chat, with its usage and the progress of loading', async () => {
  const answer = await engine.chat.completions.create(EXACT);
  expect(answer).toMatchObject({
    object: 'chat.completion',
    model: 'semilla',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant' } }],
  });
  expect(answer.choices[0]?.message.content).toContain('Sucre');
  const { prompt_tokens, completion_tokens, total_tokens, extra } = answer.usage;
  expect(total_tokens).toBe(prompt_tokens + completion_tokens);
  expect(extra.decode_tokens_per_s).toBeGreaterThan(0);
  expect(progress.at(-1)).toBe(1);
  expect(await engine.getMessage()).toBe(answer.choices[0]?.message.content);
  expect(await engine.runtimeStatsText()).toMatch(/^prefill: .* tokens\/s, decode: /);
});

test('streaming gives the same text in pieces, the finish reason, and the usage where asked for', async () => {
  const whole = await engine.chat.completions.create(EXACT);
  const chunks = await gather(
    await engine.chat.completions.create({ ...EXACT, stream: true, stream_options: { include_usage: true } }),
  );
  const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
  expect(text).toBe(whole.choices[0]?.message.content);
  expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
  expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
  expect(chunks.at(-1)).toMatchObject({
    choices: [],
    usage: { completion_tokens: expect.any(Number) as number },
  });
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
});

test('rounds reuse what was computed, and requests wait for one another', async () => {
  const first = await engine.chat.completions.create(EXACT);
  const messages = [
    ...BOLIVIA,
    { role: 'assistant' as const, content: first.choices[0]?.message.content ?? '' },
    { role: 'user' as const, content: '¿Y la de Perú?' },
  ];
  const [second, again] = await Promise.all([
    engine.chat.completions.create({ ...EXACT, messages }),
    engine.chat.completions.create({ ...EXACT, messages }),
  ]);
  expect(second.usage.extra.reused_prompt_tokens).toBeGreaterThan(first.usage.prompt_tokens - 1);
  expect(again.choices[0]?.message.content).toBe(second.choices[0]?.message.content);
  await engine.resetChat();
  const fresh = await engine.chat.completions.create({ ...EXACT, messages });
  expect(fresh.usage.extra.reused_prompt_tokens).toBe(0);
});

test('a seed repeats an answer, another does not', async () => {
  const ask = async (seed: number): Promise<string | null | undefined> =>
    (await engine.chat.completions.create({ ...EXACT, temperature: 3, seed })).choices[0]?.message.content;
  expect(await ask(3)).toBe(await ask(3));
  expect(new Set(await Promise.all([1, 2, 3, 4].map(ask))).size).toBeGreaterThan(1);
});

test('stop strings, the longest answer, log probabilities', async () => {
  const stopped = await engine.chat.completions.create({ ...EXACT, stop: 'Sucre' });
  expect(stopped.choices[0]?.message.content).not.toContain('Sucre');
  const short = await engine.chat.completions.create({
    ...EXACT,
    max_tokens: 2,
    logprobs: true,
    top_logprobs: 3,
  });
  expect(short.choices[0]?.finish_reason).toBe('length');
  const content = short.choices[0]?.logprobs?.content ?? [];
  expect(content.map(({ token }) => token).join('')).toBe(short.choices[0]?.message.content);
  for (const { logprob, top_logprobs } of content) {
    expect(top_logprobs.length).toBe(3);
    expect(logprob).toBeCloseTo(top_logprobs[0]?.logprob ?? 1, 6); // greedy
  }
});

test('a logit bias bans a token', async () => {
  const { choices } = await engine.chat.completions.create({ ...EXACT, max_tokens: 1, logprobs: true });
  const token = choices[0]?.logprobs?.content?.[0]?.token;
  // The id of a token is what a completion of it begins with: found by banning ids until the answer changes.
  const biased = await engine.chat.completions.create({
    ...EXACT,
    max_tokens: 1,
    logprobs: true,
    logit_bias: Object.fromEntries(Array.from({ length: 1000 }, (_, id) => [String(id), -100])),
  });
  expect(biased.choices[0]?.logprobs?.content?.[0]?.token).not.toBe(token);
});

test('a JSON schema, a grammar', async () => {
  const schema = {
    type: 'object',
    properties: {
      capital: { type: 'string', maxLength: 12 },
      habitantes: { type: 'integer', minimum: 0, maximum: 999 },
    },
    required: ['capital', 'habitantes'],
    additionalProperties: false,
  };
  const asked = { ...EXACT, temperature: 1, seed: 5, max_tokens: 100 };
  const formats = [
    { type: 'json_object' as const, schema: JSON.stringify(schema) },
    { type: 'json_schema' as const, json_schema: { schema, name: 'capital' } },
  ];
  for (const response_format of formats) {
    const { choices } = await engine.chat.completions.create({ ...asked, response_format });
    const value = JSON.parse(choices[0]?.message.content ?? '') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['capital', 'habitantes']);
    expect(Number(value['habitantes'])).toBeLessThan(1000);
  }
  const grammar = 'root ::= "La Paz" | "Sucre"';
  const { choices } = await engine.chat.completions.create({
    ...asked,
    response_format: { type: 'grammar', grammar },
  });
  expect(['La Paz', 'Sucre']).toContain(choices[0]?.message.content);
});

test('an answer that cannot have its form in the context that is left is an error', async () => {
  const small = createSurface(inPageBackend({ device: 'cpu' }, location.href));
  await small.reload({ id: 'semilla', source: folderSource(SEMILLA) }, { context_window_size: 48 });
  const schema = { type: 'string', minLength: 400, maxLength: 500 };
  const error = await refused(
    small.chat.completions.create({
      messages: BOLIVIA,
      response_format: { type: 'json_schema', json_schema: { schema } },
    }),
  );
  expect(error).toMatchObject({ reason: 'answer-unfinished', details: { expected: 48 } });
  await small.unload();
});

test('interrupting ends an answer, in a stream too, and leaving the loop does as well', async () => {
  const long = {
    ...EXACT,
    temperature: 1,
    max_tokens: 400,
    logit_bias: { '4089': -100 },
    stream: true as const,
  };
  const seen: ChatCompletionChunk[] = [];
  for await (const chunk of await engine.chat.completions.create(long)) {
    seen.push(chunk);
    if (seen.length === 2) engine.interruptGenerate();
  }
  expect(seen.at(-1)?.choices[0]?.finish_reason).toBe('abort');
  for await (const chunk of await engine.chat.completions.create(long)) {
    expect(chunk.choices[0]?.delta.content).not.toBe('');
    break;
  }
  expect((await engine.chat.completions.create(EXACT)).choices[0]?.finish_reason).toBe('stop');
});

test('a completion goes on from a text as it stands', async () => {
  const { choices } = await engine.completions.create({
    prompt: 'Bolivia',
    temperature: 0,
    max_tokens: 5,
    echo: true,
  });
  expect(choices[0]?.text.startsWith('Bolivia')).toBe(true);
  let text = '';
  for await (const piece of await engine.completions.create({
    prompt: 'Bolivia',
    temperature: 0,
    max_tokens: 5,
    stream: true,
  })) {
    text += piece.choices[0]?.text ?? '';
  }
  expect(`Bolivia${text}`).toBe(choices[0]?.text);
});

describe('what it cannot do', () => {
  test.each([
    [{ n: 0 }, { reason: 'option-invalid', details: { option: 'n' } }],
    [{ tools: [{}] }, { reason: 'option-invalid', details: { option: 'tools.type' } }],
    [{ top_logprobs: 2 }, { reason: 'option-invalid', details: { option: 'top_logprobs' } }],
    [{ temperature: -1 }, { reason: 'option-invalid', details: { option: 'temperature' } }],
    [{ logit_bias: { a: 1 } }, { reason: 'option-invalid', details: { option: 'logit_bias' } }],
    [{ messages: [] }, { reason: 'option-invalid', details: { option: 'messages' } }],
    [
      { messages: [{ role: 'robot', content: '' }] },
      { reason: 'option-invalid', details: { option: 'role' } },
    ],
    [{ model: 'other' }, { reason: 'model-not-loaded' }],
    [
      { response_format: { type: 'xml' } },
      { reason: 'option-invalid', details: { option: 'response_format' } },
    ],
  ])('%j is refused by name', async (change, expected) => {
    const request = { ...EXACT, ...change } as typeof EXACT;
    expect(await refused(engine.chat.completions.create(request))).toMatchObject(expected);
  });
});

test('behind a worker, from a host: the model comes once, and answers, chunks and errors are the same', async () => {
  const names = readdirSync(SEMILLA);
  const files = names.map((name) => [
    `m/semilla/${name}`,
    new Uint8Array(readFileSync(path.join(SEMILLA, name))),
  ]);
  const host = await startModelHost(Object.fromEntries(files) as Record<string, Uint8Array>);
  const spawn = (): Worker => pairedWorker((scope) => serveWorker(scope)).worker;
  const seen: string[] = [];
  const remote = createSurface(workerBackend(spawn, { device: 'cpu' }, location.href), ({ text }) =>
    seen.push(text),
  );
  try {
    const own = { id: 'x', source: folderSource(SEMILLA) };
    expect(await refused(remote.reload(own))).toMatchObject({ reason: 'option-unsupported' });
    expect(await refused(remote.chat.completions.create(EXACT))).toMatchObject({
      reason: 'model-not-loaded',
    });
    expect(await refused(remote.reload('semilla'))).toMatchObject({ reason: 'model-not-stored' });
    await remote.reload(`${host.url}m/semilla`, { context_window_size: 512 });
    expect(seen.some((text) => text.startsWith('Downloading params_shard_0.bin'))).toBe(true);
    expect(seen.at(-1)).toBe('Loaded semilla');
    const [here, there] = [
      await engine.chat.completions.create(EXACT),
      await remote.chat.completions.create(EXACT),
    ];
    expect(there.choices).toEqual(here.choices);
    const chunks = await gather(await remote.chat.completions.create({ ...EXACT, stream: true }));
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(
      here.choices[0]?.message.content,
    );
    const long = { ...EXACT, temperature: 1, max_tokens: 400, stream: true as const };
    const cut: ChatCompletionChunk[] = [];
    for await (const chunk of await remote.chat.completions.create(long)) {
      cut.push(chunk);
      remote.interruptGenerate();
    }
    expect(cut.at(-1)?.choices[0]?.finish_reason).toBe('abort');
    const before = host.requests.length;
    await remote.reload('semilla'); // stored now
    expect(host.requests.length).toBe(before);
  } finally {
    await remote.unload();
    await host.close();
  }
});

test('addresses as people write them', () => {
  expect(directoryUrl('https://huggingface.co/mlc-ai/Llama-3.2-1B', 'http://a/')).toBe(
    'https://huggingface.co/mlc-ai/Llama-3.2-1B/resolve/main/',
  );
  expect(directoryUrl('models/semilla', 'http://a/app/')).toBe('http://a/app/models/semilla/');
  expect(idOf('https://huggingface.co/mlc-ai/Llama-3.2-1B/resolve/main/')).toBe('Llama-3.2-1B');
  expect(idOf('http://a/app/models/semilla-q4f16_1/')).toBe('semilla-q4f16_1');
});

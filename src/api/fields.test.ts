// Nothing that is passed is ignored: every field against wrong values, in this thread and behind a worker's port.

import 'fake-indexeddb/auto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { webLocks } from '../../tests/host/web-locks.ts';
import { pairedWorker } from '../../tests/host/worker-pair.ts';
import { folderSource } from '../cli/folder-source.ts';
import { EngineError } from '../failures.ts';
import { checkChat, checkCompletion } from './fields.ts';
import { inPageBackend } from './in-page.ts';
import { createSurface } from './surface.ts';
import type { YupanaEngine } from './types.ts';
import { workerBackend } from './worker-client.ts';
import { serveWorker } from './serve-worker.ts';
import { createEngine, createWorkerEngine, inPageEngine, workerEngine } from './yupana.ts';

const SEMILLA = path.resolve(import.meta.dirname, '../../public/models/semilla-q4f16_1');
const messages = [{ role: 'user', content: '¿Cuál es la capital de Bolivia?' }];

/** The failure of a call, wherever it comes: thrown at once, rejected, or thrown by the loop over an answer's pieces. */
async function failure(work: () => unknown): Promise<unknown> {
  try {
    const answer = await work();
    if (typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer) {
      for await (const piece of answer as AsyncIterable<unknown>) void piece;
    }
    return 'nothing was refused';
  } catch (error) {
    return error;
  }
}
const TYPES: unknown[] = ['', 'x', 1.5, -1, NaN, Infinity, true, {}, [], [null], () => 1, Symbol('s'), 10n];

/** Field -> values that are wrong for it. Of other types all, but for those that the field takes. */
const of = (...taken: unknown[]): unknown[] =>
  TYPES.filter((value) => !taken.some((each) => each === value || typeof each === typeof value));
const COMMON: Record<string, unknown[]> = {
  temperature: ['', 'x', '1', -1, NaN, Infinity, true, {}, [], () => 1, 10n],
  top_p: ['0.5', 0, -1, 1.5, NaN, true, {}, []],
  top_k: ['1', -1, 1.5, NaN, Infinity, true, {}, []],
  min_p: ['0.1', -0.1, 1, NaN, true, {}, []],
  frequency_penalty: ['1', -2.1, 2.1, NaN, true, {}, []],
  presence_penalty: ['1', -2.1, 2.1, NaN, true, {}, []],
  repetition_penalty: ['1', 0, -1, NaN, Infinity, true, {}, []],
  logit_bias: ['x', 1, true, [], [1], { a: 1 }, { '-1': 1 }, { 1: 101 }, { 1: '1' }, { 1: NaN }, { 1: null }],
  max_tokens: ['1', -1, 1.5, NaN, Infinity, true, {}, [], 10n],
  max_completion_tokens: ['1', -1, 1.5, NaN, Infinity, true, {}, []],
  stop: [
    '',
    1,
    true,
    {},
    [''],
    [1],
    [null],
    ['a', ''],
    Array.from({ length: 65 }, () => 'x'),
    'x'.repeat(1001),
  ],
  seed: ['1', 1.5, NaN, Infinity, true, {}, []],
  logprobs: ['true', 1, 0, {}, []],
  top_logprobs: ['1', -1, 1.5, 21, NaN, true, {}, []],
  n: ['1', 0, -1, 1.5, 129, NaN, true, {}, []],
  model: ['', 1, true, {}, []],
  stream: ['true', 1, 0, {}, []],
  stream_options: ['x', 1, true, [], { include_usage: 1 }, { unknown: true }],
  response_format: [
    'text',
    1,
    true,
    [],
    {},
    { type: 'xml' },
    { type: 'structural_tag' },
    { type: 'toString' },
    { type: 'json_schema' },
    { type: 'json_schema', json_schema: {} },
    { type: 'json_schema', json_schema: { schema: 'x' } },
    { type: 'json_object', schema: {} },
    { type: 'json_object', schema: '{' },
    { type: 'grammar' },
    { type: 'regex' },
    { type: 'choice', choices: [] },
    { type: 'choice', choices: [1] },
    { type: 'grammar', grammar: 1 },
    { type: 'text', schema: '{}' },
  ],
  signal: ['x', 1, true, {}, []],
  user: ['x'],
  store: [true],
  metadata: [{ a: 1 }],
  ignore_eos: [true, 1],
  extra_body: [{ enable_thinking: false }],
  reasoning_effort: ['low'],
  modalities: [['audio'], 'text'],
  audio: [{}],
  functions: [[{ name: 'f' }]],
  best_of: [2],
  made_up: [0, false, '', [], {}],
  constructor: [1],
};
const CHAT: Record<string, unknown[]> = {
  ...COMMON,
  messages: [
    undefined,
    ...of(undefined),
    [{}],
    ['x'],
    [{ role: 'robot', content: 'x' }],
    [{ role: 'user' }],
    [{ role: 'user', content: 1 }],
    [{ role: 'user', content: [] }],
    [{ role: 'user', content: ['x'] }],
    [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }],
    [{ role: 'user', content: [{ type: 'text' }] }],
    [{ role: 'user', content: 'x', name: 'Ana' }],
    [{ role: 'user', content: 'x', tool_calls: [] }],
    [{ role: 'assistant', content: null }],
    [{ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '{' } }] }],
    [{ role: 'tool', content: 'x', tool_call_id: 1 }],
  ],
  tools: [
    'x',
    1,
    true,
    {},
    [1],
    [{ type: 'retrieval' }],
    [{ type: 'function' }],
    [{ type: 'function', function: { name: '' } }],
    [{ type: 'function', function: { name: 'a b' } }],
    [{ type: 'function', function: { name: 'f', parameters: 'x' } }],
    [{ type: 'function', function: { name: 'f', strict: true } }],
    [
      { type: 'function', function: { name: 'f' } },
      { type: 'function', function: { name: 'f' } },
    ],
  ],
  tool_choice: ['x', 1, true, {}, [], 'required', { type: 'function', function: { name: 'f' } }],
  parallel_tool_calls: ['x', 1, {}, []],
  prompt: ['x'],
  echo: [true, false],
};
const COMPLETION: Record<string, unknown[]> = {
  ...COMMON,
  prompt: [undefined, 1, 1.5, true, {}, [], [[]], [1, 'x'], ['x', 1], [1.5], [-1], [NaN], [['x']], [null]],
  echo: ['x', 1, {}, []],
  suffix: ['x'],
  messages: [messages],
  tools: [[{ type: 'function', function: { name: 'f' } }]],
};
/** What makes a field mean anything at all. */
const WITH: Record<string, object> = { stream_options: { stream: true }, top_logprobs: { logprobs: true } };
const rows = (fields: Record<string, unknown[]>): [string, unknown][] =>
  Object.entries(fields).flatMap(([name, values]) => values.map((value): [string, unknown] => [name, value]));
const named = (error: unknown, field: string): void => {
  expect(error).toBeInstanceOf(EngineError);
  expect(['option-invalid', 'option-unsupported']).toContain((error as EngineError).reason);
  const { option } = (error as EngineError<'option-invalid'>).details;
  expect((error as EngineError).message).toContain(option);
  // A message's own parts have names of their own.
  if (field !== 'messages') expect(option.startsWith(field)).toBe(true);
};

test.each(rows(CHAT))('a chat with %s: %o is refused by name', (field, value) => {
  let error: unknown;
  try {
    checkChat({ messages, ...WITH[field], [field]: value });
  } catch (thrown) {
    error = thrown;
  }
  named(error, field);
});
test.each(rows(COMPLETION))('a completion with %s: %o is refused by name', (field, value) => {
  let error: unknown;
  try {
    checkCompletion({ prompt: 'Bolivia', ...WITH[field], [field]: value });
  } catch (thrown) {
    error = thrown;
  }
  named(error, field);
});

describe('what asks for nothing passes', () => {
  const nothing = {
    tools: [],
    tool_choice: 'none',
    parallel_tool_calls: true,
    store: false,
    user: undefined,
  };
  test('in a chat', () => {
    const asked = { messages, ...nothing, n: null, stop: null, response_format: null, signal: undefined };
    const { request } = checkChat(asked);
    expect(request).toEqual({ messages, tools: [], tool_choice: 'none', parallel_tool_calls: true });
  });
  test.each(['x', ['x', 'y'], [1, 2], [[1], [2, 3]]])('a prompt %j', (prompt) => {
    expect(checkCompletion({ prompt }).request).toEqual({ prompt });
  });
  test.each(['x', ['x'], [], null])('stop %j', (stop) => {
    expect(() => checkChat({ messages, stop })).not.toThrow();
  });
});

test.each([undefined, null, 1, 'x', [], () => 1])('a request that is %o is refused', (request) => {
  expect(() => checkChat(request)).toThrow(EngineError);
  expect(() => checkCompletion(request)).toThrow(EngineError);
});

test('what refers to itself is no JSON', () => {
  const schema: Record<string, unknown> = {};
  schema['self'] = schema;
  expect(() =>
    checkChat({ messages, response_format: { type: 'json_schema', json_schema: { schema } } }),
  ).toThrow(EngineError);
});

describe.each(['page', 'worker'])('in %s form', (form) => {
  let engine: YupanaEngine;
  const source = folderSource(SEMILLA);
  beforeAll(async () => {
    vi.stubGlobal('navigator', { locks: webLocks() });
    vi.stubGlobal('location', new URL('file:///app/'));
    const page = inPageBackend({ device: 'cpu' }, location.href);
    if (form === 'page') engine = createSurface(page);
    else {
      // The worker's own backend is the page's: only the way to it differs. A source cannot be posted, so it is loaded there.
      await page.reload({ id: 'semilla', source }, { context_window_size: 64 }, () => undefined, never);
      const served = { ...page, reload: () => Promise.resolve() };
      const remote = workerBackend(
        () => pairedWorker((scope) => serveWorker(scope, () => served)).worker,
        {},
        location.href,
      );
      engine = createSurface(remote);
    }
    await engine.reload(
      form === 'page' ? { id: 'semilla', source } : 'semilla',
      form === 'page' ? { context_window_size: 64 } : {},
    );
  });
  afterAll(() => vi.unstubAllGlobals());
  const never = new AbortController().signal;

  const refusedIn: [string, object][] = [
    ['a value of a wrong type', { temperature: 'warm' }],
    ['a function', { temperature: () => 1 }],
    ['an unknown field', { made_up: 1 }],
    ['a bias beyond the vocabulary', { logit_bias: { 99999999: 1 } }],
    ['tools that the template does not speak of', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['another model', { model: 'other' }],
    [
      'a schema that no grammar can hold',
      {
        response_format: {
          type: 'json_schema',
          json_schema: { schema: { uniqueItems: true, type: 'array' } },
        },
      },
    ],
  ];
  test.each(refusedIn)('%s is our error, whole and in a stream', async (_, change) => {
    for (const stream of [false, true]) {
      const asked = { messages, max_tokens: 1, stream, ...change } as never;
      const error = await failure(() => engine.chat.completions.create(asked));
      expect(error).toBeInstanceOf(EngineError);
      expect((error as EngineError).reason).not.toBe('internal');
    }
  });

  test.each([0, -1, 1.5, NaN, '64', {}, true])('context_window_size of %o is refused', async (size) => {
    const options = { context_window_size: size } as never;
    const error = await failure(() => engine.reload('semilla', options));
    expect(error).toMatchObject({ reason: 'option-invalid', details: { option: 'context_window_size' } });
  });
  test.each([
    undefined,
    null,
    1,
    '',
    ' ',
    [],
    ['a'],
    {},
    { url: 1 },
    { url: 'x', id: '/' },
    { source: {}, id: 'x' },
    { url: 'x', lib: 1 },
  ])('a model that is %o is refused', async (model) => {
    const error = await failure(() => engine.reload(model as never));
    expect((error as EngineError).code).toBe('UsageError');
  });
});

test('nothing loaded is called that', async () => {
  vi.stubGlobal('navigator', { locks: webLocks() });
  const spawn = vi.fn(() => pairedWorker((scope) => serveWorker(scope)).worker);
  for (const engine of [inPageEngine(), workerEngine(spawn)]) {
    const calls = [
      () => engine.chat.completions.create({ messages: [{ role: 'user', content: 'x' }] }),
      () => engine.chat.completions.create({ messages: [{ role: 'user', content: 'x' }], stream: true }),
      () => engine.completions.create({ prompt: 'x' }),
      () => engine.resetChat(),
    ];
    for (const call of calls) expect(await failure(call)).toMatchObject({ reason: 'model-not-loaded' });
  }
  expect(spawn).not.toHaveBeenCalled();
  vi.unstubAllGlobals();
});

test.each([
  [{ device: 'gpu' }, 'device'],
  [{ initProgressCallback: 1 }, 'initProgressCallback'],
  [{ appConfig: {} }, 'appConfig'],
])('a config %j is refused by name', async (config, option) => {
  const made = [
    () => inPageEngine(config as never),
    () => workerEngine(() => ({}) as Worker, config as never),
    () => createEngine('x', config as never),
    () => createWorkerEngine(() => ({}) as Worker, 'x', config as never),
  ];
  for (const make of made) expect(await failure(make)).toMatchObject({ details: { option } });
});

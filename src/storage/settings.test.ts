import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { openDatabase, requested } from './database.ts';
import { checkSettings, DEFAULT_SETTINGS, MAX_SYSTEM_PROMPT, openSettings } from './settings.ts';

test('starts with the defaults and keeps what is saved', async () => {
  const store = openSettings('settings-a');
  expect(await store.load()).toEqual(DEFAULT_SETTINGS);
  const sampler = { ...DEFAULT_SETTINGS.sampler, temperature: 0, seed: 7 };
  await store.save({ language: 'pt', sampler });
  await store.save({ theme: 'dark' });
  const expected = { ...DEFAULT_SETTINGS, language: 'pt', theme: 'dark', sampler };
  expect(await openSettings('settings-a').load()).toEqual(expected);
});

test('two saves at once both count', async () => {
  const store = openSettings('settings-b');
  await Promise.all([store.save({ language: 'en' }), store.save({ maxTokens: 99 })]);
  expect(await store.load()).toMatchObject({ language: 'en', maxTokens: 99 });
});

test.each([
  ['nothing', null],
  ['a text', 'x'],
  ['a list', [1]],
  [
    'wrong types',
    {
      language: 4,
      theme: {},
      textSize: null,
      sampler: [],
      maxTokens: '9',
      contextLength: 'x',
      cacheBits: '8',
      modelId: 7,
    },
  ],
  [
    'out of range',
    {
      maxTokens: 0.5,
      contextLength: -1,
      cacheBits: 4,
      modelId: 'x'.repeat(201),
      sampler: { temperature: -1, topK: 1.5, topP: 0, minP: 1, repetitionPenalty: 0, seed: 2 ** 32 },
    },
  ],
  ['not numbers', { sampler: { temperature: NaN, topP: Infinity }, maxTokens: NaN }],
])('%s reads as the defaults', (_, value) => {
  expect(checkSettings(value)).toEqual(DEFAULT_SETTINGS);
});

test('one bad field costs only itself', () => {
  expect(checkSettings({ cacheBits: 8 }).cacheBits).toBe(8);
  const found = checkSettings({ language: 'es', sampler: { temperature: 'hot', topK: 3 } });
  expect(found).toMatchObject({ language: 'es', sampler: { temperature: 0.7, topK: 3 } });
});

test('a chosen model is kept', async () => {
  const store = openSettings('settings-d');
  await store.save({ modelId: 'semilla' });
  expect((await openSettings('settings-d').load()).modelId).toBe('semilla');
});

test('a system prompt has a limit', () => {
  const { systemPrompt } = checkSettings({ systemPrompt: 'x'.repeat(MAX_SYSTEM_PROMPT + 5) });
  expect(systemPrompt).toHaveLength(MAX_SYSTEM_PROMPT);
});

// What the first release wrote. It must be read by every later one: add fixtures, never change this one.
test('schema 1, as first released, is read', async () => {
  const first = {
    schema: 1,
    language: 'pt',
    theme: 'light',
    textSize: 'large',
    systemPrompt: 'Responde breve.',
    sampler: { temperature: 0.2, topK: 5, topP: 0.5, minP: 0.1, repetitionPenalty: 1.3, seed: 42 },
    maxTokens: 64,
    contextLength: 1024,
  };
  const raw = openDatabase('settings-c', 1);
  await raw.write((store) => requested(store.put(first, ['settings'])));
  expect(await openSettings('settings-c').load()).toEqual({ ...DEFAULT_SETTINGS, ...first });
});

test('keeps engines that it knows, for ids that could be a model', () => {
  const engines = { a: 'web-llm', b: 'yupana', c: 'auto', d: 'other', '': 'web-llm', e: 7 };
  expect(checkSettings({ engines }).engines).toEqual({ a: 'web-llm', b: 'yupana' });
  expect(checkSettings({ engines: ['web-llm'] }).engines).toEqual({});
  const many = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`m${i}`, 'web-llm']));
  expect(Object.keys(checkSettings({ engines: many }).engines).length).toBe(500);
});

test('two tabs that add to the same lists lose nothing of each other', async () => {
  const [a, b] = [openSettings('settings-tabs'), openSettings('settings-tabs')];
  const before = await a.save({
    personas: [{ id: 'old', name: 'Vieja', text: '' }],
    engines: { x: 'web-llm' },
  });
  const one = { id: 'one', name: 'Una', text: 'a' };
  const two = { id: 'two', name: 'Dos', text: 'b' };
  await a.save({ personas: [...before.personas, one], sampler: { ...before.sampler, topK: 7 } }, before);
  const after = await b.save(
    {
      personas: [two],
      sampler: { ...before.sampler, topP: 0.5 },
      engines: { ...before.engines, y: 'yupana' },
    },
    before,
  );
  expect(after.personas).toEqual([one, two]); // the old one was deleted in the second tab
  expect(after.sampler).toMatchObject({ topK: 7, topP: 0.5 });
  expect(after.engines).toEqual({ x: 'web-llm', y: 'yupana' });
});

import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { checkLibrary, EMPTY_LIBRARY, openLibrary } from './library.ts';
import type { FoundModel } from '../format/model-source.ts';

const model: FoundModel = {
  id: 'o-n--q4f16_1',
  name: 'o/n',
  base: 'https://hub.example/o/n/resolve/main/',
  revision: null,
  format: 'safetensors',
  scheme: 'q4f16_1',
  bytes: 10,
  bytesOnDisk: 5,
  parameters: 3,
  contextWindow: 2048,
  bytesPerToken: 4,
  licence: null,
  languages: ['es'],
  gated: false,
};

test('keeps what was added, over a reload, and forgets it', async () => {
  const store = openLibrary('library-1');
  expect(await store.load()).toEqual(EMPTY_LIBRARY);
  await store.save({ added: [model], limit: 50_000 });
  await store.save({ roots: ['https://escuela.example/espejo/'] });
  expect(await openLibrary('library-1').load()).toEqual({
    added: [model],
    limit: 50_000,
    roots: ['https://escuela.example/espejo/'],
    notify: false,
  });
  await store.clear();
  expect(await store.load()).toEqual(EMPTY_LIBRARY);
});

test('keeps how fast this machine is, and nothing that is no figure', () => {
  const pace = { adapter: 'v a d', bytesPerSecond: 2e10, from: 'answers' };
  expect(checkLibrary({ pace })).toEqual({ ...EMPTY_LIBRARY, pace });
  for (const wrong of [
    null,
    7,
    { ...pace, bytesPerSecond: -1 },
    { ...pace, bytesPerSecond: NaN },
    { ...pace, from: 'x' },
  ])
    expect(checkLibrary({ pace: wrong })).toEqual(EMPTY_LIBRARY);
});

test.each<[string, unknown]>([
  ['nothing', null],
  ['a list', []],
  ['a model without an id', { added: [{ ...model, id: '' }] }],
  ['a model at no address', { added: [{ ...model, base: 'javascript:alert(1)' }] }],
  ['sizes that are none', { added: [{ ...model, bytes: -1 }], limit: 0, roots: 'x' }],
])('%s costs a default, not the app', (_, value) => {
  expect(checkLibrary(value)).toEqual(EMPTY_LIBRARY);
});

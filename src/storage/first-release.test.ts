// What the first release wrote where a record is more than plain data. It must be read by every later one: add fixtures, never
// change these. The other stores' are in their own tests.

import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import search from '../../tests/golden/storage/search.json' with { type: 'json' };
import vault from '../../tests/golden/storage/vault.json' with { type: 'json' };
import type { Conversation } from './conversations.ts';
import { openDatabase, requested } from './database.ts';
import { checkLibrary, openLibrary } from './library.ts';
import { openSearchIndex } from './search-index.ts';
import { readState } from './search-records.ts';
import { openVault } from './vault.ts';

const FIRST: Conversation = {
  schema: 1,
  id: '0b6c',
  title: 'Uruguay',
  createdAt: 1_760_000_000_000,
  updatedAt: 1_760_000_009_000,
  modelId: 'semilla-q4f16_1',
  currentLeaf: 'n2',
  nodes: {
    n1: { id: 'n1', parentId: null, role: 'user', content: '¿Capital?', createdAt: 1_760_000_001_000 },
    n2: {
      id: 'n2',
      parentId: 'n1',
      role: 'assistant',
      content: 'Montevideo.',
      createdAt: 1_760_000_002_000,
      finishReason: 'stop',
      modelId: 'semilla-q4f16_1',
    },
  },
};
const SECOND: Conversation = { ...FIRST, id: '1f2d', title: 'Paraguay', updatedAt: FIRST.updatedAt + 1 };

/** Numbers as JSON has them: {"$bytes": base64}, {"$u32": [number]}. */
function revived(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(revived);
  if ('$bytes' in value) return new Uint8Array(Buffer.from(String(value.$bytes), 'base64'));
  if ('$u32' in value) return Uint32Array.from(value.$u32 as number[]);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revived(inner)]));
}

/** Puts [key, value] pairs into a database as they stood, the schema's record among them. */
async function stand(name: string, records: readonly unknown[]): Promise<void> {
  const open = indexedDB.open(name);
  open.onupgradeneeded = () => open.result.createObjectStore('data');
  const raw = await requested(open);
  const store = raw.transaction('data', 'readwrite').objectStore('data');
  await Promise.all(
    records.map((record) => {
      const [key, value] = record as [IDBValidKey, unknown];
      return requested(store.put(revived(value), key));
    }),
  );
  raw.close();
}

test('the vault of schema 1 opens with its passphrase', async () => {
  await stand('first-vault', vault);
  const opened = await openVault('caballo pila grapa', { name: 'first-vault' });
  expect(await opened.get('0b6c')).toEqual(FIRST);
  expect((await opened.list()).map(({ id, title, messages }) => [id, title, messages])).toEqual([
    ['0b6c', 'Uruguay', 2],
  ]);
  expect(opened.damaged).toBe(0);
});

test('the search index of schema 1 answers, and is not built anew', async () => {
  await stand('first-search', search);
  const all = [SECOND, FIRST];
  const index = openSearchIndex(
    {
      list: () =>
        Promise.resolve(all.map(({ nodes, ...item }) => ({ ...item, messages: Object.keys(nodes).length }))),
      get: (id) => Promise.resolve(all.find((item) => item.id === id)),
    },
    { name: 'first-search' },
  );
  const found = async (query: string) => (await index.search(query)).hits.map((hit) => hit.conversationId);
  expect(await found('uru')).toEqual(['0b6c']); // from a shard
  expect(await found('para')).toEqual(['1f2d']); // from the log
  expect(await found('montevideo')).toEqual(['1f2d', '0b6c']);
  const state = await openDatabase('first-search', 1).read(readState);
  expect(state?.build).toBe('b2c0fbee-f3f5-4037-a7f2-22aedf5b4a06');
});

test('the library of schema 1 is read', async () => {
  const first = {
    added: [
      {
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
      },
    ],
    limit: 50_000,
    roots: ['https://escuela.example/espejo/'],
    notify: false,
  };
  await stand('first-library', [
    ['schema', 1],
    [['library'], first],
  ]);
  expect(await openLibrary('first-library').load()).toEqual(first);
  expect(checkLibrary(first)).toEqual(first);
});

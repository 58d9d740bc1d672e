import 'fake-indexeddb/auto';
import { expect, test, vi } from 'vitest';
import { branch, newestLeaf, openConversations, siblings } from './conversations.ts';
import type { Conversation, MessageNode } from './conversations.ts';
import { openDatabase, requested } from './database.ts';

const node = (
  id: string,
  parentId: string | null,
  role: MessageNode['role'],
  createdAt: number,
): MessageNode => ({
  id,
  parentId,
  role,
  content: `text of ${id}`,
  createdAt,
});

/** q1 -> a1, a2 (a second answer); a2 -> q2 -> a3 */
const tree = (id: string, updatedAt: number): Conversation => ({
  schema: 1,
  id,
  title: `Conversation ${id}`,
  createdAt: 1,
  updatedAt,
  modelId: 'semilla-q4f16_1',
  currentLeaf: 'a3',
  nodes: Object.fromEntries(
    [
      node('q1', null, 'user', 1),
      node('a1', 'q1', 'assistant', 2),
      node('a2', 'q1', 'assistant', 3),
      node('q2', 'a2', 'user', 4),
      node('a3', 'q2', 'assistant', 5),
    ].map((each) => [each.id, each]),
  ),
});

test('keeps a conversation as it is, newest first in the list', async () => {
  const store = openConversations('conversations-a');
  for (const [id, at] of [
    ['x', 10],
    ['y', 30],
    ['z', 20],
  ] as const)
    await store.put(tree(id, at));
  expect(await store.get('y')).toEqual(tree('y', 30));
  expect((await store.list()).map(({ id }) => id)).toEqual(['y', 'z', 'x']);
  await store.put({ ...tree('x', 40), title: 'Otra' });
  const list = await store.list();
  expect(list.map(({ id }) => id)).toEqual(['x', 'y', 'z']);
  expect(list[0]).toEqual({
    id: 'x',
    title: 'Otra',
    createdAt: 1,
    updatedAt: 40,
    modelId: 'semilla-q4f16_1',
    messages: 5,
  });
});

test('pages go on where the last one ended, without reading a body', async () => {
  const store = openConversations('conversations-b');
  for (let i = 0; i < 10; i++) await store.put(tree(`c${i}`, 100 + Math.floor(i / 3)));
  const all = (await store.list()).map(({ id }) => id);
  const seen: string[] = [];
  const getAll = vi.spyOn(IDBObjectStore.prototype, 'getAll');
  const single = vi.spyOn(IDBObjectStore.prototype, 'get');
  for (let page = await store.list({ limit: 4 }); page.length > 0;) {
    seen.push(...page.map(({ id }) => id));
    const after = page.at(-1);
    page = after ? await store.list({ limit: 4, after }) : [];
  }
  expect(seen).toEqual(all);
  expect(single).not.toHaveBeenCalled();
  for (const [range] of getAll.mock.calls) expect((range as IDBKeyRange).upper).toEqual(['summary', []]);
  vi.restoreAllMocks();
});

test('deleting leaves neither summary nor body', async () => {
  const store = openConversations('conversations-c');
  await store.put(tree('x', 1));
  await store.put(tree('y', 2));
  await store.delete('x');
  await store.delete('never there');
  expect(await store.get('x')).toBeUndefined();
  expect((await store.list()).map(({ id }) => id)).toEqual(['y']);
  await store.clear();
  const raw = openDatabase('conversations-c', 1);
  expect(await raw.read((records) => requested(records.getAllKeys()))).toEqual(['schema']);
});

test('walks the tree: branch, siblings, newest leaf', () => {
  const conversation = tree('x', 1);
  expect(branch(conversation).map(({ id }) => id)).toEqual(['q1', 'a2', 'q2', 'a3']);
  expect(branch(conversation, 'a1').map(({ id }) => id)).toEqual(['q1', 'a1']);
  expect(siblings(conversation, 'a1').map(({ id }) => id)).toEqual(['a1', 'a2']);
  expect(newestLeaf(conversation, 'q1')).toBe('a3');
  expect(newestLeaf(conversation, 'a1')).toBe('a1');
});

test('a tree that bites its tail ends', () => {
  const conversation = tree('x', 1);
  conversation.nodes.q1 = node('q1', 'a3', 'user', 1);
  expect(branch(conversation)).toHaveLength(4);
  expect(newestLeaf(conversation, 'q1')).toBe('a3');
  delete conversation.nodes.a2;
  expect(branch(conversation).map(({ id }) => id)).toEqual(['q2', 'a3']);
});

test('a record that is no conversation is refused by name', async () => {
  const store = openConversations('conversations-d');
  const raw = openDatabase('conversations-d', 1);
  await raw.write((records) => requested(records.put({ schema: 1, id: 'x' }, ['body', 'x'])));
  await expect(store.get('x')).rejects.toMatchObject({ reason: 'storage-failed', details: { id: 'x' } });
});

// What the first release wrote. It must be read by every later one: add fixtures, never change this one.
test('schema 1, as first released, is read', async () => {
  const first = {
    schema: 1,
    id: '0b6c',
    title: 'Uruguay',
    createdAt: 1_760_000_000_000,
    updatedAt: 1_760_000_009_000,
    system: 'Responde en español.',
    sampler: { temperature: 0 },
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
  const short = {
    id: '0b6c',
    title: 'Uruguay',
    createdAt: 1_760_000_000_000,
    updatedAt: 1_760_000_009_000,
    modelId: 'semilla-q4f16_1',
    messages: 2,
  };
  const raw = openDatabase('conversations-e', 1);
  await raw.write((records) =>
    Promise.all([
      requested(records.put(first, ['body', '0b6c'])),
      requested(records.put(first.updatedAt, ['at', '0b6c'])),
      requested(records.put(short, ['summary', -first.updatedAt, '0b6c'])),
    ]),
  );
  const store = openConversations('conversations-e');
  expect(await store.list()).toEqual([short]);
  const read = await store.get('0b6c');
  expect(read).toEqual(first);
  if (read) await store.put({ ...read, updatedAt: read.updatedAt + 1 });
  expect(await store.list()).toEqual([{ ...short, updatedAt: short.updatedAt + 1 }]);
});

test('a store that the browser emptied takes all of what a page still has; one deleted conversation is no such loss', async () => {
  const [store, other] = [openConversations('conversations-lost'), openConversations('conversations-lost')];
  const base = tree('x', 10);
  await store.put(base);
  await other.delete('x');
  expect(await store.put({ ...base, title: 'Otra' }, base)).toBeUndefined();
  await store.put(base);
  await new Promise((resolve) => (indexedDB.deleteDatabase('conversations-lost').onsuccess = resolve));
  expect(await store.put({ ...base, title: 'Otra' }, base)).toMatchObject({
    title: 'Otra',
    nodes: base.nodes,
  });
});

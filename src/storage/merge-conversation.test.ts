import { expect, test } from 'vitest';
import type { Conversation, MessageNode } from './conversations.ts';
import { keepShown, mergeConversation } from './merge-conversation.ts';

/** "u1<a0": a node and its parent; a letter other than "a" is the person's. */
function tree(list: string, more: Partial<Conversation> = {}): Conversation {
  const nodes = list
    .split(' ')
    .filter((each) => each !== '')
    .map((each, at): MessageNode => {
      const [id = '', parent = ''] = each.split('<');
      const role = id.startsWith('a') ? 'assistant' : 'user';
      return { id, parentId: parent || null, role, content: `of ${id}`, createdAt: at };
    });
  const currentLeaf = nodes.at(-1)?.id ?? null;
  const head = { schema: 1, id: 'c', title: 'Título', createdAt: 0, updatedAt: 1, modelId: 'm' } as const;
  return { ...head, currentLeaf, nodes: Object.fromEntries(nodes.map((n) => [n.id, n])), ...more };
}
const shape = (conversation: Conversation | undefined): string =>
  Object.values(conversation?.nodes ?? {})
    .map(({ id, parentId }) => (parentId === null ? id : `${id}<${parentId}`))
    .sort()
    .join(' ');

const base = tree('u a<u');

test('keeps what both tabs said, as branches of the same message', () => {
  const merged = mergeConversation(
    base,
    tree('u a<u u3<a a3<u3'),
    tree('u a<u u2<a a2<u2', { updatedAt: 9 }),
  );
  expect(shape(merged)).toBe('a2<u2 a3<u3 a<u u u2<a u3<a');
  expect(merged).toMatchObject({ currentLeaf: 'a3', updatedAt: 9 });
});

test('is the very same object where nobody else changed anything', () => {
  const mine = tree('u a<u u2<a');
  expect(mergeConversation(base, mine, structuredClone(base))).toBe(mine);
  expect(mergeConversation(null, mine, undefined)).toBe(mine);
});

test('keeps the deletion of one tab and the answer of the other, which hangs on what is left above', () => {
  const answered = tree('u a<u u2<a a2<u2');
  const deleted = tree('u a<u');
  const known = tree('u a<u u2<a');
  expect(shape(mergeConversation(known, deleted, answered))).toBe('a2<a a<u u');
  expect(shape(mergeConversation(known, answered, deleted))).toBe('a2<a a<u u');
  // What the other tab only had, unchanged, does not come back.
  expect(shape(mergeConversation(answered, { ...answered, title: 'x' }, deleted))).toBe('a<u u');
});

test('gives a step back that was undone after others changed the rest', () => {
  const restored = mergeConversation(tree('u a<u'), tree('u a<u u2<a'), tree('u a<u u9<a'));
  expect(shape(restored)).toBe('a<u u u2<a u9<a');
});

test('takes from each tab the fields that it changed', () => {
  const stored = tree('u a<u', { title: 'Otro', titleBy: 'person', pinned: true, tags: ['uno', 'dos'] });
  const mine = tree('u a<u u2<a', { tags: ['tres'], system: 'Sé breve.' });
  const merged = mergeConversation(tree('u a<u', { tags: ['uno'] }), mine, stored);
  expect(merged).toMatchObject({ title: 'Otro', titleBy: 'person', pinned: true, system: 'Sé breve.' });
  expect(merged?.tags).toEqual(['dos', 'tres']);
});

test('of a conversation that another tab deleted only the new words come back', () => {
  expect(mergeConversation(base, { ...base, pinned: true }, undefined)).toBeUndefined();
  const back = mergeConversation(base, tree('u a<u u2<a', { system: 'Secreto' }), undefined);
  expect(shape(back)).toBe('u2');
  expect(back).toMatchObject({ title: '', currentLeaf: 'u2' });
  const without = mergeConversation(
    { ...base, system: 'Secreto' },
    tree('u a<u u2<a', { system: 'Secreto' }),
    undefined,
  );
  expect(without).not.toHaveProperty('system');
});

test('a message keeps what each tab changed of it', () => {
  const rated = structuredClone(base);
  rated.nodes.a = { ...rated.nodes.a!, feedback: { rating: 'up', reasons: [], note: '' } };
  const longer = tree('u a<u');
  longer.nodes.a = { ...longer.nodes.a!, content: 'more text' };
  const merged = mergeConversation(base, longer, rated);
  expect(merged?.nodes.a).toMatchObject({ content: 'more text', feedback: { rating: 'up' } });
});

test('whoever looks at a branch goes on looking at it, and sees where it went on', () => {
  const merged = tree('u a<u u2<a a2<u2');
  expect(keepShown(base, merged).currentLeaf).toBe('a2');
  const aside = tree('u a<u b<u a9<b');
  expect(keepShown(base, aside).currentLeaf).toBe('a');
});

test('a ring of parents ends', () => {
  const ring = tree('u<a a<u');
  expect(shape(mergeConversation(ring, { ...ring, nodes: {} }, tree('u<a a<u u2<a')))).toBe('u2');
});

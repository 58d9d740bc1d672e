import { expect, it } from 'vitest';
import type { Conversation } from '../../../../storage/conversations.ts';
import { append, startConversation } from '../conversation.ts';
import { createJournal } from './journal.ts';

/** Enough of a Storage: its keys are its own properties, as in browsers. */
function fakeStorage(): Storage {
  const area: Record<string, string> = {};
  const methods = {
    setItem: (key: string, value: string) => void (area[key] = value),
    getItem: (key: string) => area[key] ?? null,
    removeItem: (key: string) => void delete area[key],
  };
  return new Proxy(area, {
    get: (target, key) => methods[key as keyof typeof methods] ?? target[key as string],
  }) as unknown as Storage;
}

function setup(content: string, finishReason: 'abort' | 'stop') {
  const node = {
    id: 'a1',
    parentId: null,
    role: 'assistant' as const,
    content,
    createdAt: 1,
    finishReason,
  };
  const stored = new Map<string, Conversation>([
    ['c1', append(startConversation('c1', 'hola', 'semilla', 1), node)],
  ]);
  const store = {
    get: (id: string) => Promise.resolve(stored.get(id)),
    put: (conversation: Conversation) => Promise.resolve(void stored.set(conversation.id, conversation)),
  };
  const area = fakeStorage();
  return {
    journal: createJournal(() => area),
    store,
    area,
    text: () => stored.get('c1')?.nodes['a1']?.content,
    reason: () => stored.get('c1')?.nodes['a1']?.finishReason,
  };
}

it('brings back what was shown and not stored', async () => {
  const { journal, store, text, area } = setup('uno', 'abort');
  journal.write('c1', { nodeId: 'a1', text: 'uno dos' });
  await journal.replay(store);
  expect(text()).toBe('uno dos');
  expect(Object.keys(area)).toEqual([]);
});

it('brings back the end of an answer that was not stored', async () => {
  for (const before of ['uno', 'uno dos.']) {
    const { journal, store, text, reason } = setup(before, 'abort');
    journal.write('c1', { nodeId: 'a1', text: 'uno dos.', finishReason: 'stop' });
    await journal.replay(store);
    expect([text(), reason()]).toEqual(['uno dos.', 'stop']);
  }
});

it('changes nothing that was stored better', async () => {
  for (const [content, reason] of [
    ['uno dos tres', 'abort'],
    ['x', 'stop'],
  ] as const) {
    const { journal, store, text } = setup(content, reason);
    journal.write('c1', { nodeId: 'a1', text: 'uno dos' });
    await journal.replay(store);
    expect(text()).toBe(content);
  }
});

it('survives a journal that is not one, and a browser that refuses it', async () => {
  const { journal, store, text, area } = setup('uno', 'abort');
  area.setItem('yupana-unsaved:c1', '{"nodeId":');
  area.setItem('yupana-unsaved:c2', '{"nodeId":"a1","text":"otra"}');
  await journal.replay(store);
  expect(text()).toBe('uno');
  const refused = createJournal(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  refused.write('c1', { nodeId: 'a1', text: 'uno dos' });
  await refused.replay(store);
  expect(text()).toBe('uno');
});

it('forgets every entry, and nothing of others', () => {
  const { journal, area } = setup('', 'abort');
  journal.write('c1', { nodeId: 'a1', text: 'algo' });
  journal.write('c2', { nodeId: 'a1', text: 'más' });
  area.setItem('theme', 'dark');
  journal.forget();
  expect(Object.keys(area)).toEqual(['theme']);
});

import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { openConversations, type Conversation } from '../../../storage/conversations.ts';
import * as vault from '../../../storage/vault.ts';
import { ConversationStores } from './conversation-stores.svelte.ts';

const conversation = (id: string, title = 'Un título'): Conversation => ({
  schema: 1,
  id,
  title,
  createdAt: 1,
  updatedAt: 2,
  modelId: 'semilla',
  currentLeaf: 'a',
  nodes: { a: { id: 'a', parentId: null, role: 'user', content: 'hola', createdAt: 1 } },
});

let databases = 0;
function setup() {
  const name = `private-${databases++}`;
  const open = openConversations(`${name}-open`);
  const told: string[] = [];
  let ids = 0;
  const make = (): ConversationStores =>
    new ConversationStores({
      open,
      loadVault: () =>
        Promise.resolve({
          ...vault,
          vaultExists: () => vault.vaultExists(name),
          createVault: (passphrase) => vault.createVault(passphrase, { name }),
          openVault: (passphrase) => vault.openVault(passphrase, { name }),
          destroyVault: () => vault.destroyVault(name),
        }),
      tell: ({ kind }) => void told.push(kind),
      onLock: () => undefined,
      onOpenChange: () => Promise.resolve(),
      newId: () => `id${++ids}`,
    });
  return { open, told, make, rooms: make() };
}

describe('private rooms', { timeout: 120_000 }, () => {
  it('keep a temporary conversation in memory only', async () => {
    const { open, rooms } = setup();
    rooms.next = 'temporary';
    const id = rooms.newConversationId();
    expect(rooms.next).toBe('open');
    await rooms.store.put(conversation(id));
    expect(await open.list()).toEqual([]);
    expect(await rooms.store.get(id)).toEqual(conversation(id));
    expect(rooms.temporary.map(({ title }) => title)).toEqual(['Un título']);
    await rooms.move(id, 'open');
    expect(await open.get(id)).toEqual(conversation(id));
    expect([rooms.temporary, rooms.isPrivate(id)]).toEqual([[], false]);
  });

  it('move a conversation under lock and out, and never write it in the open once the vault is closed', async () => {
    const { open, rooms, told } = setup();
    await open.put(conversation('c'));
    await rooms.create('cuatro llamas cruzan despacio');
    await rooms.move('c', 'locked');
    expect(await open.list()).toEqual([]);
    expect(rooms.locked.map(({ id }) => id)).toEqual(['c']);
    rooms.lock();
    expect(told).toEqual(['vault', 'locked', 'lock']);
    expect(rooms.locked).toEqual([]);
    await expect(rooms.store.put(conversation('c', 'tarde'))).rejects.toMatchObject({
      reason: 'vault-locked',
    });
    await expect(rooms.store.get('c')).rejects.toMatchObject({ reason: 'vault-locked' });
    expect(await open.list()).toEqual([]);
    await rooms.unlock('cuatro llamas cruzan despacio');
    expect(await rooms.store.get('c')).toEqual(conversation('c'));
    await rooms.move('c', 'open');
    expect(await open.get('c')).toEqual(conversation('c'));
    expect(rooms.locked).toEqual([]);
  });

  it('part two that came to share an id while the vault was closed', async () => {
    const { open, rooms, make } = setup();
    await rooms.create('cuatro llamas cruzan despacio');
    for (const id of ['same', 'other']) {
      await open.put(conversation(id));
      await rooms.move(id, 'locked');
    }
    rooms.lock();
    // A move that was cut off left an equal one; a file brought in made one of the same id.
    await open.put(conversation('same'));
    await open.put(conversation('other', 'de un archivo'));
    const next = make();
    await next.unlock('cuatro llamas cruzan despacio');
    expect(next.locked).toHaveLength(2);
    expect((await open.list()).map(({ title }) => title)).toEqual(['de un archivo']);
    expect((await next.store.get('other'))?.title).toBe('de un archivo');
    expect((await next.listLocked()).map(({ title }) => title)).toEqual(['Un título', 'Un título']);
  });
});

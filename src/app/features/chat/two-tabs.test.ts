// Two tabs of one browser on the same conversations, over the real store and the real chat, in random order: what one tab stored is
// there at the end unless somebody deleted it, and what was deleted is not. YUPANA_TAB_SCHEDULES says how many orders are tried.

import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import {
  openConversations,
  type Conversation,
  type ConversationNews,
  type MessageNode,
} from '../../../storage/conversations.ts';
import { DEFAULT_SETTINGS } from '../../../storage/settings.ts';
import type { ModelEntry } from '../models/models.svelte.ts';
import { Chat } from './chat.svelte.ts';

const SCHEDULES = Number(process.env.YUPANA_TAB_SCHEDULES ?? 200);
const STEPS = 14;

/** mulberry32: a seed gives the same schedule again. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** What is owed at the end, by what the people did and the store took. */
interface Owed {
  stored: Set<string>;
  deleted: Set<string>;
}

function tabsOf(name: string, below: (n: number) => number, owed: Owed) {
  const tabs: { chat: Chat; news: ConversationNews[]; undo: (() => Promise<void>)[] }[] = [];
  const errors: unknown[] = [];
  let ids = 0;
  let time = 1;
  const open = (at: number): void => {
    const store = openConversations(name, undefined, (told) => {
      // What a tab had begun before its reload may still be stored after it.
      for (const tab of tabs) if (tab.chat !== chat) tab.news.push(told);
    });
    const chat: Chat = new Chat({
      store: {
        ...store,
        async put(conversation, base) {
          const stored = await store.put(conversation, base);
          note(owed, base ?? null, conversation);
          return stored;
        },
        async update(id, step) {
          let before: Conversation | null = null;
          const stored = await store.update(id, (found) => step((before = found)));
          if (stored) note(owed, before, stored);
          return stored;
        },
        async delete(id) {
          const was = await store.delete(id);
          for (const node of Object.keys(was?.nodes ?? {})) owed.deleted.add(node);
          return was;
        },
      },
      engine: {
        generate: async ({ signal }) => {
          for (let turns = below(6); turns > 0; turns--) await new Promise((go) => setImmediate(go));
          return { text: 'respuesta', finishReason: signal?.aborted ? 'abort' : 'stop', usage: {} } as never;
        },
        countMany: (all) => Promise.resolve({ tokens: all.map(() => 1), contextLength: 2048 }),
      },
      words: () => ({ prompt: '', user: '', assistant: '', summaryHead: '', titlePrompt: '' }),
      models: {
        ensure: () => Promise.resolve(true),
        chosen: { model: { id: 'semilla' } } as ModelEntry,
        fail: (error) => void errors.push(error),
      },
      journal: { write: () => undefined, clear: () => undefined },
      settings: () => DEFAULT_SETTINGS,
      onShow: () => undefined,
      onDeleted: () => undefined,
      onTakenBack: () => undefined,
      onEvent: () => undefined,
      onStoreError: (error) => void errors.push(error),
      watch: () => () => undefined,
      nextFrame: (callback) => void setImmediate(callback),
      newId: () => `n${++ids}`,
      newConversationId: () => `c${++ids}`,
      isPrivate: () => false,
      ground: () => Promise.resolve(null),
      now: () => time++,
    });
    tabs[at] = { chat, news: [], undo: [] };
  };
  open(0);
  open(1);
  return { tabs, errors, reopen: open };
}

/** What was added and taken is committed now. */
function note(owed: Owed, before: Conversation | null, after: Conversation): void {
  for (const id of Object.keys(after.nodes)) {
    if (before && id in before.nodes) continue;
    owed.deleted.delete(id);
    owed.stored.add(id);
  }
  for (const id of Object.keys(before?.nodes ?? {})) if (!(id in after.nodes)) owed.deleted.add(id);
}

async function hearOne(tab: { chat: Chat; news: ConversationNews[] }): Promise<void> {
  const news = tab.news.shift();
  if (!news || news.kind === 'cleared') return;
  await tab.chat.hear(news.kind === 'stored' ? news.summary.id : news.id);
}

async function schedule(seed: number): Promise<void> {
  const below = dice(seed);
  const name = `tabs-${seed}`;
  const owed: Owed = { stored: new Set(), deleted: new Set() };
  const { tabs, errors, reopen } = tabsOf(name, below, owed);
  const plain = openConversations(name);
  const pick = <T>(list: readonly T[]): T | undefined => list[below(list.length)];
  await tabs[0]!.chat.send('hola');
  await tabs[1]!.chat.open(tabs[0]!.chat.conversation!.id);

  const step = async (at: number): Promise<void> => {
    const tab = tabs[at]!;
    const { chat } = tab;
    const turn = pick<MessageNode>(chat.turns);
    const anyId = pick(await plain.list())?.id;
    switch (below(12)) {
      case 0:
      case 1:
      case 2:
        await chat.send(`dice ${at}`);
        return;
      case 3:
        if (turn?.role === 'user') await chat.edit(turn.id, 'de otro modo');
        return;
      case 4:
        if (turn?.role === 'assistant') await chat.regenerate(turn.id);
        return;
      case 5: {
        const undo = turn && (await chat.removeBranch(turn.id));
        if (undo) tab.undo.push(undo);
        return;
      }
      case 6:
        if (anyId && below(3) === 0) {
          const undo = await chat.remove(anyId);
          if (undo) tab.undo.push(undo);
        }
        return;
      case 7:
        await tab.undo.pop()?.();
        return;
      case 8:
        if (anyId) await chat.rename(anyId, `título ${at}`);
        return;
      case 9:
        if (anyId) await chat.setTags(anyId, [`tag${at}${below(3)}`]);
        return;
      case 10:
        if (below(3) > 0) await chat.open(anyId ?? null);
        else {
          await chat.save();
          await chat.forget();
          reopen(at); // a reload
          if (anyId) await tabs[at]!.chat.open(anyId);
        }
        return;
      default:
        await hearOne(tab);
    }
  };

  let running: Promise<void>[] = [];
  for (let at = 0; at < STEPS; at++) {
    running.push(step(below(2)));
    if (below(3) > 0) {
      await Promise.all(running);
      running = [];
    }
  }
  await Promise.all(running);
  for (const { chat } of tabs) await chat.save();
  while (tabs.some(({ news }) => news.length > 0)) for (const tab of tabs) await hearOne(tab);

  expect(errors).toEqual([]);
  const left = new Map<string, Conversation>();
  for (const { id } of await plain.list()) left.set(id, (await plain.get(id))!);
  const kept = new Set([...left.values()].flatMap(({ nodes }) => Object.keys(nodes)));
  for (const id of owed.stored) if (!owed.deleted.has(id)) expect(kept, `${id} was stored`).toContain(id);
  for (const id of owed.deleted) expect(kept, `${id} was deleted`).not.toContain(id);
  for (const conversation of left.values()) {
    // Of a deletion inside a deletion that was undone first, the way back is in the other one's undo.
    for (const { parentId } of Object.values(conversation.nodes))
      if (parentId !== null && !owed.deleted.has(parentId))
        expect(conversation.nodes).toHaveProperty(parentId);
    for (const { chat } of tabs)
      if (chat.conversation?.id === conversation.id)
        expect(Object.keys(chat.conversation.nodes).sort()).toEqual(Object.keys(conversation.nodes).sort());
  }
}

it(
  `loses nothing that was stored, in ${SCHEDULES} random orders of two tabs`,
  { timeout: 3_600_000 },
  async () => {
    for (let seed = 1; seed <= SCHEDULES; seed++) {
      try {
        await schedule(seed);
      } catch (error) {
        throw new Error(`schedule ${seed}`, { cause: error });
      }
    }
  },
);

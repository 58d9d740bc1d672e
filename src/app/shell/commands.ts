// What the palette offers: actions that make sense now, places, conversations. Names come from the dictionary.

import { LANGUAGES } from '../text/format.ts';
import { SHORTCUTS, type Combo, type ShortcutName } from './shortcuts.ts';
import type { App } from './app.svelte.ts';
import { OWN_WORDS } from '../text/languages.ts';
import type { Place } from '../kit/router.svelte.ts';

export interface Command {
  id: string;
  group: 'actions' | 'places' | 'conversations';
  label: string;
  combo?: Combo | undefined;
  run: () => unknown;
}

/** Conversations whose titles are offered beside actions; the search finds the others. */
const MOST_CONVERSATIONS = 8;

/** What of a command is compared: without accents, capitals and signs. */
export const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Those that hold every word of the query, in the given order. */
export function matching(commands: readonly Command[], query: string): Command[] {
  const words = plain(query).split(/\s+/).filter(Boolean);
  return commands.filter(({ label }) => {
    const text = plain(label);
    return words.every((word) => text.includes(word));
  });
}

export function actionsOf(app: App): Command[] {
  const { prefs, rooms } = app;
  const { chat, view, conversations } = app.talk;
  const { keys } = prefs.t;
  const shown = chat.conversation;
  const last = chat.turns.at(-1);
  const named = (name: ShortcutName, run: () => unknown): Command => ({
    ...{ id: name, group: 'actions', label: keys.names[name], combo: SHORTCUTS[name][0], run },
  });
  const action = (id: string, label: string, run: () => unknown): Command => ({
    ...{ id, group: 'actions', label, run },
  });
  return [
    named('fresh', () => view.begin('open')),
    action('temporary', keys.temporary, () => view.begin('temporary')),
    named('search', () => view.searchConversations()),
    named('compose', () => view.compose()),
    ...(chat.run ? [action('stop', keys.stop, () => chat.stop())] : []),
    ...(view.lastAnswer === null ? [] : [named('copy', () => view.copyLastAnswer())]),
    ...(last?.role === 'assistant' && !chat.run
      ? [action('regenerate', keys.regenerate, () => chat.regenerate(last.id))]
      : []),
    ...(shown && chat.turns.length > 0
      ? [
          action('keep', keys.keep, () => (app.over = 'keep')),
          action('remove', keys.remove, () => conversations.remove(shown.id)),
        ]
      : []),
    ...(rooms.unlocked ? [action('lock', keys.lock, () => rooms.lock())] : []),
    ...(['auto', 'light', 'dark'] as const)
      .filter((theme) => theme !== prefs.settings.theme)
      .map((theme) => action(`theme-${theme}`, keys.theme[theme], () => prefs.change({ theme }))),
    ...LANGUAGES.filter((code) => code !== prefs.language).map((code) =>
      action(`language-${code}`, keys.language(OWN_WORDS[code].name), () => prefs.change({ language: code })),
    ),
    named('sheet', () => (app.over = 'sheet')),
  ];
}

export function placesOf(app: App): Command[] {
  const places = ['chat', 'models', 'settings', 'machine'] as const satisfies readonly Place[];
  return places.map((place) => ({
    id: `place-${place}`,
    group: 'places',
    label: app.prefs.t.app[place],
    run: () => app.page.router.go(place, place === 'chat' ? (app.talk.chat.conversation?.id ?? null) : null),
  }));
}

/** All that a query finds, in the order it is shown. */
export function commandsFor(app: App, query: string): Command[] {
  const { prefs, rooms } = app;
  const { chat, view, search } = app.talk;
  const conversations = [...rooms.temporary, ...rooms.locked, ...chat.list.summaries].map(
    (summary): Command => ({
      id: `conversation-${summary.id}`,
      group: 'conversations',
      label: summary.title || prefs.t.chat.untitled,
      run: () => view.goTo({ conversationId: summary.id, messageId: null }),
    }),
  );
  const words = query.trim();
  const inMessages: Command[] =
    words === ''
      ? []
      : [
          {
            id: 'search-for',
            group: 'conversations',
            label: prefs.t.keys.searchFor(words),
            run: () => {
              search.query = words;
              view.searchConversations();
            },
          },
        ];
  return [
    ...matching([...actionsOf(app), ...placesOf(app)], query),
    ...matching(conversations, query).slice(0, MOST_CONVERSATIONS),
    ...inMessages,
  ];
}

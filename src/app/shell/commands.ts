// What the palette offers for a query: actions that make sense now, places, conversations.

import type { Action } from '../kit/action.ts';
import { ACTIONS } from './actions.ts';
import type { App } from './app.svelte.ts';

export interface Command extends Action {
  group: 'actions' | 'places' | 'conversations';
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

const offered = (app: App): Command[] =>
  ACTIONS.flatMap(({ id, group, label, icon, keys, when, run }) =>
    group && run && (when?.(app) ?? true)
      ? [{ id, group, label: label(app.prefs.t), icon, keys, run: () => run(app) }]
      : [],
  );

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
    ...matching(offered(app), query),
    ...matching(conversations, query).slice(0, MOST_CONVERSATIONS),
    ...inMessages,
  ];
}

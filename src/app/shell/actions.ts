// All that can be done from any place, in one table: what the palette offers, what keys do, what the sheet of shortcuts shows, what
// the shell's own buttons do. An action is added here and nowhere else.

import type { Combo } from '../kit/action.ts';
import type { IconName } from '../kit/icon-paths.ts';
import type { Place } from '../kit/router.svelte.ts';
import type { Dictionary } from '../text/es/dictionary.ts';
import { LANGUAGES } from '../text/format.ts';
import { OWN_WORDS } from '../text/languages.ts';
import type { App } from './app.svelte.ts';

export interface ActionRow {
  id: string;
  /** Of the palette; null: it does not offer it. */
  group: 'actions' | 'places' | null;
  label: (t: Dictionary) => string;
  icon?: IconName;
  /** Heard in any place; the first that a keyboard can type counts. */
  keys?: readonly Combo[];
  /** Where it makes sense; left out: always. */
  when?: (app: App) => boolean;
  /** Left out: the field or the list that has the focus hears the keys by itself. */
  run?: (app: App) => unknown;
}

const answered = ({ talk: { chat } }: App): boolean => chat.conversation !== null && chat.turns.length > 0;
const lastTurn = ({ talk: { chat } }: App) => chat.turns.at(-1);

export const ACTIONS: readonly ActionRow[] = [
  {
    id: 'palette',
    group: null,
    label: (t) => t.keys.names.palette,
    icon: 'find',
    keys: [{ key: 'k', ctrl: true }],
    run: (app) => (app.over = app.over === 'palette' ? null : 'palette'),
  },
  {
    id: 'fresh',
    group: 'actions',
    label: (t) => t.keys.names.fresh,
    icon: 'plus',
    keys: [{ key: 'o', ctrl: true, shift: true }],
    run: ({ talk, rooms }) => talk.view.begin(rooms.next),
  },
  {
    id: 'temporary',
    group: 'actions',
    label: (t) => t.keys.temporary,
    icon: 'hourglass',
    run: ({ talk }) => talk.view.begin('temporary'),
  },
  {
    id: 'search',
    group: 'actions',
    label: (t) => t.keys.names.search,
    icon: 'find',
    keys: [{ key: 'f', ctrl: true, shift: true }],
    run: ({ talk }) => talk.view.searchConversations(),
  },
  {
    id: 'compose',
    group: 'actions',
    label: (t) => t.keys.names.compose,
    keys: [{ key: 'Escape', shift: true }],
    run: ({ talk }) => talk.view.compose(),
  },
  {
    id: 'stop',
    group: 'actions',
    label: (t) => t.keys.stop,
    icon: 'stop',
    when: ({ talk }) => talk.chat.run !== null,
    run: ({ talk }) => talk.chat.stop(),
  },
  {
    id: 'copy',
    group: 'actions',
    label: (t) => t.keys.names.copy,
    icon: 'copy',
    keys: [{ key: 'c', ctrl: true, shift: true }],
    // With nothing to copy, the keys stay the browser's.
    when: ({ talk }) => talk.view.lastAnswer !== null,
    run: ({ talk }) => talk.view.copyLastAnswer(),
  },
  {
    id: 'regenerate',
    group: 'actions',
    label: (t) => t.keys.regenerate,
    icon: 'again',
    when: (app) => lastTurn(app)?.role === 'assistant' && app.talk.chat.run === null,
    run: (app) => app.talk.chat.regenerate(lastTurn(app)?.id ?? ''),
  },
  {
    id: 'keep',
    group: 'actions',
    label: (t) => t.keys.keep,
    icon: 'keep',
    when: answered,
    run: (app) => (app.over = 'keep'),
  },
  {
    id: 'remove',
    group: 'actions',
    label: (t) => t.keys.remove,
    icon: 'trash',
    when: answered,
    run: ({ talk }) => talk.conversations.remove(talk.chat.conversation?.id ?? ''),
  },
  {
    id: 'lock',
    group: 'actions',
    label: (t) => t.keys.lock,
    icon: 'lock',
    when: ({ rooms }) => rooms.unlocked,
    run: ({ rooms }) => rooms.lock(),
  },
  ...(['auto', 'light', 'dark'] as const).map((theme): ActionRow => ({
    id: `theme-${theme}`,
    group: 'actions',
    label: (t) => t.keys.theme[theme],
    when: ({ prefs }) => prefs.settings.theme !== theme,
    run: ({ prefs }) => prefs.change({ theme }),
  })),
  ...LANGUAGES.map((language): ActionRow => ({
    id: `language-${language}`,
    group: 'actions',
    label: (t) => t.keys.language(OWN_WORDS[language].name),
    when: ({ prefs }) => prefs.language !== language,
    run: ({ prefs }) => prefs.change({ language }),
  })),
  {
    id: 'sheet',
    group: 'actions',
    label: (t) => t.keys.names.sheet,
    keys: [{ key: '?' }, { key: '/', ctrl: true }],
    run: (app) => (app.over = 'sheet'),
  },
  ...(['chat', 'models', 'settings', 'machine'] as const satisfies readonly Place[]).map(
    (place): ActionRow => ({
      id: `place-${place}`,
      group: 'places',
      label: (t) => t.app[place],
      run: ({ page, talk }) =>
        page.router.go(place, place === 'chat' ? (talk.chat.conversation?.id ?? null) : null),
    }),
  ),
  // Of a field or a list: here for the sheet.
  { id: 'send', group: null, label: (t) => t.keys.names.send, keys: [{ key: 'Enter' }] },
  { id: 'line', group: null, label: (t) => t.keys.names.line, keys: [{ key: 'Enter', shift: true }] },
  { id: 'escape', group: null, label: (t) => t.keys.names.stop, keys: [{ key: 'Escape' }] },
  {
    id: 'list',
    group: null,
    label: (t) => t.keys.names.list,
    keys: [{ key: 'ArrowUp' }, { key: 'ArrowDown' }],
  },
];

/** For the buttons of the shell. */
export function actionOf(id: string): ActionRow {
  const found = ACTIONS.find((action) => action.id === id);
  if (!found) throw new Error(`no action ${id}`);
  return found;
}

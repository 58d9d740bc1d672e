// Which action a key asks for.

import type { Combo } from '../kit/action.ts';
import { ACTIONS, type ActionRow } from './actions.ts';

export type KeyEvent = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** Signs such as "?" need Shift on one keyboard and not on another: there it is the sign that counts. */
const isNamed = (key: string): boolean => key.length > 1 || /\p{L}/u.test(key);

const matches = (combo: Combo, event: KeyEvent): boolean =>
  combo.key === (event.key.length === 1 ? event.key.toLowerCase() : event.key) &&
  (combo.ctrl ?? false) === (event.ctrlKey || event.metaKey) &&
  !event.altKey &&
  (!isNamed(combo.key) || (combo.shift ?? false) === event.shiftKey);

export interface Where {
  /** The focus is where a plain key writes. */
  writing: boolean;
  /** Shortcuts of a single plain key are wanted (WCAG 2.1.4: they can be switched off). */
  singleKey: boolean;
}

/** What a key asks for; null: nothing of ours. */
export function shortcutOf(event: KeyEvent, { writing, singleKey }: Where): ActionRow | null {
  for (const action of ACTIONS)
    for (const combo of (action.run && action.keys) ?? []) {
      const plain = !combo.ctrl && combo.key.length === 1;
      if (matches(combo, event) && (!plain || (singleKey && !writing))) return action;
    }
  return null;
}

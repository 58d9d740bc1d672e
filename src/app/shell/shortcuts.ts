// Keyboard shortcuts: one table for what listens, for the sheet that shows them and for what the palette prints beside an action.

export interface Combo {
  /** `KeyboardEvent.key`, letters in lower case. */
  key: string;
  /** Ctrl, or Cmd where there is one. */
  ctrl?: true;
  shift?: true;
}

/** Those the page listens for, in any place. The first that a keyboard can type counts. */
export const SHORTCUTS = {
  palette: [{ key: 'k', ctrl: true }],
  sheet: [{ key: '?' }, { key: '/', ctrl: true }],
  fresh: [{ key: 'o', ctrl: true, shift: true }],
  search: [{ key: 'f', ctrl: true, shift: true }],
  compose: [{ key: 'Escape', shift: true }],
  copy: [{ key: 'c', ctrl: true, shift: true }],
} as const satisfies Record<string, readonly Combo[]>;

export type ShortcutName = keyof typeof SHORTCUTS;

/** Those that belong to a field or a list, shown with the others. */
export const LOCAL_KEYS = {
  send: [{ key: 'Enter' }],
  line: [{ key: 'Enter', shift: true }],
  stop: [{ key: 'Escape' }],
  list: [{ key: 'ArrowUp' }, { key: 'ArrowDown' }],
} as const satisfies Record<string, readonly Combo[]>;

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
export function shortcutOf(event: KeyEvent, { writing, singleKey }: Where): ShortcutName | null {
  for (const [name, combos] of Object.entries(SHORTCUTS) as [ShortcutName, readonly Combo[]][])
    for (const combo of combos) {
      const plain = !combo.ctrl && combo.key.length === 1;
      if (matches(combo, event) && (!plain || (singleKey && !writing))) return name;
    }
  return null;
}

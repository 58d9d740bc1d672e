// What a person can have done: one entry for a menu, the palette, a key and the sheet of shortcuts.

import type { IconName } from './icon-paths.ts';

export interface Action {
  id: string;
  label: string;
  icon?: IconName | undefined;
  /** The first that a keyboard can type is printed beside it. */
  keys?: readonly Combo[] | undefined;
  run: () => unknown;
}

export interface Combo {
  /** `KeyboardEvent.key`, letters in lower case. */
  key: string;
  /** Ctrl, or Cmd where there is one. */
  ctrl?: true;
  shift?: true;
}

import { describe, expect, it } from 'vitest';
import { en } from '../text/en/dictionary.ts';
import { es } from '../text/es/dictionary.ts';
import { pt } from '../text/pt/dictionary.ts';
import { ACTIONS } from './actions.ts';
import { shortcutOf, type KeyEvent, type Where } from './shortcuts.ts';

const press = (key: string, held: Partial<KeyEvent> = {}): KeyEvent => ({
  ...{ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false },
  ...held,
});
const anywhere = { writing: false, singleKey: true };
const writing = { writing: true, singleKey: true };

const idOf = (event: KeyEvent, where: Where): string | null => shortcutOf(event, where)?.id ?? null;

describe('shortcuts', () => {
  it('are known with Ctrl and with Cmd, in capitals too', () => {
    expect(idOf(press('k', { ctrlKey: true }), writing)).toBe('palette');
    expect(idOf(press('K', { metaKey: true }), writing)).toBe('palette');
    expect(idOf(press('O', { ctrlKey: true, shiftKey: true }), writing)).toBe('fresh');
  });

  it('leave alone what is not theirs: another modifier, plain letters, what the browser does', () => {
    expect(idOf(press('k'), anywhere)).toBeNull();
    expect(idOf(press('k', { ctrlKey: true, shiftKey: true }), anywhere)).toBeNull();
    expect(idOf(press('k', { ctrlKey: true, altKey: true }), anywhere)).toBeNull();
    expect(idOf(press('c', { ctrlKey: true }), anywhere)).toBeNull();
    expect(idOf(press('Escape'), anywhere)).toBeNull();
  });

  it('take “?” wherever Shift stands on the keyboard, but never from a text, nor where it is switched off', () => {
    expect(idOf(press('?'), anywhere)).toBe('sheet');
    expect(idOf(press('?', { shiftKey: true }), anywhere)).toBe('sheet');
    expect(idOf(press('?', { shiftKey: true }), writing)).toBeNull();
    expect(idOf(press('?'), { writing: false, singleKey: false })).toBeNull();
    expect(idOf(press('/', { ctrlKey: true, shiftKey: true }), writing)).toBe('sheet');
  });

  it('are each of one meaning', () => {
    const all = ACTIONS.flatMap(({ keys = [] }) => keys.map((combo) => JSON.stringify(combo)));
    expect(all.length).toBeGreaterThan(8);
    expect(new Set(all).size).toBe(all.length);
  });

  it('of a field or a list are left to it', () => {
    expect(idOf(press('Enter'), anywhere)).toBeNull();
    expect(idOf(press('ArrowUp'), anywhere)).toBeNull();
  });
});

describe('the table of actions', () => {
  it('has one row an id, and each can be reached: by the palette or by a key', () => {
    expect(new Set(ACTIONS.map(({ id }) => id)).size).toBe(ACTIONS.length);
    for (const { id, group, keys, run } of ACTIONS) {
      expect(group !== null || keys !== undefined, id).toBe(true);
      if (group !== null) expect(run, id).toBeTypeOf('function');
    }
  });

  it.each([es, pt, en])('has a name of its own for each row in $name', (words) => {
    const names = ACTIONS.map(({ label }) => label(words));
    expect(names.every((name) => name.trim() !== '')).toBe(true);
    expect(new Set(names).size).toBe(names.length);
  });
});

import { describe, expect, it } from 'vitest';
import { LOCAL_KEYS, shortcutOf, SHORTCUTS, type KeyEvent } from './shortcuts.ts';

const press = (key: string, held: Partial<KeyEvent> = {}): KeyEvent => ({
  ...{ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false },
  ...held,
});
const anywhere = { writing: false, singleKey: true };
const writing = { writing: true, singleKey: true };

describe('shortcuts', () => {
  it('are known with Ctrl and with Cmd, in capitals too', () => {
    expect(shortcutOf(press('k', { ctrlKey: true }), writing)).toBe('palette');
    expect(shortcutOf(press('K', { metaKey: true }), writing)).toBe('palette');
    expect(shortcutOf(press('O', { ctrlKey: true, shiftKey: true }), writing)).toBe('fresh');
  });

  it('leave alone what is not theirs: another modifier, plain letters, what the browser does', () => {
    expect(shortcutOf(press('k'), anywhere)).toBeNull();
    expect(shortcutOf(press('k', { ctrlKey: true, shiftKey: true }), anywhere)).toBeNull();
    expect(shortcutOf(press('k', { ctrlKey: true, altKey: true }), anywhere)).toBeNull();
    expect(shortcutOf(press('c', { ctrlKey: true }), anywhere)).toBeNull();
    expect(shortcutOf(press('Escape'), anywhere)).toBeNull();
  });

  it('take “?” wherever Shift stands on the keyboard, but never from a text, nor where it is switched off', () => {
    expect(shortcutOf(press('?'), anywhere)).toBe('sheet');
    expect(shortcutOf(press('?', { shiftKey: true }), anywhere)).toBe('sheet');
    expect(shortcutOf(press('?', { shiftKey: true }), writing)).toBeNull();
    expect(shortcutOf(press('?'), { writing: false, singleKey: false })).toBeNull();
    expect(shortcutOf(press('/', { ctrlKey: true, shiftKey: true }), writing)).toBe('sheet');
  });

  it('are each of one meaning', () => {
    const all = [...Object.values(SHORTCUTS), ...Object.values(LOCAL_KEYS)]
      .flat()
      .map((combo) => JSON.stringify(combo));
    expect(new Set(all).size).toBe(all.length);
  });
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Drafts } from './drafts.svelte.ts';

function area(): Storage {
  const data: Record<string, string> = {};
  // Keys of a Storage are its own properties, as in a browser.
  return Object.assign(
    Object.create({
      getItem: (key: string) => data[key] ?? null,
      setItem(this: Record<string, string>, key: string, value: string) {
        data[key] = this[key] = value;
      },
      removeItem(this: Record<string, string>, key: string) {
        delete data[key];
        delete this[key];
      },
    }) as Storage,
  );
}
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('keeps a draft for each conversation, over a reload too', () => {
  const storage = area();
  const open = () => new Drafts({ storage: () => storage, mayKeep: (id) => id !== 'secret' });
  const drafts = open();
  drafts.text = 'para una nueva';
  drafts.changed();
  vi.advanceTimersByTime(300);
  drafts.show('a');
  expect(drafts.text).toBe('');
  drafts.text = 'para a';
  drafts.show('secret');
  drafts.text = 'en secreto';
  drafts.show('a');
  expect(drafts.text).toBe('para a');
  drafts.show('secret');
  expect(drafts.text).toBe('en secreto');
  drafts.flush();

  const again = open();
  expect(again.text).toBe('para una nueva');
  again.show('a');
  expect(again.text).toBe('para a');
  again.show('secret');
  expect(again.text).toBe('');
  again.put('a', '');
  again.forget();
  expect(Object.keys(storage)).toEqual([]);
  again.show('a');
  expect(again.text).toBe('');
});

it('works where nothing can be stored', () => {
  const drafts = new Drafts({
    storage: () => {
      throw new Error('refused');
    },
    mayKeep: () => true,
  });
  drafts.text = 'hola';
  drafts.show('a');
  drafts.show(null);
  expect(drafts.text).toBe('hola');
});

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { modal } from './modal.ts';

/** As in a browser: `close` is told a task later, also of an element that is gone by then. */
class FakeDialog extends EventTarget {
  open = false;
  ownerDocument = { activeElement: null, body: null };
  showModal(): void {
    this.open = true;
  }
  close(): void {
    if (!this.open) return;
    this.open = false;
    setTimeout(() => this.dispatchEvent(new Event('close')));
  }
}
const task = () => new Promise((resolve) => setTimeout(resolve, 1));

test('what takes a dialog away is not told that it closed; the person who closes it is heard', async () => {
  const closed: string[] = [];
  const first = new FakeDialog();
  const leave = modal(() => closed.push('first'))(first as unknown as HTMLDialogElement);
  expect(first.open).toBe(true);
  leave();
  expect(first.open).toBe(false);
  await task();
  expect(closed).toEqual([]);

  const second = new FakeDialog();
  modal(() => closed.push('second'))(second as unknown as HTMLDialogElement);
  second.close(); // Esc
  await task();
  expect(closed).toEqual(['second']);
});

test('every modal dialog of the app is opened here', () => {
  const root = path.join(import.meta.dirname, '../..');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.svelte$/.test(file),
  );
  expect(files.length).toBeGreaterThan(50);
  const own = files.filter((file) =>
    /showModal|<dialog[^>]*onclose/.test(readFileSync(path.join(root, file), 'utf8')),
  );
  expect(own).toEqual([]);
});

// A reader of markdown that is too slow, or fails, by a clock of the test's own.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAnswer, type Answer } from './stream.ts';
import { MAX_UPDATE_MS, watched } from './watchdog.ts';

let time = 0;
/** What one update costs. */
let cost: (text: string) => number;
let read: string[];
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  time = 0;
  read = [];
});
afterEach(() => {
  vi.restoreAllMocks();
});

function slow(): Answer {
  const real = createAnswer();
  const answer: Answer = {
    counters: real.counters,
    update(text, streaming) {
      read.push(text);
      time += cost(text);
      return real.update(text, streaming);
    },
  };
  return watched(answer, () => time);
}
const typesOf = (answer: Answer, text: string): string[] =>
  answer.update(text, true).pages.flatMap((blocks) => blocks.map(({ type }) => type));

test('what takes no longer than a moment is markdown', () => {
  cost = () => MAX_UPDATE_MS;
  expect(typesOf(slow(), '# a\n\nb')).toEqual(['heading', 'paragraph']);
});

test('what takes longer is shown as written, and what follows is not read again', () => {
  cost = (text) => (text.includes('bomb') ? MAX_UPDATE_MS + 1 : 1);
  const answer = slow();
  expect(typesOf(answer, '# a\n\n')).toEqual(['heading']);
  expect(answer.update('# a\n\nbomb', true).pages).toEqual([
    [{ key: 0, type: 'plain', text: '# a\n\nbomb' }],
  ]);
  expect(answer.update('# a\n\nbomb **more**', false).pages).toEqual([
    [{ key: 0, type: 'plain', text: '# a\n\nbomb **more**' }],
  ]);
  expect(read).toEqual(['# a\n\n', '# a\n\nbomb']);
  // Another answer in its place is read again.
  expect(typesOf(answer, '# c')).toEqual(['heading']);
});

test('a fault of the reader is not one of the page', () => {
  cost = () => {
    throw new RangeError('Maximum call stack size exceeded');
  };
  expect(typesOf(slow(), '> > >')).toEqual(['plain']);
  expect(console.warn).toHaveBeenCalledOnce();
});

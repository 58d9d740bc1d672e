import { expect, it } from 'vitest';
import { pieces } from './pieces.ts';

const cut = (text: string, ...ranges: [number, number][]): string =>
  pieces({ text, ranges: ranges.map(([start, end]) => ({ start, end })) })
    .map(({ text, marked }) => (marked ? `[${text}]` : text))
    .join('');

it('marks what was found and keeps every letter', () => {
  expect(cut('los mayas')).toBe('los mayas');
  expect(cut('los mayas', [4, 8])).toBe('los [maya]s');
  expect(cut('mayas', [0, 5])).toBe('[mayas]');
});

it('takes ranges that overlap, in any order', () => {
  expect(cut('los mayas', [4, 8], [0, 3], [4, 6])).toBe('[los] [maya]s');
  expect(cut('los mayas', [4, 6], [5, 8])).toBe('los [ma][ya]s');
});

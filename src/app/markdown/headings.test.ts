import { expect, test } from 'vitest';
import { headingDepths } from './headings.ts';
import type { Block } from './nodes.ts';

const heading = (level: number, key = level): Block => ({ key, type: 'heading', level, children: [] });
const depthsOf = (...levels: number[]): number[] => [
  ...headingDepths([levels.map((level, i) => heading(level, i))]).values(),
];

test('an outline has no gaps, whatever the model counts from and skips', () => {
  expect(depthsOf(2, 4, 4, 3, 2)).toEqual([1, 2, 2, 2, 1]);
  expect(depthsOf(1, 2, 3, 6)).toEqual([1, 2, 3, 4]);
  expect(depthsOf(3, 1, 3)).toEqual([1, 1, 2]);
  expect(depthsOf(6, 5, 4)).toEqual([1, 1, 1]);
});

test('headings in quotes, lists and on later pages count in the order of the text', () => {
  const quoted = heading(3);
  const item = { key: 0, value: 1, checked: null, spaced: false, blocks: [heading(4, 7)] };
  const last = heading(2, 9);
  const depths = headingDepths([
    [
      heading(1),
      { key: 1, type: 'quote', blocks: [quoted] },
      { key: 2, type: 'list', ordered: false, items: [item] },
    ],
    [last],
  ]);
  expect([...depths.values()]).toEqual([1, 2, 3, 2]);
  expect(depths.get(quoted)).toBe(2);
  expect(depths.get(last)).toBe(2);
});

import { expect, test } from 'vitest';
import { createLoadProgress } from './load-progress.ts';

test('parts that go on beside each other never take the figure back', () => {
  const progress = createLoadProgress();
  // As the engine told it on a second load: pipelines from the cache are there before the weights.
  const told: Parameters<typeof progress>[] = [
    ['weights', 0, 100],
    ['pipelines', 1, 4],
    ['weights', 30, 100],
    ['pipelines', 4, 4],
    ['weights', 50, 100],
    ['weights', 50, 200], // a total that grows
    ['weights', 200, 200],
  ];
  const shown = told.map((each) => progress(...each));
  expect(shown).toEqual([...shown].sort((a, b) => a - b));
  expect(shown[0]).toBe(0);
  expect(shown.at(-1)).toBe(1);
});

test('nothing to compile, nothing known', () => {
  const progress = createLoadProgress();
  expect(progress('weights', 0, 0)).toBe(0);
  expect(progress('weights', 1, 1)).toBeCloseTo(0.8);
});

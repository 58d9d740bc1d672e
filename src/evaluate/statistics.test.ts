import { describe, expect, test } from 'vitest';
import { calibration, clusteredError, mcnemar, wilson } from './statistics.ts';

describe("Wilson's interval", () => {
  // Newcombe 1998, method 3; and two published by LatamBench.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
    [365, 500, 0.6895, 0.7671],
    [115, 482, 0.2027, 0.2787],
    [20, 20, 0.8389, 1],
  ])('%i of %i', (right, total, low, high) => {
    const [a, b] = wilson(right, total);
    expect(a).toBeCloseTo(low, 3);
    expect(b).toBeCloseTo(high, 3);
  });
  test('nothing counted says nothing', () => expect(wilson(0, 0)).toEqual([0, 1]));

  test('covers the truth in 93 to 97 % of 10,000 samples', () => {
    let state = 20261128;
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    for (const [p, n] of [
      [0.25, 200],
      [0.5, 100],
      [0.8, 240],
    ] as const) {
      let covered = 0;
      for (let run = 0; run < 10_000; run++) {
        let right = 0;
        for (let i = 0; i < n; i++) if (random() < p) right++;
        const [low, high] = wilson(right, n);
        if (low <= p && p <= high) covered++;
      }
      expect(covered / 10_000).toBeGreaterThan(0.93);
      expect(covered / 10_000).toBeLessThan(0.97);
    }
  });
});

describe("McNemar's test", () => {
  test('Fagerland, Lydersen and Laake 2013: 1 and 7', () => {
    expect(mcnemar(1, 7).exact).toBeCloseTo(0.0703, 4);
    expect(mcnemar(1, 7).midP).toBeCloseTo(0.0391, 4);
  });
  test('15 and 7', () => {
    expect(mcnemar(15, 7).exact).toBeCloseTo(0.134, 3);
    expect(mcnemar(15, 7).midP).toBeCloseTo(0.093, 3);
  });
  test('five differences are never enough, equal ones are no difference', () => {
    expect(mcnemar(0, 5)).toMatchObject({ exact: 0.0625, enough: false });
    expect(mcnemar(4, 4)).toMatchObject({ exact: 1, midP: 1, enough: true });
    expect(mcnemar(0, 0)).toMatchObject({ exact: 1, midP: 1, enough: false });
  });
});

test('clusters: (1111)(0000)(1101)(1011)(0010)', () => {
  const scores = [1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 0, 1, 0];
  const clusters = scores.map((_, i) => String(Math.floor(i / 4)));
  expect(clusteredError(scores, clusters)).toBeCloseTo(0.1643, 4);
  // One item a cluster is the plain error.
  expect(
    clusteredError(
      scores,
      scores.map((_, i) => String(i)),
    ),
  ).toBeCloseTo(0.1112, 4);
});

test('calibration: (2, .55, .50), (3, .75, .667), (5, .95, .80) has an error of .110', () => {
  const confidences = [0.55, 0.55, 0.75, 0.75, 0.75, 0.95, 0.95, 0.95, 0.95, 0.95];
  const right = [true, false, true, true, false, true, true, true, true, false];
  const found = calibration(confidences, right);
  expect(found.ece).toBeCloseTo(0.11, 3);
  expect(found.bins.map(({ count }) => count)).toEqual([0, 0, 0, 0, 0, 2, 0, 3, 0, 5]);
  expect(calibration([], [])).toMatchObject({ ece: 0, brier: 0 });
  expect(calibration([1, 0], [true, false])).toMatchObject({ ece: 0, brier: 0 });
});

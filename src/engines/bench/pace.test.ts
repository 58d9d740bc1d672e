import { describe, expect, test } from 'vitest';
import { fittingContexts } from './bench.ts';
import { randomPrompt, repeat, spreadOf } from './pace.ts';
import type { Subject } from './pace.ts';

function subject(run: (prompt: readonly number[], tokens: number) => number): Subject {
  return {
    run: (prompt, tokens) => {
      const decodeTokensPerSecond = run(prompt, tokens);
      return Promise.resolve({ prefillTokensPerSecond: 1, decodeTokensPerSecond, timeToFirstToken: 1 });
    },
    dispose: () => undefined,
  };
}

test('spreadOf: the median of an odd and an even count', () => {
  expect(spreadOf([3, 1, 10])).toEqual({ median: 3, min: 1, max: 10, count: 3 });
  expect(spreadOf([4, 1, 2, 10])).toEqual({ median: 3, min: 1, max: 10, count: 4 });
});

test('randomPrompt: in the vocabulary, the same for a seed, spread', () => {
  const prompt = randomPrompt(500, 100, 1);
  expect(Math.min(...prompt)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...prompt)).toBeLessThan(100);
  expect(new Set(prompt).size).toBeGreaterThan(80);
  expect(randomPrompt(500, 100, 1)).toEqual(prompt);
  expect(randomPrompt(500, 100, 2)).not.toEqual(prompt);
});

describe('repeat', () => {
  test('takes turns, so that both meet the same machine', async () => {
    const order: string[] = [];
    const named = (name: string) => subject(() => order.push(name));
    const paces = await repeat({ a: named('a'), b: named('b') }, [1], 4, { repetitions: 3, seconds: 60 });
    expect(order.join('')).toBe('ababab');
    expect(paces.a.decodeTokensPerSecond).toEqual({ median: 3, min: 1, max: 5, count: 3 });
  });

  test('begins no repetition once its time is over, but does one', async () => {
    const paces = await repeat({ a: subject(() => 1) }, [1], 4, { repetitions: 9, seconds: -1 });
    expect(paces.a.decodeTokensPerSecond.count).toBe(1);
  });
});

test('fittingContexts: cut to the room there is, each once', () => {
  expect(fittingContexts([64, 512, 2048, 4096], 32, 2048)).toEqual([64, 512, 2016]);
  expect(fittingContexts([64], 32, 40)).toEqual([8]);
});

import { expect, test } from 'vitest';
import { EngineError } from '../failures.ts';
import { largestContext } from './context-trial.ts';

/** Takes contexts up to `fits`, and keeps what it was asked for. */
function taker(fits: number, reason: 'out-of-memory' | 'limit-too-low' | 'device-lost' = 'out-of-memory') {
  const asked: number[] = [];
  const attempt = (contextLength: number): number => {
    asked.push(contextLength);
    if (contextLength > fits) throw new EngineError(reason, `no ${contextLength}`);
    return contextLength;
  };
  return { asked, attempt };
}

test('what fits is not cut', async () => {
  const { asked, attempt } = taker(8192);
  expect(await largestContext(8192, 512, attempt)).toEqual({ made: 8192 });
  expect(asked).toEqual([8192]);
});

test('halves until it fits, and says what was wished and why', async () => {
  const { asked, attempt } = taker(1100, 'limit-too-low');
  const cut = { wished: 6000, why: 'limit-too-low' };
  expect(await largestContext(6000, 512, attempt)).toEqual({ made: 750, cut });
  expect(asked).toEqual([6000, 3000, 1500, 750]);
});

test('refused below the least', async () => {
  const { asked, attempt } = taker(100);
  await expect(largestContext(4096, 512, attempt)).rejects.toMatchObject({ message: 'no 512' });
  expect(asked).toEqual([4096, 2048, 1024, 512]);
});

test('what a smaller context does not help is thrown at once', async () => {
  const { asked, attempt } = taker(100, 'device-lost');
  await expect(largestContext(4096, 512, attempt)).rejects.toMatchObject({ reason: 'device-lost' });
  expect(asked).toEqual([4096]);
});

import { expect, it } from 'vitest';
import { cpuBytesPerSecond } from './pace.ts';

it('tells the bytes of weights a second of its best run', async () => {
  // Runs of 50, 20, 40 and 30 ms by the clock it is given; then 120 are over.
  const clock = [0, 50, 70, 110, 140];
  const bytes = 16_384 * (1024 + 128);
  expect(await cpuBytesPerSecond(() => clock.shift() ?? NaN)).toBeCloseTo(bytes / 0.02, 3);
  expect(clock).toEqual([]);
});

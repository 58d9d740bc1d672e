import { expect, it } from 'vitest';
import { cpuBytesPerSecond } from './pace.ts';

it('tells the bytes of weights a second, by the clock it is given', async () => {
  let time = 0;
  const ticks: number[] = [];
  const now = (): number => {
    ticks.push(time);
    return (time += 50);
  };
  // Three runs of 50 ms each: the first measured at the start, the last beyond 120 ms.
  const bytes = 16_384 * (1024 + 128);
  expect(await cpuBytesPerSecond(now)).toBeCloseTo((3 * bytes) / 0.15, 3);
  expect(ticks).toHaveLength(4);
});

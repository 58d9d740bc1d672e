import { expect, it } from 'vitest';
import { ageOf } from './age.ts';

it('goes by calendar days', () => {
  const now = new Date(2026, 2, 10, 0, 30).getTime();
  const ago = (day: number, hour: number): number => new Date(2026, 2, day, hour, 0).getTime();
  expect(ageOf(now, now)).toBe('today');
  expect(ageOf(ago(9, 23), now)).toBe('yesterday');
  expect(ageOf(ago(8, 23), now)).toBe('week');
  expect(ageOf(ago(3, 1), now)).toBe('week');
  expect(ageOf(ago(2, 23), now)).toBe('before');
});

import { describe, expect, it } from 'vitest';
import { aheadPace } from './ahead.ts';

/** Ahead after some submits on a GPU of so many milliseconds a token, whose results come so much late. */
function settled(perToken: number, latency: number, most = 8, submits = 40): number[] {
  const pace = aheadPace(most);
  const seen: number[] = [];
  for (let i = 0; i < submits; i++) {
    const { ahead } = pace;
    seen.push(ahead);
    // Two submits are in flight: the GPU's time and half the way's are what separates two results.
    pace.took(ahead, Math.max(perToken * ahead, (latency + perToken * ahead) / 2));
  }
  return seen;
}

describe('aheadPace', () => {
  it('takes about a frame of tokens on a quick GPU, one on a slow one', () => {
    expect(settled(2, 0).at(-1)).toBe(8);
    expect(settled(7, 0).at(-1)).toBe(2);
    expect(settled(50, 0).at(-1)).toBe(1);
  });

  it('does not take a late result for a slow GPU', () => {
    expect(settled(10, 100).at(-1)).toBeGreaterThanOrEqual(4);
    expect(settled(2, 100).at(-1)).toBe(8);
  });

  it('never plans a submit longer than 240 ms, nor more tokens than allowed', () => {
    for (const perToken of [60, 90, 150, 400, 1500]) {
      for (const ahead of settled(perToken, 100)) expect(ahead === 1 || ahead * perToken <= 240).toBe(true);
    }
    expect(Math.max(...settled(1, 100, 1))).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
import { HEIGHT, SEEDS, SEED_RADIUS, WIDTH, seedsFor } from './yupana.ts';

describe('the board', () => {
  it('holds 55 seeds, none over another or past the edge', () => {
    expect(SEEDS).toHaveLength(5 * (5 + 3 + 2 + 1));
    for (const [i, a] of SEEDS.entries()) {
      expect(a.x).toBeGreaterThan(SEED_RADIUS);
      expect(a.x).toBeLessThan(WIDTH - SEED_RADIUS);
      expect(a.y).toBeGreaterThan(SEED_RADIUS);
      expect(a.y).toBeLessThan(HEIGHT - SEED_RADIUS);
      for (const b of SEEDS.slice(i + 1))
        expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(2 * SEED_RADIUS);
    }
  });

  it('is laid from the bottom right', () => {
    const [first, ...rest] = SEEDS;
    expect(rest.every((seed) => seed.y <= first!.y + 12)).toBe(true);
    expect(first!.x).toBeGreaterThan(3 * 24);
  });

  it('is full only when all is done', () => {
    expect(seedsFor(0)).toBe(0);
    expect(seedsFor(Number.NaN)).toBe(0);
    expect(seedsFor(1e-9)).toBe(1);
    expect(seedsFor(0.5)).toBe(27);
    expect(seedsFor(0.9999)).toBe(54);
    expect(seedsFor(1)).toBe(55);
  });
});

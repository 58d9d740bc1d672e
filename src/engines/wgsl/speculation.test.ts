import { describe, expect, it } from 'vitest';
import { speculationPace } from './speculation.ts';

describe('when guessing pays', () => {
  it('goes on while a verification gives more tokens than its time would have', () => {
    const pace = speculationPace();
    pace.plain(10);
    for (let i = 0; i < 20; i++) {
      pace.verified(25, 6);
      expect(pace.pays).toBe(true);
    }
  });

  it('pauses when hardly anything is accepted, longer each time, and tries again', () => {
    const pace = speculationPace();
    const pauses: number[] = [];
    for (let round = 0; round < 4; round++) {
      pace.plain(10);
      let tries = 0;
      while (pace.pays) {
        pace.verified(25, 1);
        expect(++tries).toBeLessThan(10);
      }
      let tokens = 0;
      for (; !pace.pays; tokens++) pace.passed(1);
      pauses.push(tokens);
    }
    expect(pauses).toEqual([32, 64, 128, 256]);
  });

  it('pauses at once where verifying is slow, however good the guesses are', () => {
    const pace = speculationPace();
    pace.plain(10);
    pace.verified(200, 8);
    expect(pace.pays).toBe(false);
  });
});

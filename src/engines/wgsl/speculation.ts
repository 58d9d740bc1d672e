// When to guess: only where it has paid. Kept apart from how, so that it can be tested without a clock.

import { BATCH_TOKENS } from './plan.ts';

/** Tokens of a draft at most: with the token before it they make a batch. */
export const MAX_DRAFT = BATCH_TOKENS - 1;
/** Guesses are believed to be this good until they have been tried. */
const HOPED = 3;
const SMOOTH = 0.3;
/** Tokens without guessing after it did not pay; doubled each time, until it pays again. */
const PAUSE = 32;

export interface Pace {
  /** A token of plain decoding took so long. */
  plain(milliseconds: number): void;
  /** A verification took so long, and gave so many tokens (at least one). */
  verified(milliseconds: number, tokens: number): void;
  /** So many tokens went by. */
  passed(tokens: number): void;
  /** Whether a guess is worth its time now. */
  readonly pays: boolean;
}

export function speculationPace(): Pace {
  let plainTime: number | undefined;
  let verifyTime: number | undefined;
  let gain = 1 + HOPED;
  let pause = 0;
  let nextPause = PAUSE;
  const smooth = (old: number | undefined, now: number) =>
    old === undefined ? now : old + SMOOTH * (now - old);

  return {
    plain(milliseconds) {
      plainTime = smooth(plainTime, milliseconds);
    },
    verified(milliseconds, tokens) {
      verifyTime = smooth(verifyTime, milliseconds);
      gain = smooth(gain, tokens);
      if (plainTime === undefined) return;
      if (verifyTime < gain * plainTime) nextPause = PAUSE;
      else {
        pause = nextPause;
        nextPause *= 2;
        // Tried again with some hope, or one bad stretch would end it for good.
        gain = Math.max(gain, verifyTime / plainTime);
      }
    },
    passed(tokens) {
      pause = Math.max(0, pause - tokens);
    },
    get pays() {
      return pause === 0 && plainTime !== undefined;
    },
  };
}

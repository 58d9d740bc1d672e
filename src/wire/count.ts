// Counting tokens crosses to the engine's worker once a question, with everything that is to be counted.

import type { Message } from '../engine.ts';

/** A conversation to count, ready for the assistant's turn. */
export interface Counted {
  messages: readonly Message[];
  /** How that turn begins already. */
  begun?: string;
}

export interface CountOptions {
  /**
   * The conversations are cuts of one, the longest first, of which the first that fits is wanted: only what is needed to find
   * it is counted. The number of tokens that are to stay free for the answer.
   */
  untilFits?: number;
}

export interface TokenCounts {
  /** One for each conversation; null where it was not counted. */
  tokens: (number | null)[];
  /** Tokens that fit. */
  contextLength: number;
}

export type CountMany = (conversations: readonly Counted[], options?: CountOptions) => Promise<TokenCounts>;

/** Tokens that a prompt may have where `reserve` are kept free for the answer: never more than a quarter of the context. */
export const promptLimit = (contextLength: number, reserve: number): number =>
  contextLength - Math.min(reserve, contextLength >> 2);

/**
 * Counts the first of `length` falling numbers, and, where it is above `room`, so many more that the first one within it is
 * known. Where none is, the last one is counted.
 */
export function countUntilFits(
  length: number,
  limit: number,
  count: (index: number) => number,
): (number | null)[] {
  const counts = Array.from({ length }, (): number | null => null);
  const fits = (index: number): boolean => (counts[index] ??= count(index)) <= limit;
  if (length === 0 || fits(0)) return counts;
  let low = 1;
  let high = length - 1;
  let found = false;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (fits(middle)) {
      found = true;
      high = middle - 1;
    } else low = middle + 1;
  }
  if (!found) counts[length - 1] ??= count(length - 1);
  return counts;
}

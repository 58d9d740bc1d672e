// Text that is long for a message: how long, and how much of it is too much. Pure.

import type { Count, Fit, FitOrder } from '../answer/fit.ts';
import { asMessages } from '../answer/fit.ts';

/** A paste of more than this is offered as a document: some three pages. */
export const LONG_PASTE_WORDS = 1500;
/** A word of average length and its blank, twice: text without blanks (a table, an address) is no single word. */
const LONGEST_MEAN = 12;

export function countWords(text: string): number {
  const words = text.match(/\S+/gu)?.length ?? 0;
  return Math.max(words, Math.round(text.trim().length / LONGEST_MEAN));
}

/** What a message has too much of: words of its own, or nothing of it would fit beside the instructions. */
export type Over = { words: number } | 'instructions';

/**
 * How much of the last message has to go, by its own share of tokens a word.
 * @returns null where it fits, or where nothing is written
 */
export async function overOf(
  order: FitOrder,
  { fits, room, tokens }: Fit,
  count: Count,
): Promise<Over | null> {
  const last = order.turns.at(-1);
  if (fits || last?.role !== 'user') return null;
  const empty = await count(asMessages(order.system, [{ ...last, content: '' }]));
  if (empty.tokens >= room) return 'instructions';
  const words = countWords(last.content);
  const share = (tokens - room) / Math.max(1, tokens - empty.tokens);
  return { words: Math.max(1, Math.min(words, Math.ceil(words * share))) };
}

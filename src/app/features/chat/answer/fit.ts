// What of a conversation the model reads: all of it, or, where that does not fit the context, its newest part.

import type { Message } from '../../../../engine.ts';
import type { MessageNode } from '../../../../storage/conversations.ts';

export type Count = (
  messages: readonly Message[],
  begun?: string,
) => Promise<{ tokens: number; contextLength: number }>;

export type Turn = Pick<MessageNode, 'id' | 'role' | 'content'>;

export interface Fit {
  messages: Message[];
  /** The first message that is read, where not all are; null: all. */
  readFrom: string | null;
  /** Messages left out before it. */
  dropped: number;
  tokens: number;
  /** Of all messages, the ones left out too. */
  wholeTokens: number;
  contextLength: number;
  /** Tokens that a prompt may have, so that the answer has its own. */
  room: number;
  /** False where not even the last message fits. */
  fits: boolean;
}

export interface FitOrder {
  system: string;
  /** Oldest first; the last one of the person is never left out. */
  turns: readonly Turn[];
  /** Of an answer that goes on. */
  begun?: string;
  /** Tokens kept free for the answer; never more than a quarter of the context. */
  reserve: number;
}

export const asMessages = (system: string, turns: readonly Turn[]): Message[] => [
  ...(system.trim() === '' ? [] : [{ role: 'system' as const, content: system.trim() }]),
  ...turns.map(({ role, content }) => ({ role, content })),
];

/** Leaves out as few of the oldest messages as it can, always whole exchanges: what is read begins with the person. */
export async function fit({ system, turns, begun = '', reserve }: FitOrder, count: Count): Promise<Fit> {
  const starts = turns.flatMap(({ role }, i) => (i > 0 && role === 'user' ? [i] : []));
  let wholeTokens = 0;
  const at = async (start: number): Promise<Fit> => {
    const messages = asMessages(system, turns.slice(start));
    const { tokens, contextLength } = await count(messages, begun);
    if (start === 0) wholeTokens = tokens;
    const room = contextLength - Math.min(reserve, contextLength >> 2);
    return {
      messages,
      readFrom: start === 0 ? null : (turns[start]?.id ?? null),
      dropped: start,
      tokens,
      wholeTokens,
      contextLength,
      room,
      fits: tokens <= room,
    };
  };
  const whole = await at(0);
  if (whole.fits || starts.length === 0) return whole;
  // Fewer messages, fewer tokens: the first start that fits is found by halving.
  let best: Fit | null = null;
  let low = 0;
  let high = starts.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const tried = await at(starts[middle] ?? 0);
    if (tried.fits) {
      best = tried;
      high = middle - 1;
    } else low = middle + 1;
  }
  return best ?? (await at(starts.at(-1) ?? 0));
}

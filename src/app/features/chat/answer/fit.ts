// What of a conversation the model reads: all of it, or, where that does not fit the context, its newest part.

import type { Message } from '../../../../engine.ts';
import type { MessageNode } from '../../../../storage/conversations.ts';
import { promptLimit, type CountMany } from '../../../../wire/count.ts';

/** One conversation's tokens. */
export type Count = (
  messages: readonly Message[],
  begun?: string,
) => Promise<{ tokens: number; contextLength: number }>;

/** `countMany` for one conversation. */
export const countOne =
  (countMany: CountMany): Count =>
  async (messages, begun = '') => {
    const { tokens, contextLength } = await countMany([{ messages, begun }]);
    return { tokens: tokens[0] ?? 0, contextLength };
  };

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

/**
 * Leaves out as few of the oldest messages as it can, always whole exchanges: what is read begins with the person. Asks the
 * tokenizer once, with every cut there may be: where it is, as few of them as will do are counted.
 */
export async function fit(
  { system, turns, begun = '', reserve }: FitOrder,
  countMany: CountMany,
): Promise<Fit> {
  const starts = [0, ...turns.flatMap(({ role }, i) => (i > 0 && role === 'user' ? [i] : []))];
  const whole = asMessages(system, turns);
  const instructions = whole.length - turns.length;
  const cuts = starts.map((start) => [...whole.slice(0, instructions), ...whole.slice(instructions + start)]);
  const { tokens, contextLength } = await countMany(
    cuts.map((messages) => ({ messages, begun })),
    { untilFits: reserve },
  );
  const room = promptLimit(contextLength, reserve);
  const found = tokens.findIndex((count) => count !== null && count <= room);
  const at = found < 0 ? starts.length - 1 : found;
  const start = starts[at] ?? 0;
  return {
    messages: cuts[at] ?? whole,
    readFrom: start === 0 ? null : (turns[start]?.id ?? null),
    dropped: start,
    tokens: tokens[at] ?? 0,
    wholeTokens: tokens[0] ?? 0,
    contextLength,
    room,
    fits: found >= 0,
  };
}

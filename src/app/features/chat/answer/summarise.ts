// What does not fit the context any more, told shortly by the model itself, piece by piece where it is long.

import type { GenerateCall } from '../../../../wire/engine-client.ts';
import type { GenerateAnswer } from '../../../../wire/engine-protocol.ts';
import type { Count, Turn } from './fit.ts';

export interface SummaryWords {
  /** What the model is asked to do. */
  prompt: string;
  user: string;
  assistant: string;
}

export interface SummaryOrder {
  turns: readonly Turn[];
  /** The summary that stood for what came before them. */
  before: string;
  words: SummaryWords;
  signal: AbortSignal;
}

/** A summary is a paragraph: longer ones would push out what they make room for. */
const MAX_TOKENS = 192;

export async function summarise(
  { turns, before, words, signal }: SummaryOrder,
  count: Count,
  generate: (call: GenerateCall) => Promise<GenerateAnswer>,
): Promise<string> {
  const said = turns.map(
    ({ role, content }) => `${role === 'user' ? words.user : words.assistant}: ${content.trim()}`,
  );
  const ask = (text: string) => [{ role: 'user' as const, content: `${words.prompt}\n\n${text}` }];
  const fits = async (text: string): Promise<boolean> => {
    const { tokens, contextLength } = await count(ask(text));
    return tokens + Math.min(MAX_TOKENS, contextLength >> 2) <= contextLength;
  };
  let summary = before;
  while (said.length > 0) {
    signal.throwIfAborted();
    let piece = summary;
    let taken = 0;
    for (; taken < said.length; taken++) {
      const longer = [piece, said[taken]].filter(Boolean).join('\n');
      if (!(await fits(longer))) break;
      piece = longer;
    }
    if (taken === 0) {
      // One message that is too long by itself: its beginning, in halves until it fits.
      const [first = ''] = said;
      if (first.length < 2) break;
      said[0] = first.slice(0, first.length >> 1);
      continue;
    }
    said.splice(0, taken);
    const { text } = await generate({
      messages: ask(piece),
      maxTokens: MAX_TOKENS,
      sampler: { temperature: 0 },
      signal,
    });
    summary = text.trim();
  }
  return summary;
}

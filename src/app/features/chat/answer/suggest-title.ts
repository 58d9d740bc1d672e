// A title in the model's words: asked for after the first exchange, and taken only where it looks like one.

import { branch, type Conversation } from '../../../../storage/conversations.ts';
import type { GenerateCall } from '../../../../wire/engine-client.ts';
import type { GenerateAnswer } from '../../../../wire/engine-protocol.ts';

const MAX_TOKENS = 24;
const MAX_LETTERS = 60;
/** Of each message: the beginning says what a conversation is about. */
const MAX_READ = 1200;

/** The first line without what models put around a title; null where it is none. */
export function cleanTitle(text: string): string | null {
  const line = text.split('\n').find((each) => /[\p{L}\p{N}]/u.test(each)) ?? '';
  const clean = line
    .replace(/^[\s#>*\-–—"'“”«»`]+|[\s*"'“”«»`.…]+$/g, '')
    .replace(/^(título|titulo|title)\s*:\s*/i, '')
    .replace(/^["'“”«»*]+/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return clean.length > 1 && clean.length <= MAX_LETTERS ? clean : null;
}

export interface TitleMoment {
  /** The person wants it, and the model is more than a demonstration. */
  wanted: boolean;
  /** Loaded, and nothing is asked of it or being written to it. */
  idle: boolean;
  conversation: Conversation | null;
}

/** The conversation that could have the model's title now: after its first exchange, while it has the first words only. */
export function untitledNow({ wanted, idle, conversation }: TitleMoment): string | null {
  if (!wanted || !idle || !conversation || conversation.titleBy) return null;
  const turns = branch(conversation);
  return turns.length === 2 && turns[1]?.role === 'assistant' && turns[1].finishReason === 'stop'
    ? conversation.id
    : null;
}

export async function suggestTitle(
  conversation: Conversation,
  prompt: string,
  generate: (call: GenerateCall) => Promise<GenerateAnswer>,
  signal: AbortSignal,
): Promise<string | null> {
  const [question, answer] = branch(conversation);
  if (!question) return null;
  const read = [question, answer].flatMap((node) => (node ? [node.content.slice(0, MAX_READ)] : []));
  const { text, finishReason } = await generate({
    messages: [{ role: 'user', content: `${prompt}\n\n${read.join('\n\n')}` }],
    maxTokens: MAX_TOKENS,
    sampler: { temperature: 0 },
    signal,
  });
  return finishReason === 'stop' ? cleanTitle(text) : null;
}

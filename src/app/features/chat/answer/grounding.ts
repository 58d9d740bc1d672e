// What of the attached documents goes before a question: everything where it fits, else the passages that answer it best.
// Chosen once, when the question is answered, and kept with it: a later turn reads the same prompt and reuses its prefix.

import {
  branch,
  type Attachment,
  type Conversation,
  type Sources,
} from '../../../../storage/conversations.ts';
import type { EngineClient } from '../../../../wire/engine-client.ts';
import type { DocumentText } from '../../documents/extract.ts';
import { loadPassages } from '../../documents/late.ts';
import type { LanguageCode } from '../../../text/format.ts';
import type { Content } from '../../documents/attachments.svelte.ts';
import { messagesFor, type PromptSource } from '../conversation.ts';
import { countOne } from './fit.ts';

/** Of the room that the conversation leaves: the rest is for what is still to be said. */
const SHARE_OF_ROOM = 0.6;
/** Of the context, kept for the answer at most: a large limit of tokens must not leave documents without room. */
const SHARE_FOR_ANSWER = 0.25;
/** Tokens below which no passage says anything. */
const LEAST_TOKENS = 48;

export interface GroundingDependencies {
  countMany: EngineClient['countMany'];
  /** The text of an attachment that was too long to be kept with its message, while this page still has it. */
  remembered: (id: string) => Content | null;
  source: () => PromptSource;
  maxTokens: () => number;
  language: () => LanguageCode;
}

function documentOf(attachment: Attachment, content: Content): DocumentText {
  const { name, kind, chars } = attachment;
  return typeof content === 'string'
    ? { name, kind, text: content, chars }
    : { name, kind, pages: content, text: content.map(({ text }) => text).join('\n\n'), chars };
}

/**
 * @returns null where nothing is attached, where all of it stands in the prompt already, or where the question was answered
 * from documents before (another answer reads the same)
 */
export async function ground(
  conversation: Conversation,
  questionId: string,
  signal: AbortSignal,
  deps: GroundingDependencies,
): Promise<Sources | null> {
  const question = conversation.nodes[questionId];
  if (!question || question.sources) return null;
  const path = branch(conversation, questionId);
  const whole = new Set(path.flatMap(({ sources }) => (sources?.how === 'whole' ? sources.from : [])));
  const open = path
    .flatMap(({ attachments }) => attachments ?? [])
    .flatMap((attachment) => {
      const content = attachment.content ?? deps.remembered(attachment.id);
      return whole.has(attachment.id) || content === null ? [] : [{ attachment, content }];
    });
  if (open.length === 0) return null;

  const { choosePassages } = await loadPassages();
  const language = deps.language();
  const before = await countOne(deps.countMany)(messagesFor(conversation, questionId, deps.source()));
  const forAnswer = Math.min(deps.maxTokens(), before.contextLength * SHARE_FOR_ANSWER);
  const budget = Math.floor((before.contextLength - before.tokens - forAnswer) * SHARE_OF_ROOM);
  const from = open.map(({ attachment }) => attachment.id);
  if (budget < LEAST_TOKENS) return { language, how: 'ranked', share: 0, from, passages: [] };
  const choice = await choosePassages(
    open.map(({ attachment, content }) => documentOf(attachment, content)),
    question.content,
    budget,
    async (texts) => {
      signal.throwIfAborted();
      const asked = texts.map((content) => ({ messages: [{ role: 'user' as const, content }] }));
      // What the template puts around a message is no part of a passage: an empty one says how much that is.
      const { tokens } = await deps.countMany([{ messages: [{ role: 'user', content: '' }] }, ...asked]);
      const around = tokens[0] ?? 0;
      return tokens.slice(1).map((count) => Math.max(0, (count ?? 0) - around));
    },
    language,
  );
  return {
    language,
    how: choice.how,
    share: choice.share,
    from,
    passages: choice.passages.map(({ name, page, heading, text }) => ({ name, page, heading, text })),
  };
}

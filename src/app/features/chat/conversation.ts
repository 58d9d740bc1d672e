// Pure steps on a conversation's tree: each gives a new conversation, so that what is shown and what is written never
// change under each other.

import type { Message } from '../../../engine.ts';
import {
  branch,
  newestLeaf,
  siblings,
  type AnswerLanguage,
  type Conversation,
  type MessageNode,
} from '../../../storage/conversations.ts';
import { renderForPrompt } from '../documents/prompt.ts';
import { asMessages, type Turn } from './answer/fit.ts';
import { titleFrom } from './title.ts';

export function startConversation(
  id: string,
  firstMessage: string,
  modelId: string,
  now: number,
): Conversation {
  return {
    schema: 1,
    id,
    title: titleFrom(firstMessage),
    createdAt: now,
    updatedAt: now,
    modelId,
    currentLeaf: null,
    nodes: {},
  };
}

/** Adds a node below `parentId` and shows its branch. */
export function append(conversation: Conversation, node: MessageNode): Conversation {
  return {
    ...conversation,
    updatedAt: node.createdAt,
    currentLeaf: node.id,
    nodes: { ...conversation.nodes, [node.id]: node },
  };
}

export function patchNode(
  conversation: Conversation,
  id: string,
  patch: Partial<MessageNode>,
  now: number,
): Conversation {
  const node = conversation.nodes[id];
  if (!node) return conversation;
  return {
    ...conversation,
    updatedAt: now,
    nodes: { ...conversation.nodes, [id]: { ...node, ...patch } },
  };
}

/** Takes away a node without children; its parent ends the branch. */
export function dropLeaf(conversation: Conversation, id: string): Conversation {
  const { [id]: node, ...nodes } = conversation.nodes;
  if (!node) return conversation;
  const currentLeaf = conversation.currentLeaf === id ? node.parentId : conversation.currentLeaf;
  return { ...conversation, nodes, currentLeaf };
}

/** Takes a node and all that follows it away; the newest of its other versions is shown, else its parent. */
export function dropBranch(
  conversation: Conversation,
  id: string,
): { conversation: Conversation; removed: MessageNode[] } {
  const removed = new Set([id]);
  // Children of several generations: until a round finds no more.
  for (let before = 0; before < removed.size;) {
    before = removed.size;
    for (const node of Object.values(conversation.nodes))
      if (node.parentId !== null && removed.has(node.parentId)) removed.add(node.id);
  }
  const all = Object.values(conversation.nodes);
  const nodes = Object.fromEntries(
    all.filter((node) => !removed.has(node.id)).map((node) => [node.id, node]),
  );
  const { currentLeaf } = conversation;
  const rest = { ...conversation, nodes };
  const shown = currentLeaf === null || !removed.has(currentLeaf);
  const other = siblings(conversation, id).findLast((node) => node.id !== id);
  return {
    conversation: {
      ...rest,
      currentLeaf: shown
        ? currentLeaf
        : other
          ? newestLeaf(rest, other.id)
          : (conversation.nodes[id]?.parentId ?? null),
    },
    removed: all.filter((node) => removed.has(node.id)),
  };
}

/** Said to the model in the language it is to answer in: that is what it follows best. */
const ANSWER_IN: Record<AnswerLanguage, string> = {
  es: 'Responde siempre en español.',
  pt: 'Responda sempre em português do Brasil.',
  en: 'Always answer in English.',
};

export interface PromptSource {
  /** Of the settings: where the conversation has none of its own. */
  systemPrompt: string;
  /** Stands over a summary. */
  summaryHead: string;
}

/** A message as the model reads it: after what its documents say. */
const asRead = ({ id, role, content, sources }: MessageNode): Turn => ({
  id,
  role,
  content:
    sources && sources.passages.length > 0
      ? `${renderForPrompt(sources.passages, sources.language)}\n\n${content}`
      : content,
});

/** What the model could read to answer `leaf`: instructions, language and summary as one text, and the branch. */
export function promptFor(
  conversation: Pick<Conversation, 'system' | 'language' | 'summary' | 'nodes' | 'currentLeaf'>,
  leaf: string | null,
  { systemPrompt, summaryHead }: PromptSource,
): { system: string; turns: Turn[] } {
  const { summary, language } = conversation;
  const turns = branch(conversation, leaf);
  const until = summary ? turns.findIndex(({ id }) => id === summary.upTo) : -1;
  const parts = [
    (conversation.system ?? systemPrompt).trim(),
    language ? ANSWER_IN[language] : '',
    summary && until >= 0 ? `${summaryHead}\n${summary.text}` : '',
  ];
  return {
    system: parts.filter((part) => part !== '').join('\n\n'),
    turns: turns.slice(until + 1).map(asRead),
  };
}

/** What is chosen before a conversation has a first message. */
export interface Choices {
  system?: string | undefined;
  persona?: string | undefined;
  language?: AnswerLanguage | undefined;
}

/** With these choices instead of its own; undefined takes one back. */
export function withChoices(conversation: Conversation, choices: Choices): Conversation {
  const rest = { ...conversation };
  delete rest.system;
  delete rest.persona;
  delete rest.language;
  const { system, persona, language } = choices;
  return {
    ...rest,
    ...(system === undefined ? {} : { system }),
    ...(persona === undefined ? {} : { persona }),
    ...(language === undefined ? {} : { language }),
  };
}

/** The same as messages, all of them. */
export function messagesFor(conversation: Conversation, leaf: string, source: PromptSource): Message[] {
  const { system, turns } = promptFor(conversation, leaf, source);
  return asMessages(system, turns);
}

// Pure steps on a conversation's tree: each gives a new conversation, so that what is shown and what is written never
// change under each other.

import type { Message } from '../../engine.ts';
import {
  branch,
  newestLeaf,
  siblings,
  type Conversation,
  type MessageNode,
} from '../../storage/conversations.ts';
import { renderForPrompt } from '../documents/prompt.ts';
import { titleFrom } from '../title.ts';

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

/** What the model reads to answer `leaf`: the system prompt, where there is one, and the branch. */
export function messagesFor(conversation: Conversation, leaf: string, systemPrompt: string): Message[] {
  const system = (conversation.system ?? systemPrompt).trim();
  return [
    ...(system === '' ? [] : [{ role: 'system' as const, content: system }]),
    ...branch(conversation, leaf).map(({ role, content, sources }) => ({
      role,
      content:
        sources && sources.passages.length > 0
          ? `${renderForPrompt(sources.passages, sources.language)}\n\n${content}`
          : content,
    })),
  ];
}

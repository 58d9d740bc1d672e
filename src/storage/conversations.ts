// Conversations as message trees: an edit or a second answer is a branch, never a loss. A conversation is two records that
// change together: its summary, ordered by time so that a list reads only what it shows, and its body.

import { EngineError } from '../failures.ts';
import type { Conversation, MessageNode } from './conversation-tree.ts';
import { openDatabase, requested } from './database.ts';
import { mergeConversation } from './merge-conversation.ts';

export { ANSWER_LANGUAGES } from './conversation-tree.ts';
export type {
  AnswerLanguage,
  Attachment,
  Conversation,
  ConversationSampler,
  Feedback,
  MessageNode,
  Sources,
} from './conversation-tree.ts';

/** What a list shows without reading a body. */
export interface ConversationSummary {
  id: string;
  title: string;
  createdAt: number;
  updatedAt: number;
  modelId: string;
  messages: number;
  pinned?: boolean;
  archived?: boolean;
  tags?: string[];
}

/** Where a page of the list ended, to go on from. */
export interface ListCursor {
  updatedAt: number;
  id: string;
}

export interface ConversationStore {
  /** Newest first. @param options.after goes on after that entry; limit: all when left out */
  list(options?: { limit?: number; after?: ListCursor }): Promise<ConversationSummary[]>;
  /** undefined where there is none; throws "storage-failed" for a record that is no conversation. */
  get(id: string): Promise<Conversation | undefined>;
  /**
   * Stores what the caller changed since `base`, beside what others stored meanwhile. `updatedAt` is the caller's.
   * @param base the version that `conversation` was made from; left out or null: none, all of it is to be there
   * @returns what is stored now: `conversation` itself where nobody else changed anything. undefined: another tab deleted it,
   * and it says nothing new
   */
  put(conversation: Conversation, base?: Conversation | null): Promise<Conversation | undefined>;
  /** A step on what is stored now. @returns what it gave; undefined where there is no such conversation */
  update(id: string, step: (conversation: Conversation) => Conversation): Promise<Conversation | undefined>;
  /** @returns what was deleted; undefined where there was none that can be read */
  delete(id: string): Promise<Conversation | undefined>;
  clear(): Promise<void>;
}

/** What a tab did to the store of conversations, for the others. */
export type ConversationNews =
  { kind: 'stored'; summary: ConversationSummary } | { kind: 'deleted'; id: string } | { kind: 'cleared' };

/** The branch that ends in `leaf`, oldest first. Throws nothing: a broken chain ends where it breaks. */
export function branch(
  conversation: Pick<Conversation, 'nodes' | 'currentLeaf'>,
  leaf: string | null = conversation.currentLeaf,
): MessageNode[] {
  const path: MessageNode[] = [];
  const seen = new Set<string>();
  for (let id = leaf; id !== null && !seen.has(id);) {
    seen.add(id);
    const node = conversation.nodes[id];
    if (!node) break;
    path.push(node);
    id = node.parentId;
  }
  return path.reverse();
}

/** The branches a node belongs to (itself included), oldest first: for "2/3". */
export function siblings(conversation: Pick<Conversation, 'nodes'>, id: string): MessageNode[] {
  const node = conversation.nodes[id];
  if (!node) return [];
  return Object.values(conversation.nodes)
    .filter((other) => other.parentId === node.parentId && other.role === node.role)
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

/** The end of the newest branch below a node: where switching to that node leads. */
export function newestLeaf(conversation: Pick<Conversation, 'nodes'>, id: string): string {
  const children = new Map<string, MessageNode>();
  for (const node of Object.values(conversation.nodes)) {
    if (node.parentId === null) continue;
    const newest = children.get(node.parentId);
    if (!newest || node.createdAt >= newest.createdAt) children.set(node.parentId, node);
  }
  const seen = new Set([id]);
  let at = id;
  for (let next = children.get(at); next && !seen.has(next.id); next = children.get(at)) {
    seen.add(next.id);
    at = next.id;
  }
  return at;
}

function isConversation(value: unknown): value is Conversation {
  if (typeof value !== 'object' || value === null) return false;
  const { schema, id, title, updatedAt, nodes } = value as Partial<Record<keyof Conversation, unknown>>;
  return (
    schema === 1 &&
    typeof id === 'string' &&
    typeof title === 'string' &&
    typeof updatedAt === 'number' &&
    typeof nodes === 'object' &&
    nodes !== null
  );
}

export function summaryOf(conversation: Conversation): ConversationSummary {
  const { id, title, createdAt, updatedAt, modelId, nodes, pinned, archived, tags } = conversation;
  return {
    id,
    title,
    createdAt,
    updatedAt,
    modelId,
    messages: Object.keys(nodes).length,
    ...(pinned ? { pinned } : {}),
    ...(archived ? { archived } : {}),
    ...(tags && tags.length > 0 ? { tags } : {}),
  };
}

// Keys: ['summary', -updatedAt, id] (ascending = newest first), ['body', id], ['at', id] -> updatedAt, which finds the
// summary to replace without reading the body.
const summaryKey = (at: ListCursor): IDBValidKey => ['summary', -at.updatedAt, at.id];

/**
 * @param onCleared the browser, a tool or another tab deleted them all: they are empty now
 * @param tell hears of what this store did, once it is stored
 */
export function openConversations(
  name = 'yupana-conversations',
  onCleared?: () => void,
  tell: (news: ConversationNews) => void = () => undefined,
): ConversationStore {
  /** What was stored went away as a whole: that is no deletion, and what a page still has comes back with its next write. */
  let lost = false;
  const database = openDatabase(name, 1, {
    onCleared: () => {
      lost = true;
      onCleared?.();
    },
  });

  const removeSummary = async (store: IDBObjectStore, id: string): Promise<void> => {
    const updatedAt = await requested<unknown>(store.get(['at', id]));
    if (typeof updatedAt === 'number') await requested(store.delete(summaryKey({ updatedAt, id })));
  };

  const read = async (store: IDBObjectStore, id: string): Promise<Conversation | undefined> => {
    const found = await requested<unknown>(store.get(['body', id]));
    if (found === undefined) return undefined;
    if (!isConversation(found)) {
      throw new EngineError('storage-failed', `conversation ${id} cannot be read`, { store: name, id });
    }
    return found;
  };

  /** Reads, changes and writes in one transaction: no other tab comes between. */
  const change = async (
    id: string,
    step: (stored: Conversation | undefined) => Conversation | undefined,
    unreadable?: Conversation,
  ): Promise<Conversation | undefined> => {
    const next = await database.write(async (store) => {
      const wanted = await read(store, id).then(step, (error: unknown) => {
        if (unreadable && error instanceof EngineError) return unreadable;
        throw error;
      });
      if (!wanted) return undefined;
      const { updatedAt } = wanted;
      await removeSummary(store, id);
      await Promise.all([
        requested(store.put(summaryOf(wanted), summaryKey({ updatedAt, id }))),
        requested(store.put(updatedAt, ['at', id])),
        requested(store.put(wanted, ['body', id])),
      ]);
      return wanted;
    });
    if (next) tell({ kind: 'stored', summary: summaryOf(next) });
    return next;
  };

  return {
    list: ({ limit, after } = {}) =>
      database.read((store) => {
        const range = IDBKeyRange.bound(
          after ? summaryKey(after) : ['summary'],
          ['summary', []],
          after !== undefined,
        );
        return requested<ConversationSummary[]>(store.getAll(range, limit));
      }),
    get: (id) => database.read((store) => read(store, id)),
    put: (conversation, base = null) =>
      // What cannot be read is replaced by what the caller has.
      change(
        conversation.id,
        (stored) => mergeConversation(stored || !lost ? base : null, conversation, stored),
        conversation,
      ),
    update: (id, step) => change(id, (stored) => stored && step(stored)),
    async delete(id) {
      const was = await database.write(async (store) => {
        const found = await read(store, id).catch(() => undefined); // one that cannot be read goes all the same
        await removeSummary(store, id);
        await Promise.all([requested(store.delete(['at', id])), requested(store.delete(['body', id]))]);
        return found;
      });
      tell({ kind: 'deleted', id });
      return was;
    },
    async clear() {
      await database.write(async (store) => {
        await Promise.all(
          ['summary', 'at', 'body'].map((kind) =>
            requested(store.delete(IDBKeyRange.bound([kind], [kind, []]))),
          ),
        );
      });
      tell({ kind: 'cleared' });
    },
  };
}

// Conversations on their way to the store: one write at a time, of the latest version, at most one a second while an
// answer streams. A killed tab loses at most the last second. What other tabs stored meanwhile comes back the same way, so that
// every version in this tab is made from what it is compared with in the store.

import type { Conversation, ConversationStore } from '../../../../storage/conversations.ts';
import { mergeConversation } from '../../../../storage/merge-conversation.ts';

const STREAM_INTERVAL_MS = 1000;

/** Brings a version up to what is stored; null: it was deleted, and the version says nothing new. */
export type Rebase = (version: Conversation) => Conversation | null;

export interface WriterHooks {
  onError: (error: unknown) => void;
  /** Another tab changed or deleted a conversation: every version of it in memory is to go through `rebase`, at once. */
  onForeign: (id: string, rebase: Rebase) => void;
  /** Whether there is a version of it in memory. */
  holds: (id: string) => boolean;
}

export class WriteThrough {
  private readonly store: Pick<ConversationStore, 'get' | 'put'>;
  private readonly hooks: WriterHooks;
  private readonly waiting = new Map<string, Conversation>();
  /** Conversations that another tab changed, to be read. */
  private readonly stale = new Set<string>();
  /** What the versions in memory were made from, as it is stored. */
  private readonly bases = new Map<string, Conversation>();
  /** Changes of the store that this tab knows of: what was read across one may be of before. */
  private heard = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private writing: Promise<void> | null = null;
  private closed = false;

  constructor(store: Pick<ConversationStore, 'get' | 'put'>, hooks: WriterHooks) {
    this.store = store;
    this.hooks = hooks;
  }

  /**
   * Reads a conversation of which nothing is in memory.
   * @param adopt takes it into memory at once, where it is still wanted: from then on its versions are known here
   */
  async open(id: string, adopt: (found: Conversation | undefined) => boolean): Promise<void> {
    let found: Conversation | undefined;
    let heard: number;
    do {
      await this.flush(); // a version on its way is of another beginning
      heard = this.heard;
      found = await this.store.get(id);
    } while (heard !== this.heard || this.writing !== null);
    for (const known of this.bases.keys())
      if (!this.waiting.has(known) && !this.hooks.holds(known)) this.bases.delete(known);
    if (adopt(found) && found) this.bases.set(id, found);
  }

  /** Within a second. */
  soon(conversation: Conversation): void {
    if (this.closed) return;
    this.waiting.set(conversation.id, conversation);
    this.timer ??= setTimeout(() => void this.flush(), STREAM_INTERVAL_MS);
  }

  /** As soon as the write before it ends. Resolves once stored, or once the failure was reported. */
  now(conversation: Conversation): Promise<void> {
    if (!this.closed) this.waiting.set(conversation.id, conversation);
    return this.flush();
  }

  /** Another tab changed it. */
  hear(id: string): Promise<void> {
    this.heard++;
    if (this.bases.has(id)) this.stale.add(id);
    return this.flush();
  }

  /**
   * Forgets what is waiting for a conversation that is being deleted, and ends the write under way.
   * @returns what its versions in memory were made from; null where nothing of it is known to be stored
   */
  async drop(id: string): Promise<Conversation | null> {
    this.waiting.delete(id);
    await this.writing;
    this.stale.delete(id);
    const base = this.bases.get(id) ?? null;
    this.bases.delete(id);
    return base;
  }

  /** Everything is being deleted: what waits is forgotten, and nothing is written any more. */
  close(): Promise<void> {
    this.closed = true;
    this.waiting.clear();
    this.stale.clear();
    return this.flush();
  }

  flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (!this.writing && this.waiting.size + this.stale.size > 0) this.writing = this.drain();
    return this.writing ?? Promise.resolve();
  }

  private async drain(): Promise<void> {
    while (this.waiting.size + this.stale.size > 0) {
      const [next] = this.waiting.values();
      const [id] = this.stale;
      try {
        if (next) await this.write(next);
        else if (id !== undefined) await this.read(id);
      } catch (error) {
        this.hooks.onError(error);
      }
    }
    this.writing = null; // in the same step as the last look: whatever comes after it begins anew
  }

  private async write(next: Conversation): Promise<void> {
    const { id } = next;
    this.waiting.delete(id);
    const stored = await this.store.put(next, this.bases.get(id) ?? null);
    this.heard++;
    if (stored === next) this.bases.set(id, next);
    else this.rebase(id, next, stored);
  }

  private async read(id: string): Promise<void> {
    this.stale.delete(id);
    const stored = await this.store.get(id);
    // It may have begun to be deleted here meanwhile.
    const base = this.bases.get(id);
    if (base) this.rebase(id, base, stored);
  }

  private rebase(id: string, base: Conversation, stored: Conversation | undefined): void {
    // Of a deleted one only what is said after it comes back, beside whatever an undo brings.
    this.bases.set(id, stored ?? emptied(base));
    const step: Rebase = (version) => mergeConversation(base, version, stored) ?? null;
    const waits = this.waiting.get(id);
    const waiting = waits && step(waits);
    if (waiting) this.waiting.set(id, waiting);
    else this.waiting.delete(id);
    this.hooks.onForeign(id, step);
  }
}

/** What is left of a conversation that was deleted: a place for new words. */
const emptied = ({ schema, id, createdAt, updatedAt, modelId }: Conversation): Conversation => ({
  ...{ schema, id, createdAt, updatedAt, modelId },
  title: '',
  currentLeaf: null,
  nodes: {},
});

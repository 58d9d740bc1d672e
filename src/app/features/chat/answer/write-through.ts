// Conversations on their way to the store: one write at a time, of the latest version, at most one a second while an
// answer streams. A killed tab loses at most the last second.

import type { Conversation, ConversationStore } from '../../../../storage/conversations.ts';

const STREAM_INTERVAL_MS = 1000;

export class WriteThrough {
  private readonly store: Pick<ConversationStore, 'put'>;
  private readonly onError: (error: unknown) => void;
  private readonly waiting = new Map<string, Conversation>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private writing: Promise<void> | null = null;

  constructor(store: Pick<ConversationStore, 'put'>, onError: (error: unknown) => void) {
    this.store = store;
    this.onError = onError;
  }

  /** Within a second. */
  soon(conversation: Conversation): void {
    this.waiting.set(conversation.id, conversation);
    this.timer ??= setTimeout(() => void this.flush(), STREAM_INTERVAL_MS);
  }

  /** As soon as the write before it ends. Resolves once stored, or once the failure was reported. */
  now(conversation: Conversation): Promise<void> {
    this.waiting.set(conversation.id, conversation);
    return this.flush();
  }

  /** Forgets what is waiting for a conversation that is being deleted, and ends the write under way. */
  async drop(id: string): Promise<void> {
    this.waiting.delete(id);
    await this.writing;
  }

  flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.writing ??= this.drain().finally(() => {
      this.writing = null;
    });
    return this.writing;
  }

  private async drain(): Promise<void> {
    for (let next = this.next(); next; next = this.next()) {
      try {
        await this.store.put(next);
      } catch (error) {
        this.onError(error);
      }
    }
  }

  private next(): Conversation | undefined {
    const [first] = this.waiting;
    if (!first) return undefined;
    this.waiting.delete(first[0]);
    return first[1];
  }
}

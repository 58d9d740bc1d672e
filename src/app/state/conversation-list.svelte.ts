// The list of conversations: summaries only, never a body.

import type { Conversation, ConversationStore, ConversationSummary } from '../../storage/conversations.ts';
import { asEngineError } from '../faults.ts';
import type { EngineError } from '../../engine.ts';

const PAGE = 100;

export class ConversationList {
  /** Newest first. */
  summaries = $state.raw<readonly ConversationSummary[]>([]);
  hasMore = $state.raw(false);
  /** True once the list was read (or its reading failed). */
  known = $state.raw(false);
  private readonly store: Pick<ConversationStore, 'list'>;
  private readonly onError: (error: EngineError) => void;

  /** Temporary or locked: never in this list. */
  private readonly isPrivate: (id: string) => boolean;

  constructor(
    store: Pick<ConversationStore, 'list'>,
    onError: (error: EngineError) => void,
    isPrivate: (id: string) => boolean,
  ) {
    this.store = store;
    this.onError = onError;
    this.isPrivate = isPrivate;
  }

  async load(): Promise<void> {
    try {
      this.summaries = await this.store.list({ limit: PAGE });
      this.hasMore = this.summaries.length === PAGE;
    } catch (error) {
      this.onError(asEngineError(error));
    }
    this.known = true;
  }

  async loadMore(): Promise<void> {
    const after = this.summaries.at(-1);
    if (!after) return;
    try {
      const more = await this.store.list({ limit: PAGE, after });
      const unseen = more.filter(({ id }) => !this.summaries.some((summary) => summary.id === id));
      this.summaries = [...this.summaries, ...unseen];
      this.hasMore = more.length === PAGE;
    } catch (error) {
      this.onError(asEngineError(error));
    }
  }

  /** Brings the list up to date with a conversation, without reading the store. */
  update(conversation: Conversation): void {
    if (this.isPrivate(conversation.id)) return;
    const { id, title, createdAt, updatedAt, modelId, nodes } = conversation;
    const summary = { id, title, createdAt, updatedAt, modelId, messages: Object.keys(nodes).length };
    this.summaries = [summary, ...this.summaries.filter((other) => other.id !== id)].sort(
      (a, b) => b.updatedAt - a.updatedAt,
    );
  }

  drop(id: string): void {
    this.summaries = this.summaries.filter((summary) => summary.id !== id);
  }

  clear(): void {
    this.summaries = [];
    this.hasMore = false;
  }
}

// The list of conversations: summaries only, never a body.

import {
  summaryOf,
  type Conversation,
  type ConversationStore,
  type ConversationSummary,
} from '../../../../storage/conversations.ts';
import { asEngineError } from '../../../kit/faults.ts';
import type { EngineError } from '../../../../failures.ts';

/** Enough for the first screen; the rest follows without keeping anyone waiting. */
const FIRST_PAGE = 100;
const PAGE = 2000;

export class ConversationList {
  /** Newest first. */
  summaries = $state.raw<readonly ConversationSummary[]>([]);
  /** True once the list was read (or its reading failed). */
  known = $state.raw(false);
  /** True once all of it was read. */
  complete = $state.raw(false);
  private loads = 0;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing is shown from it
  private readonly dropped = new Set<string>();
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

  /** Resolves with the first page shown; the others come after it. */
  async load(): Promise<void> {
    const loading = ++this.loads;
    this.complete = false;
    try {
      this.summaries = await this.store.list({ limit: FIRST_PAGE });
      if (this.summaries.length < FIRST_PAGE) this.complete = true;
      else void this.loadRest(loading);
    } catch (error) {
      this.onError(asEngineError(error));
    }
    this.known = true;
  }

  private async loadRest(loading: number): Promise<void> {
    try {
      for (let after = this.summaries.at(-1); after;) {
        const page: ConversationSummary[] = await this.store.list({ limit: PAGE, after });
        if (loading !== this.loads) return;
        // What was saved or deleted meanwhile is newer than the page.
        // eslint-disable-next-line svelte/prefer-svelte-reactivity -- of this page only
        const known = new Set(this.summaries.map(({ id }) => id));
        this.summaries = [
          ...this.summaries,
          ...page.filter(({ id }) => !known.has(id) && !this.dropped.has(id)),
        ];
        after = page.length === PAGE ? page.at(-1) : undefined;
      }
      this.complete = true;
    } catch (error) {
      this.onError(asEngineError(error));
    }
  }

  /** Brings the list up to date with a conversation, without reading the store. */
  update(conversation: Conversation): void {
    if (!this.isPrivate(conversation.id)) this.put(summaryOf(conversation));
  }

  put(summary: ConversationSummary): void {
    this.dropped.delete(summary.id);
    this.summaries = [summary, ...this.summaries.filter((other) => other.id !== summary.id)].sort(
      (a, b) => b.updatedAt - a.updatedAt,
    );
  }

  drop(id: string): void {
    this.dropped.add(id);
    this.summaries = this.summaries.filter((summary) => summary.id !== id);
  }

  clear(): void {
    this.loads++;
    this.summaries = [];
  }
}

// How the chat stands on the screen: what lies over it, what a search found, where the person is taken.

import { MediaQuery } from 'svelte/reactivity';
import type { SearchHit } from '../../../storage/search-terms.ts';
import { FocusWish } from '../../kit/focus-wish.svelte.ts';
import type { Page } from '../../kit/page.svelte.ts';
import type { Preferences } from '../../text/preferences.svelte.ts';
import type { Keeper } from '../vault/conversation-stores.svelte.ts';
import type { Chat } from './chat.svelte.ts';
import type { ContextCount } from './composer/context-count.svelte.ts';
import type { Drafts } from './composer/drafts.svelte.ts';

export interface ViewParts {
  chat: Chat;
  drafts: Drafts;
  context: ContextCount;
  rooms: { next: Keeper };
  prefs: Preferences;
  page: Page;
}

export class ChatView {
  /** A message that a search found, until the thread shows it. */
  found = $state.raw<Pick<SearchHit, 'conversationId' | 'messageId'> | null>(null);
  /** The list of conversations, where it lies over the thread. */
  listOpen = $state.raw(false);
  readonly searchWish = new FocusWish();
  private readonly narrowQuery = new MediaQuery('max-width: 60rem');
  private readonly parts: ViewParts;

  constructor(parts: ViewParts) {
    this.parts = parts;
  }

  /** What is written would not be sent: it does not fit, or not all does and the person wants nothing left out. */
  readonly keepsBack = $derived.by(() => {
    const { chat, drafts, context, prefs } = this.parts;
    const { fit } = context;
    if (!fit || chat.run || drafts.text.trim() === '') return false;
    return fit.over !== null || (fit.dropped > 0 && prefs.settings.whenFull === 'stop');
  });

  get narrow(): boolean {
    return this.narrowQuery.current;
  }

  /** Shows what a search found. */
  goTo(hit: Pick<SearchHit, 'conversationId' | 'messageId'>): void {
    this.listOpen = false;
    this.found = hit.messageId === null ? null : hit;
    this.parts.page.router.go('chat', hit.conversationId);
  }

  /** Another conversation, which begins with this draft. */
  startOver(draft: string): void {
    const { chat, drafts, page } = this.parts;
    page.router.go('chat');
    void chat.open(null);
    drafts.put(null, draft);
    page.focusComposer();
  }

  /** Shows the message from which on the model would read. */
  showCut(): void {
    const { conversation } = this.parts.chat;
    const messageId = this.parts.context.fit?.readFrom;
    if (conversation && messageId) this.found = { conversationId: conversation.id, messageId };
  }

  private show(): void {
    const { chat, page } = this.parts;
    page.router.go('chat', chat.conversation?.id ?? null);
  }

  /** To the message field, from any place. */
  compose(): void {
    this.show();
    this.parts.page.focusComposer();
  }

  /** An empty conversation, kept where `keeper` says. */
  begin(keeper: Keeper): void {
    const { rooms, page } = this.parts;
    this.listOpen = false;
    rooms.next = keeper;
    page.router.go('chat');
    page.focusComposer();
  }

  searchConversations(): void {
    this.show();
    if (this.narrow) this.listOpen = true;
    this.searchWish.make();
  }

  /** What the model said last in the shown conversation; null: nothing yet. */
  get lastAnswer(): string | null {
    const { turns } = this.parts.chat;
    return turns.findLast(({ role, content }) => role === 'assistant' && content !== '')?.content ?? null;
  }

  async copyLastAnswer(): Promise<void> {
    if (this.lastAnswer !== null) await this.parts.page.copy(this.lastAnswer);
  }
}

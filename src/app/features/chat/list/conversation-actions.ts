// What is done with a conversation from its list or its thread, with a way back where there is one.

import { asEngineError } from '../../../kit/faults.ts';
import type { Chat } from '../chat.svelte.ts';
import type { Preferences } from '../../../text/preferences.svelte.ts';
import type { Keeper, ConversationStores } from '../../vault/conversation-stores.svelte.ts';
import type { Page } from '../../../kit/page.svelte.ts';

export interface ConversationParts {
  chat: Chat;
  rooms: ConversationStores;
  prefs: Preferences;
  page: Page;
}

export class ConversationActions {
  private readonly parts: ConversationParts;

  constructor(parts: ConversationParts) {
    this.parts = parts;
  }

  async archive(id: string, archived: boolean): Promise<void> {
    const { t } = this.parts.prefs;
    await this.parts.chat.archive(id, archived);
    const title = this.titleOf(id);
    this.parts.page.toasts.show(archived ? t.list.archived(title) : t.list.unarchived(title), {
      label: t.app.undo,
      run: () => void this.parts.chat.archive(id, !archived),
    });
  }

  private titleOf(id: string): string {
    const all = [
      ...this.parts.rooms.locked,
      ...this.parts.rooms.temporary,
      ...this.parts.chat.list.summaries,
    ];
    return all.find((each) => each.id === id)?.title || this.parts.prefs.t.chat.untitled;
  }

  async remove(id: string): Promise<void> {
    const { t } = this.parts.prefs;
    const title = this.titleOf(id);
    try {
      const undo = await this.parts.chat.remove(id);
      if (undo)
        this.parts.page.toasts.show(t.chat.removed(title), { label: t.app.undo, run: () => void undo() });
    } catch (error) {
      this.parts.page.complain(asEngineError(error));
    }
  }

  /** One version of a message, with all that follows it. */
  async removeVersion(nodeId: string): Promise<void> {
    const { t } = this.parts.prefs;
    const undo = await this.parts.chat.removeBranch(nodeId);
    if (undo)
      this.parts.page.toasts.show(t.chat.versionRemoved, { label: t.app.undo, run: () => void undo() });
  }

  /** Takes the shown conversation to another keeper. Not while it is being answered. */
  async move(id: string, to: Keeper): Promise<void> {
    if (this.parts.chat.run?.conversationId === id) return;
    await this.parts.chat.save();
    await this.parts.rooms.move(id, to);
  }
}

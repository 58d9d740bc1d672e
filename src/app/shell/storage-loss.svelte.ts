// What this site stored was deleted under the open page: by the browser's settings, a tool or another tab. What is on the screen
// outlives it, and what is gone is said.

import type { Chat } from '../features/chat/chat.svelte.ts';
import type { Models } from '../features/models/models.svelte.ts';
import type { Preferences } from '../text/preferences.svelte.ts';
import type { Page } from '../kit/page.svelte.ts';

export class StorageLoss {
  /** Until the model is there again. */
  noticed = $state.raw(false);
  private readonly parts: { chat: () => Chat; models: Models; prefs: Preferences; page: Page };

  constructor(parts: StorageLoss['parts']) {
    this.parts = parts;
  }

  async recover(): Promise<void> {
    const { models, prefs, page } = this.parts;
    const chat = this.parts.chat();
    // The loaded model can still answer: it stays the chosen one.
    if (models.engine.kind === 'ready') models.choose(models.engine.modelId);
    const kept = await chat.restore();
    await Promise.all([chat.list.load(), models.refresh()]);
    this.noticed = kept;
    if (!kept) page.toasts.show(prefs.t.chat.cleared(false));
  }
}

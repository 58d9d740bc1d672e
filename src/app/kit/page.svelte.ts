// What any component may do to the page: go to a place, give a notice, speak to a screen reader, send the focus to the message.

import { createContext } from 'svelte';
import type { EngineError } from '../../failures.ts';
import type { Preferences } from '../text/preferences.svelte.ts';
import { FocusWish } from './focus-wish.svelte.ts';
import { Router } from './router.svelte.ts';
import { Toasts } from './toasts.svelte.ts';

export class Page {
  readonly router = new Router();
  readonly toasts = new Toasts();
  /** Spoken by screen readers: starts and ends, never tokens. */
  announcement = $state.raw('');
  /** That the focus go to the message field. */
  readonly composer = new FocusWish();
  private readonly prefs: Preferences;

  constructor(prefs: Preferences) {
    this.prefs = prefs;
  }

  focusComposer(): void {
    this.composer.make();
  }

  /** Into the clipboard, said either way. */
  async copy(text: string): Promise<void> {
    const { copied, copyFailed } = this.prefs.t.chat;
    try {
      await navigator.clipboard.writeText(text);
      this.toasts.show(copied);
    } catch {
      this.toasts.show(copyFailed);
    }
  }

  /** Says a failure that has no place of its own on the screen. */
  complain(error: EngineError): void {
    console.error(error);
    if (!this.prefs.spoken) return;
    void this.prefs.faultOnce(error).then(({ what, todo }) => this.toasts.show(`${what} ${todo}`));
  }
}

export const [pageContext, setPageContext] = createContext<Page>();

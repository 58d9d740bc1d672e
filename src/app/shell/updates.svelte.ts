// The service worker: what makes the shell work without a server, and how a new version comes in.

import { Workbox } from 'workbox-window';
import { scriptURL } from '../kit/trusted.ts';

/** How long the new version may take to take over from the old one, which the browser lets finish its work first. */
export const TAKES_OVER_MS = 4_000;

export class Updates {
  /** The shell is stored: the next start needs no server. */
  offline = $state.raw(false);
  /** A new version is downloaded and waits. */
  waiting = $state.raw(false);
  private workbox: Workbox | null = null;
  /** The new version, while it waits. */
  private next: ServiceWorker | null = null;
  private applying = false;

  async register(): Promise<void> {
    if (!('serviceWorker' in navigator)) return;
    const workbox = new Workbox(scriptURL('./sw.js'));
    this.workbox = workbox;
    workbox.addEventListener('waiting', ({ sw }) => {
      this.next = sw ?? null;
      this.waiting = true;
    });
    workbox.addEventListener('activated', () => {
      this.offline = true;
    });
    const registration = await workbox.register({ immediate: true });
    if (registration?.active) this.offline = true;
  }

  /**
   * Lets the new version take over, then starts it: once it is active. A browser that never says so must not leave the button
   * without effect: after `TAKES_OVER_MS` the page is loaded again all the same. Chromium 156 sometimes lets the new version take
   * over only then, and that load hangs for good, because the version that it asked is gone: once the new one is active, the
   * page, which is still there, loads again.
   */
  apply(): void {
    if (this.applying) return;
    this.applying = true;
    const { next } = this;
    const timer = setTimeout(() => location.reload(), TAKES_OVER_MS);
    next?.addEventListener('statechange', () => {
      if (next.state !== 'activated') return;
      clearTimeout(timer);
      location.reload();
    });
    this.workbox?.messageSkipWaiting();
  }
}

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
  private applying = false;

  async register(): Promise<void> {
    if (!('serviceWorker' in navigator)) return;
    const workbox = new Workbox(scriptURL('./sw.js'));
    this.workbox = workbox;
    workbox.addEventListener('waiting', () => {
      this.waiting = true;
    });
    workbox.addEventListener('activated', () => {
      this.offline = true;
    });
    const registration = await workbox.register({ immediate: true });
    if (registration?.active) this.offline = true;
  }

  /**
   * Lets the new version take over, then starts it. A browser that never says so must not leave the button without effect:
   * after `TAKES_OVER_MS` the page is loaded again all the same.
   */
  apply(): void {
    if (this.applying) return;
    this.applying = true;
    const reload = () => {
      clearTimeout(timer);
      navigator.serviceWorker.removeEventListener('controllerchange', reload);
      location.reload();
    };
    const timer = setTimeout(reload, TAKES_OVER_MS);
    navigator.serviceWorker.addEventListener('controllerchange', reload);
    this.workbox?.messageSkipWaiting();
  }
}

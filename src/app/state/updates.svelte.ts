// The service worker: what makes the shell work without a server, and how a new version comes in.

import { Workbox } from 'workbox-window';
import { scriptURL } from '../trusted.ts';

export class Updates {
  /** The shell is stored: the next start needs no server. */
  offline = $state.raw(false);
  /** A new version is downloaded and waits. */
  waiting = $state.raw(false);
  private workbox: Workbox | null = null;

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

  /** Lets the new version take over, then starts it. */
  apply(): void {
    this.workbox?.addEventListener('controlling', () => location.reload());
    this.workbox?.messageSkipWaiting();
  }
}

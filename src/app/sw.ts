// The service worker: keeps the shell (page, workers, icons), never weights, and hands it out with its headers, so that
// the policies of the page and of both workers hold offline as they do online.

import {
  addPlugins,
  createHandlerBoundToURL,
  precacheAndRoute,
  cleanupOutdatedCaches,
} from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { withHeaders } from '../workers/headers.ts';
import { KEPT_CACHE, KEPT_SCRIPT } from './kept-script.ts';

declare const self: ServiceWorkerGlobalScope & {
  __WB_MANIFEST: (string | { url: string; revision: string | null })[];
};

addPlugins([
  {
    handlerWillRespond: ({ request, response }) =>
      Promise.resolve(withHeaders(response, new URL(request.url).pathname)),
  },
]);
precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
// Only the app's own address: whatever else the host has stays the host's.
registerRoute(
  new NavigationRoute(createHandlerBoundToURL('index.html'), {
    allowlist: [new RegExp(`^${new URL(self.registration.scope).pathname}(index\\.html)?$`)],
  }),
);

// The second engine's script is no part of the shell: the page keeps it once somebody chose that engine (kept-script.ts).
registerRoute(
  ({ url }) => KEPT_SCRIPT.test(url.pathname),
  async ({ request, url }) => {
    const kept = await (await caches.open(KEPT_CACHE)).match(url.href);
    return withHeaders(kept ?? (await fetch(request)), url.pathname);
  },
);

// A new version waits until the person says "Actualizar".
self.addEventListener('message', (event) => {
  if ((event.data as { type?: unknown } | null)?.type === 'SKIP_WAITING') event.waitUntil(self.skipWaiting());
});

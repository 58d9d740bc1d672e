// The service worker: keeps the shell (page, workers, icons), never weights, and hands it out with its headers, so that
// the policies of the page and of both workers hold offline as they do online.

import {
  addPlugins,
  createHandlerBoundToURL,
  getCacheKeyForURL,
  matchPrecache,
  precacheAndRoute,
  cleanupOutdatedCaches,
} from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { headersFor, isCanonical, withHeaders } from '../wire/headers.ts';
import { KEPT_CACHE, KEPT_SCRIPT } from './features/models/import/kept-script.ts';

declare const self: ServiceWorkerGlobalScope & {
  __WB_MANIFEST: (string | { url: string; revision: string | null })[];
};

const MANIFEST = self.__WB_MANIFEST;
const SHELL = MANIFEST.map((entry) => (typeof entry === 'string' ? entry : entry.url));
const scope = new URL(self.registration.scope).pathname;

/** While a page proves that it needs no network: what is not stored is refused, and everything is counted. */
let cut: { until: number; asked: number; refused: string[] } | undefined;
/** A page that went away must not leave the app without a network: it says again and again that it is at it. */
const CUT_MS = 60_000;
/** Files that another app shared with this one, until a page takes them. Never stored here. */
let shared: { files: File[]; taken: () => void } | undefined;
const SHARED_MS = 60_000;

// Before Workbox's own: the first that answers wins.
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin === self.location.origin && !isCanonical(pathname)) {
    // Another spelling of one of our files would come from the host without that file's policy.
    event.respondWith(new Response(null, { status: 404, headers: headersFor('') }));
  } else if (request.method === 'POST' && pathname === `${scope}share-target`) {
    event.respondWith(takeShared(request, event));
  } else if (cut && Date.now() < cut.until) {
    event.respondWith(fromShellAlone(cut, request, pathname));
  }
});

async function fromShellAlone(
  count: NonNullable<typeof cut>,
  request: Request,
  pathname: string,
): Promise<Response> {
  count.asked++;
  const stored =
    (await matchPrecache(request.mode === 'navigate' ? 'index.html' : request)) ??
    (await (await caches.open(KEPT_CACHE)).match(request));
  if (stored) return withHeaders(stored, pathname);
  count.refused.push(pathname);
  return Response.error();
}

async function takeShared(request: Request, event: FetchEvent): Promise<Response> {
  const files = (await request.formData()).getAll('files').filter((part) => part instanceof File);
  event.waitUntil(
    new Promise<void>((resolve) => {
      shared = { files, taken: resolve };
      setTimeout(() => {
        shared = undefined;
        resolve();
      }, SHARED_MS);
    }),
  );
  return Response.redirect(`${scope}#/models`, 303);
}

addPlugins([
  {
    handlerWillRespond: ({ request, response }) =>
      Promise.resolve(withHeaders(response, new URL(request.url).pathname)),
  },
]);
precacheAndRoute(MANIFEST);
cleanupOutdatedCaches();
// Only the app's own address: whatever else the host has stays the host's.
registerRoute(
  new NavigationRoute(createHandlerBoundToURL('index.html'), {
    allowlist: [new RegExp(`^${scope}(index\\.html)?$`)],
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

// This script itself, so that the app can be copied out without a network. One copy a version: a new one that waits must not
// replace that of the version in use.
const revisionOf = (entry: (typeof MANIFEST)[number]): string =>
  typeof entry === 'string' ? entry : `${entry.url}${entry.revision ?? ''}`;
const OWN = 'yupana-own-';
const ownCache = OWN + hashOf(MANIFEST.map(revisionOf).join());

function hashOf(text: string): string {
  let hash = 5381;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 33) ^ text.charCodeAt(i)) >>> 0;
  return hash.toString(16);
}

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const response = await fetch('sw.js', { cache: 'no-store' });
      if (response.ok) await (await caches.open(ownCache)).put('sw.js', response);
    })(),
  );
});
self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys())
        if (name.startsWith(OWN) && name !== ownCache) await caches.delete(name);
      // The first page too is served from here on, so that it can prove itself without being opened again.
      await self.clients.claim();
    })(),
  );
});
registerRoute(
  ({ url, request }) => url.pathname === `${scope}sw.js` && request.mode !== 'navigate',
  async ({ url, request }) => {
    const own = await (await caches.open(ownCache)).match('sw.js');
    return own ? withHeaders(own, url.pathname) : fetch(request);
  },
);

/** What pages may ask; each answer goes to the port that came along. */
type Question = { type: 'SKIP_WAITING' | 'SHELL' | 'MEND' | 'CUT' | 'MEET' | 'SHARED' };

self.addEventListener('message', (event) => {
  const question = event.data as Question | null;
  const port = event.ports[0];
  switch (question?.type) {
    // A new version waits until the person says "Actualizar".
    case 'SKIP_WAITING':
      event.waitUntil(self.skipWaiting());
      break;
    case 'SHELL':
      event.waitUntil(missing().then((paths) => port?.postMessage({ files: SHELL.length, missing: paths })));
      break;
    case 'MEND':
      event.waitUntil(
        mend().then(
          () => port?.postMessage({ mended: true }),
          () => port?.postMessage({ mended: false }),
        ),
      );
      break;
    case 'CUT':
      cut = { asked: cut?.asked ?? 0, refused: cut?.refused ?? [], until: Date.now() + CUT_MS };
      port?.postMessage({});
      break;
    case 'MEET':
      port?.postMessage({ asked: cut?.asked ?? 0, refused: cut?.refused ?? [] });
      cut = undefined;
      break;
    case 'SHARED':
      port?.postMessage({ files: shared?.files ?? [] });
      shared?.taken();
      shared = undefined;
      break;
    default:
  }
});

async function missing(): Promise<string[]> {
  const found = await Promise.all(SHELL.map(async (url) => ((await matchPrecache(url)) ? [] : [url])));
  return found.flat();
}

/** Fetches what the browser has lost of the shell. */
async function mend(): Promise<void> {
  for (const url of await missing()) {
    const key = getCacheKeyForURL(url);
    const response = await fetch(url, { cache: 'no-store' });
    if (!key || !response.ok) throw new Error(`${url}: ${response.status}`);
    const [name] = (await caches.keys()).filter((cache) => cache.includes('precache'));
    if (name === undefined) throw new Error('no cache to mend');
    await (await caches.open(name)).put(key, response);
  }
}

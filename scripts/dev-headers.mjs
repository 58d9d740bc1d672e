// `npm run dev`: Vite's server sends the header table of the app, so that what a policy forbids fails while it is written, not
// after the build. What a development server cannot do without stands in RELAXED, and nowhere else.

import path from 'node:path';
import { headersFor } from '../src/wire/headers.ts';

/** Vite gives it to the styles that it puts into the page; what is built has no styles but files, and knows no nonce. */
export const NONCE = 'dev';

/**
 * By directive: sources that development needs beside the table's, and why.
 * @type {Record<'document' | 'worker', Record<string, string>>}
 */
const RELAXED = {
  // Each component's style is an element that Vite writes and changes in place.
  document: { 'style-src': `'nonce-${NONCE}'` },
  // A worker is many modules here and one file when it is built.
  worker: { 'script-src': `'self'` },
};

/** @param {string} policy @param {Record<string, string>} more */
const relax = (policy, more) =>
  policy
    .split('; ')
    .map((directive) => {
      const [name = '', ...sources] = directive.split(' ');
      const extra = more[name];
      return extra === undefined || sources.includes(extra) ? directive : `${directive} ${extra}`;
    })
    .join('; ');

/**
 * Headers of what the development server answers. Scripts of workers are found by the name that the build would give them.
 * @param {string} address path and query of the request
 * @returns {Record<string, string>}
 */
export function devHeaders(address) {
  const { pathname, searchParams } = new URL(address, 'http://localhost');
  const worker = searchParams.has('worker_file');
  const name = worker ? `/assets/${path.basename(pathname).replace(/\.\w+$/, '')}-worker-dev.js` : pathname;
  const headers = { ...headersFor(name) };
  // Vite tells itself how long each of its answers keeps.
  delete headers['Cache-Control'];
  const policy = headers['Content-Security-Policy'];
  if (policy !== undefined)
    headers['Content-Security-Policy'] = relax(policy, worker ? RELAXED.worker : RELAXED.document);
  return headers;
}

/** @returns {import('vite').Plugin} */
export function devServerHeaders() {
  return {
    name: 'yupana:dev-headers',
    apply: 'serve',
    config: () => ({ html: { cspNonce: NONCE } }),
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        for (const [name, value] of Object.entries(devHeaders(request.url ?? '/')))
          response.setHeader(name, value);
        next();
      });
    },
  };
}

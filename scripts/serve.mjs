// The server of `npm start`: a built folder on localhost, with the header table that the build wrote beside it.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import sirv from 'sirv';

/** Ports tried after the one asked for, before any free one is taken. */
const NEXT_PORTS = 20;

/**
 * @param {{dir: string, port?: number, host?: string}} options `port` 0 takes any free one; a busy one gives way to the
 *   next free one. `host` stays on this machine: WebGPU and service workers need a secure context, which plain http is
 *   on localhost only.
 * @returns {Promise<{url: string, port: number, close: () => Promise<void>}>} url with a trailing slash
 */
export async function serve({ dir, port = 4173, host = 'localhost' }) {
  const rules = readRules(dir);
  const files = sirv(dir, { etag: true, dotfiles: false });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    // Set before sirv looks: also a 304 and a 404 carry the policies.
    const rule = rules.find(({ match }) => match.test(pathname));
    for (const [name, value] of Object.entries(rule?.headers ?? {})) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    const type = TYPES[path.extname(pathname)];
    if (type) response.setHeader('Content-Type', type);
    files(request, response, () => {
      response.removeHeader('Content-Type');
      response.setHeader('Cache-Control', 'no-cache');
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404');
    });
  });
  const bound = await listen(server, port, host);
  return {
    url: `http://${host}:${bound}/`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Types that sirv's table lacks or writes otherwise than browsers ask for. @type {Record<string, string>} */
const TYPES = {
  '.js': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.bin': 'application/octet-stream',
  '.jinja': 'text/plain; charset=utf-8',
};

/** @param {string} dir */
function readRules(dir) {
  const file = path.join(dir, 'headers.json');
  /** @type {{pattern: string, headers: Record<string, string>}[]} */
  const rules = JSON.parse(readFileSync(file, 'utf8'));
  return rules.map(({ pattern, headers }) => ({ match: new RegExp(pattern), headers }));
}

/**
 * @param {import('node:http').Server} server
 * @param {number} first
 * @param {string} host
 * @returns {Promise<number>} the port it got
 */
async function listen(server, first, host) {
  const ports = first === 0 ? [0] : [...Array.from({ length: NEXT_PORTS }, (_, i) => first + i), 0];
  for (const port of ports) {
    try {
      await new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve(undefined);
        });
      });
      const address = server.address();
      if (address !== null && typeof address === 'object') return address.port;
    } catch (error) {
      const busy = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!busy) throw error;
    }
  }
  throw new Error(`no free port from ${first} on`);
}

// The server of `npm start`: a built folder on localhost, with the header table that the build wrote beside it.

import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import sirv from 'sirv';
import { byteRange, canonicalPath, isOurs } from './static-file.mjs';

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
  let bound = 0;
  const names = [...new Set(['localhost', '127.0.0.1', '[::1]', host])];
  const server = createServer((request, response) => {
    const pathname = canonicalPath(request.url ?? '/');
    // Set before sirv looks: also a 304 and a 404 carry the policies. A name that is none gets the last rule, the strictest.
    const rule = rules.find(({ match }) => match.test(pathname ?? '')) ?? rules.at(-1);
    const headers = pathname === null ? rules.at(-1)?.headers : rule?.headers;
    for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
    if (!isOurs(request.headers.host, names, bound)) {
      response.writeHead(421, { 'Content-Type': 'text/plain; charset=utf-8' }).end('421');
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    const file = pathname === null ? undefined : fileOf(dir, pathname);
    if (pathname === null || file === undefined) {
      response.setHeader('Cache-Control', 'no-cache');
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404');
      return;
    }
    const type = TYPES[path.extname(file.path)];
    if (type) response.setHeader('Content-Type', type);
    if (request.headers.range !== undefined) {
      sendRange(request, response, file);
      return;
    }
    response.setHeader('Accept-Ranges', 'bytes');
    files(request, response, () => {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404');
    });
  });
  bound = await listen(server, port, host);
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

/** The file of a canonical path, or undefined. @param {string} dir @param {string} pathname */
function fileOf(dir, pathname) {
  // A folder has no page of its own: "/" is the only name that ends so.
  if (pathname.endsWith('/') && pathname !== '/') return undefined;
  const name = path.join(dir, pathname === '/' ? 'index.html' : pathname);
  try {
    const found = statSync(name);
    return found.isFile() ? { path: name, bytes: found.size } : undefined;
  } catch {
    return undefined; // not there, or below something that is no folder
  }
}

/**
 * @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response
 * @param {{ path: string, bytes: number }} file
 */
function sendRange(request, response, file) {
  const range = byteRange(request.headers.range ?? '', file.bytes);
  if (!range) {
    response.writeHead(416, { 'Content-Range': `bytes */${file.bytes}` }).end();
    return;
  }
  if (!response.hasHeader('Content-Type')) response.setHeader('Content-Type', 'application/octet-stream');
  response.writeHead(206, {
    'Accept-Ranges': 'bytes',
    'Content-Range': `bytes ${range.start}-${range.end}/${file.bytes}`,
    'Content-Length': range.end - range.start + 1,
  });
  if (request.method === 'HEAD') response.end();
  else
    createReadStream(file.path, range)
      .on('error', () => response.destroy())
      .pipe(response);
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

// Serves the folder this file is in to this computer alone. Needs Node and nothing else:  node yupana.mjs
// The address must stay the same: what the browser has stored belongs to it.

import { createReadStream } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PORT = Number(process.argv[2] ?? 8473);
const home = await realpath(path.dirname(fileURLToPath(import.meta.url)));
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};
const rules = JSON.parse(await readFile(path.join(home, 'app', 'headers.json'), 'utf8'));

/** A spelling of its own for each file: another one would be the same file, and another name to the header table. */
const CANONICAL = /^(\/(?!\.)[\w.~!$&'()*+,;=@-]+)*\/?$/;

/** First and last byte of one range, or undefined where it cannot be served. */
function byteRange(header, size) {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (!found || (found[1] === '' && found[2] === '')) return undefined;
  const last = Math.min(size, Number(found[2]));
  if (found[1] === '') return last === 0 ? undefined : { start: size - last, end: size - 1 };
  const start = Number(found[1]);
  const end = found[2] === '' ? size - 1 : Math.min(size - 1, Number(found[2]));
  return start < size && start <= end ? { start, end } : undefined;
}

/** The file of an address, or undefined: only below app/ and models/, no hidden names, no links that lead out. */
async function fileOf(pathname) {
  if (!CANONICAL.test(pathname)) return undefined;
  const segments = pathname.slice(1).split('/');
  if (segments.length > 1 && segments.at(-1) === '') return undefined;
  if (segments.at(-1) === '') segments[segments.length - 1] = 'index.html';
  if (segments.some((name) => name === '' || name.startsWith('.') || /[\\:\0]/.test(name))) return undefined;
  const top = segments[0] === 'models' ? [] : ['app'];
  try {
    const file = await realpath(path.join(home, ...top, ...segments));
    if (!file.startsWith(home + path.sep)) return undefined;
    const found = await stat(file);
    return found.isFile() ? { file, bytes: found.size } : undefined;
  } catch {
    return undefined;
  }
}

async function answer(request, response) {
  const pathname = (request.url ?? '/').split(/[?#]/, 1)[0];
  // The last rule is the strictest: it goes with everything that is no file's name.
  const rule = CANONICAL.test(pathname)
    ? rules.find(({ pattern }) => new RegExp(pattern).test(pathname))
    : rules.at(-1);
  for (const [name, value] of Object.entries(rule?.headers ?? {})) response.setHeader(name, value);
  // Another site's name that leads here is refused.
  const { port } = server.address();
  if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(request.headers.host)) {
    response.writeHead(421).end();
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    return;
  }
  const found = await fileOf(pathname);
  if (!found) {
    response.writeHead(404, { 'Cache-Control': 'no-cache', 'Content-Type': 'text/plain' }).end('404');
    return;
  }
  // What a pack holds is data, whatever its name says.
  const type =
    (!pathname.startsWith('/models/') && TYPES[path.extname(found.file)]) || 'application/octet-stream';
  const asked = request.headers.range;
  const range = asked === undefined ? { start: 0, end: found.bytes - 1 } : byteRange(asked, found.bytes);
  if (!range) {
    response.writeHead(416, { 'Content-Range': `bytes */${found.bytes}` }).end();
    return;
  }
  response.writeHead(asked === undefined ? 200 : 206, {
    'Accept-Ranges': 'bytes',
    'Content-Type': type,
    'Content-Length': range.end - range.start + 1,
    ...(asked !== undefined && { 'Content-Range': `bytes ${range.start}-${range.end}/${found.bytes}` }),
  });
  if (request.method === 'HEAD' || found.bytes === 0) response.end();
  else
    createReadStream(found.file, range)
      .on('error', () => response.destroy())
      .pipe(response);
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.on('error', (error) => {
  console.error(
    error.code === 'EADDRINUSE'
      ? `El puerto ${PORT} está ocupado: quizás Yupana ya está abierta en http://127.0.0.1:${PORT}/`
      : error.message,
  );
  process.exitCode = 1;
});
server.listen(PORT, '127.0.0.1', () => {
  console.log(`Yupana: http://127.0.0.1:${server.address().port}/`);
});

// What the race serves: the page under a policy of its own, the weights of one checkpoint in two formats. Counts what goes out.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sirv from 'sirv';

/** wllama starts workers from blobs; `'unsafe-eval'` is what its build asks for. Nothing beyond this server is reached. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy':
    "default-src 'self' data: blob:; script-src 'self' blob: 'unsafe-eval' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self' blob: data:",
  'Cache-Control': 'no-store',
};

/** Of one kind of file. */
export interface Traffic {
  requests: number;
  bytes: number;
}

export interface RaceServer {
  /** With a trailing slash. */
  url: string;
  /** What went out since the start or the last call: the page's code, and weights with their configs. */
  traffic(): { code: Traffic; model: Traffic };
  close(): Promise<void>;
}

/** @param folders served below their names; `page` at the root */
export async function serveRace(folders: { page: string; model: string; gguf: string }): Promise<RaceServer> {
  const page = sirv(folders.page, { dev: true });
  const model = sirv(folders.model, { dev: true });
  const gguf = sirv(folders.gguf, { dev: true });
  const nothing = (): Traffic => ({ requests: 0, bytes: 0 });
  let sent = { code: nothing(), model: nothing() };
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const url = request.url ?? '/';
    // As web-llm asks for a model: below resolve/<revision>/.
    const below = (prefix: string): boolean => {
      if (!url.startsWith(prefix)) return false;
      request.url = url.slice(prefix.length - 1);
      return true;
    };
    const kind = /^\/(model|gguf|lib)\//.test(url) ? 'model' : 'code';
    response.on('finish', () => {
      sent[kind].requests++;
      if (request.method === 'GET') sent[kind].bytes += Number(response.getHeader('Content-Length') ?? 0);
    });
    const missing = (): void => void response.writeHead(404).end();
    if (below('/model/resolve/main/')) model(request, response, missing);
    else if (below('/gguf/')) gguf(request, response, missing);
    else page(request, response, missing);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/`,
    traffic() {
      const before = sent;
      sent = { code: nothing(), model: nothing() };
      return before;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

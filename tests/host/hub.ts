// A server that behaves like a model hub: repositories with an API that lists them, files behind a redirect to another origin,
// sums in headers, and gates. Everything asked for is written down, with what came along.

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Repository {
  files: Record<string, Uint8Array>;
  licence?: string;
  language?: string | string[];
  /** Files are given only with this token, and only where its account accepted the conditions. */
  gate?: { token: string; granted: boolean };
}

export interface HubRequest {
  at: 'hub' | 'cdn';
  path: string;
  authorization: string | undefined;
  status: number;
  range: string | undefined;
}

export interface Hub {
  /** Origin of the hub, and of the store its redirects lead to. */
  url: string;
  cdn: string;
  requests: HubRequest[];
  close(): Promise<void>;
}

export const COMMIT = 'd'.repeat(40);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const isLarge = (path: string): boolean => /\.(safetensors|bin)$/.test(path) || path === 'tokenizer.json';

const listen = (server: Server): Promise<string> =>
  new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    ),
  );

/** @param repositories "owner/name" -> what is there */
export async function startHub(repositories: Record<string, Repository>): Promise<Hub> {
  const requests: HubRequest[] = [];
  const blobs = new Map<string, Uint8Array>();
  const sums = new Map<Uint8Array, string>();
  for (const { files } of Object.values(repositories)) {
    for (const bytes of Object.values(files)) {
      sums.set(bytes, sha256(bytes));
      blobs.set(sums.get(bytes)!, bytes);
    }
  }
  const begin = (
    at: 'hub' | 'cdn',
    request: IncomingMessage,
    response: ServerResponse,
  ): HubRequest | undefined => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    if (request.method === 'OPTIONS') {
      // As hubs do: a token may come from a page. The store behind takes none.
      response.setHeader('Access-Control-Allow-Headers', at === 'hub' ? 'Authorization, Range' : 'Range');
      response.writeHead(204).end();
      return undefined;
    }
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname.slice(1));
    const { authorization, range } = request.headers;
    const seen: HubRequest = { at, path, authorization, status: 200, range };
    requests.push(seen);
    return seen;
  };
  const end = (
    response: ServerResponse,
    seen: HubRequest,
    status: number,
    body: Uint8Array | string = '',
  ): void => {
    seen.status = status;
    response.writeHead(status).end(body);
  };
  const give = (response: ServerResponse, seen: HubRequest, bytes: Uint8Array): void => {
    const match = /^bytes=(\d+)-(\d+)$/.exec(seen.range ?? '');
    if (!match) return end(response, seen, 200, bytes);
    const from = Number(match[1]);
    const part = bytes.subarray(from, Number(match[2]) + 1);
    response.setHeader('Content-Range', `bytes ${from}-${from + part.length - 1}/${bytes.length}`);
    end(response, seen, 206, part);
  };

  const cdnServer = createServer((request, response) => {
    const seen = begin('cdn', request, response);
    if (!seen) return;
    const bytes = blobs.get(seen.path);
    response.setHeader('Access-Control-Expose-Headers', 'ETag, Content-Range');
    response.setHeader('ETag', `"${seen.path.slice(0, 32)}"`);
    if (bytes) give(response, seen, bytes);
    else end(response, seen, 404);
  });
  const hubServer = createServer((request, response) => {
    const seen = begin('hub', request, response);
    if (!seen) return;
    response.setHeader(
      'Access-Control-Expose-Headers',
      'X-Repo-Commit, X-Linked-ETag, X-Linked-Size, ETag, Content-Range',
    );
    const api = /^api\/models\/([^/]+\/[^/]+)\/revision\/([^/]+)$/.exec(seen.path);
    const file = /^([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(seen.path);
    const repository = repositories[api?.[1] ?? file?.[1] ?? ''];
    // What is not there looks like what is private.
    if (!repository) return end(response, seen, 401, 'Invalid username or password.');
    if (api) {
      const siblings = Object.entries(repository.files).map(([rfilename, bytes]) => ({
        rfilename,
        size: bytes.length,
        ...(isLarge(rfilename) ? { lfs: { sha256: sums.get(bytes), size: bytes.length } } : {}),
      }));
      const { licence: license, language } = repository;
      response.setHeader('Content-Type', 'application/json');
      const gated = repository.gate ? 'manual' : false;
      return end(
        response,
        seen,
        200,
        JSON.stringify({ sha: COMMIT, siblings, gated, cardData: { license, language } }),
      );
    }
    const { gate } = repository;
    if (gate) {
      if (seen.authorization !== `Bearer ${gate.token}`)
        return end(response, seen, 401, 'Access is restricted.');
      if (!gate.granted) return end(response, seen, 403, 'Ask for access first.');
    }
    const bytes = repository.files[file?.[3] ?? ''];
    if (!bytes) return end(response, seen, 404, 'Entry not found');
    response.setHeader('X-Repo-Commit', COMMIT);
    if (!isLarge(seen.path)) return give(response, seen, bytes);
    const sum = sums.get(bytes)!;
    response.setHeader('X-Linked-ETag', `"${sum}"`);
    response.setHeader('X-Linked-Size', String(bytes.length));
    response.setHeader('Location', `${cdn}/${sum}`);
    end(response, seen, 302);
  });
  const cdn = await listen(cdnServer);
  const url = await listen(hubServer);
  return {
    url,
    cdn,
    requests,
    close: async () => {
      for (const server of [hubServer, cdnServer]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

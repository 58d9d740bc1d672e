// A server that behaves like the Hugging Face hub, as its own clients expect it: a listing with the commit and sha256 of large
// files; small files by 307 to its cache, large ones by 302 to signed addresses at another origin that expire; repositories that
// are gated, renamed, disabled; refusals named in X-Error-Code; the headers that it shows to pages and no others.
// https://huggingface.co/docs/hub/api, https://github.com/huggingface/huggingface_hub

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Repository {
  files: Record<string, Uint8Array>;
  /** What `main` is at now; COMMIT unless told. */
  commit?: string;
  /** Earlier commits and what was there. */
  older?: Record<string, Record<string, Uint8Array>>;
  licence?: string;
  language?: string[];
  /** Only who sends this token may have files; `granted` false: the token is good, and its owner still waits for permission. */
  gate?: { token: string; granted: boolean };
  /** "owner/name" that it has now. */
  renamedTo?: string;
  disabled?: boolean;
}

export interface HubRequest {
  at: 'hub' | 'cdn';
  path: string;
  authorization: string | undefined;
  status: number;
  range: string | undefined;
}

export interface Refusal {
  status: number;
  headers?: Record<string, string>;
}

export interface HubOptions {
  /** Requests that a signed address is good for; then it is refused with 403. */
  signedFor?: number;
  /** Edges of the network behind: each tags the same bytes otherwise, and they answer in turns. */
  edges?: number;
  /** Of the listing: it is down, or its share is used up. */
  api?: Refusal;
  /** Of any other request, counted from 0 by server and path. */
  refuse?: (request: HubRequest, count: number) => Refusal | undefined;
  /** Byte of an answer's body to damage. */
  flip?: (request: HubRequest, count: number) => number | undefined;
}

export interface Hub {
  url: string;
  /** Where redirects lead to. */
  cdn: string;
  requests: HubRequest[];
  repositories: Record<string, Repository>;
  /** May be changed while it serves. */
  options: HubOptions;
  close(): Promise<void>;
}

export const COMMIT = 'd'.repeat(40);
/** What the hub shows to pages of other origins. */
const EXPOSED =
  'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-hash,Retry-After';
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const isLarge = (path: string): boolean => /\.(safetensors|bin|gguf)$/.test(path);

const listen = (server: Server): Promise<string> =>
  new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    ),
  );

/** @param repositories "owner/name" -> what is there */
export async function startHub(
  repositories: Record<string, Repository>,
  options: HubOptions = {},
): Promise<Hub> {
  const requests: HubRequest[] = [];
  const blobs = new Map<string, Uint8Array>();
  const sums = new Map<Uint8Array, string>();
  const sumOf = (bytes: Uint8Array): string => {
    const known = sums.get(bytes) ?? sha256(bytes);
    sums.set(bytes, known);
    blobs.set(known, bytes);
    return known;
  };
  const counts = new Map<string, number>();
  /** Uses of each signed address. */
  const signed = new Map<string, number>();

  const begin = (
    at: 'hub' | 'cdn',
    request: IncomingMessage,
    response: ServerResponse,
  ): { seen: HubRequest; count: number; query: URLSearchParams } | undefined => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    if (request.method === 'OPTIONS') {
      // As hubs do: a token may come from a page. The store behind takes none.
      response.setHeader('Access-Control-Allow-Headers', at === 'hub' ? 'Authorization, Range' : 'Range');
      response.writeHead(204).end();
      return undefined;
    }
    const url = new URL(request.url ?? '/', 'http://x');
    const path = decodeURIComponent(url.pathname.slice(1));
    const { authorization, range } = request.headers;
    const seen: HubRequest = { at, path, authorization, status: 200, range };
    requests.push(seen);
    const key = `${at} ${path}`;
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    return { seen, count, query: url.searchParams };
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
  const refused = (response: ServerResponse, seen: HubRequest, count: number): boolean => {
    const refusal =
      (seen.path.startsWith('api/models/') ? hub.options.api : undefined) ??
      hub.options.refuse?.(seen, count);
    if (!refusal) return false;
    for (const [name, value] of Object.entries(refusal.headers ?? {})) response.setHeader(name, value);
    end(response, seen, refusal.status, `Error ${refusal.status}`);
    return true;
  };
  const give = (response: ServerResponse, seen: HubRequest, whole: Uint8Array, count: number): void => {
    let bytes = whole;
    const damaged = hub.options.flip?.(seen, count);
    if (damaged !== undefined) {
      bytes = Uint8Array.from(whole);
      bytes[damaged % bytes.length]! ^= 0x10;
    }
    response.setHeader('Accept-Ranges', 'bytes');
    const match = /^bytes=(\d+)-(\d+)$/.exec(seen.range ?? '');
    if (!match) return end(response, seen, 200, bytes);
    const from = Number(match[1]);
    if (from >= bytes.length) return end(response, seen, 416);
    const part = bytes.subarray(from, Number(match[2]) + 1);
    response.setHeader('Content-Range', `bytes ${from}-${from + part.length - 1}/${bytes.length}`);
    end(response, seen, 206, part);
  };
  /** A refusal as the hub says it. */
  const say = (
    response: ServerResponse,
    seen: HubRequest,
    status: number,
    code: string | undefined,
    words: string,
  ): void => {
    if (code !== undefined) response.setHeader('X-Error-Code', code);
    response.setHeader('X-Error-Message', words);
    end(response, seen, status, words);
  };

  const cdnServer = createServer((request, response) => {
    const begun = begin('cdn', request, response);
    if (!begun) return;
    const { seen, count, query } = begun;
    response.setHeader('Access-Control-Expose-Headers', 'ETag, Content-Range, Content-Length');
    if (refused(response, seen, count)) return;
    const signature = query.get('Signature') ?? '';
    const uses = signed.get(signature);
    if (uses === undefined || uses >= (hub.options.signedFor ?? Infinity)) {
      response.setHeader('Content-Type', 'application/xml');
      return end(response, seen, 403, '<Error><Code>AccessDenied</Code></Error>');
    }
    signed.set(signature, uses + 1);
    const bytes = blobs.get(seen.path);
    const edge = hub.options.edges === undefined ? '' : `-edge${requests.length % hub.options.edges}`;
    response.setHeader('ETag', `"${seen.path.slice(0, 32)}${edge}"`);
    if (bytes) give(response, seen, bytes, count);
    else end(response, seen, 404);
  });

  const hubServer = createServer((request, response) => {
    const begun = begin('hub', request, response);
    if (!begun) return;
    const { seen, count } = begun;
    response.setHeader('Access-Control-Expose-Headers', EXPOSED);
    if (refused(response, seen, count)) return;
    const cached = /^api\/resolve-cache\/models\/([^/]+\/[^/]+)\/([^/]+)\/(.+)$/.exec(seen.path);
    const api = /^api\/models\/([^/]+\/[^/]+)(?:\/revision\/(.+))?$/.exec(seen.path);
    const file = /^([^/]+\/[^/]+)\/(?:resolve|raw)\/([^/]+)\/(.+)$/.exec(seen.path);
    const [, name = '', revision = 'main', path = ''] = cached ?? api ?? file ?? [];
    const repository = hub.repositories[name];
    // What is not there looks like what is private.
    if (!repository) return say(response, seen, 401, 'RepoNotFound', 'Invalid username or password.');
    if (repository.renamedTo !== undefined) {
      response.setHeader('Location', (request.url ?? '').replace(name, repository.renamedTo));
      return end(response, seen, 307);
    }
    if (repository.disabled)
      return say(response, seen, 403, 'DisabledRepo', 'Access to this resource is disabled.');
    const { commit = COMMIT, gate, licence: license, language } = repository;
    const at = revision === 'main' ? commit : revision;
    const files = at === commit ? repository.files : repository.older?.[at];
    if (!files) return say(response, seen, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    if (api) {
      const siblings = Object.entries(files).map(([rfilename, bytes]) => ({
        rfilename,
        size: bytes.length,
        ...(isLarge(rfilename)
          ? { lfs: { sha256: sumOf(bytes), size: bytes.length, pointerSize: 134 } }
          : {}),
      }));
      response.setHeader('Content-Type', 'application/json');
      const gated = gate ? 'manual' : false;
      const body = { id: name, sha: at, siblings, gated, cardData: { license, language } };
      return end(response, seen, 200, JSON.stringify(body));
    }
    response.setHeader('X-Repo-Commit', at);
    if (gate) {
      const known = seen.authorization === `Bearer ${gate.token}`;
      if (!known) return say(response, seen, 401, 'GatedRepo', 'Access to this model is restricted.');
      if (!gate.granted) return say(response, seen, 403, 'GatedRepo', 'Your request awaits a review.');
    }
    const bytes = files[path];
    if (!bytes) return say(response, seen, 404, 'EntryNotFound', 'Entry not found');
    if (!isLarge(path)) {
      response.setHeader('ETag', `"${createHash('sha1').update(bytes).digest('hex')}"`);
      if (cached) return give(response, seen, bytes, count);
      response.setHeader('Location', `/api/resolve-cache/models/${name}/${at}/${encodeURIComponent(path)}`);
      return end(response, seen, 307);
    }
    const sum = sumOf(bytes);
    const signature = sha256(new TextEncoder().encode(`${sum}${signed.size}`)).slice(0, 20);
    signed.set(signature, 0);
    response.setHeader('X-Linked-ETag', `"${sum}"`);
    response.setHeader('X-Linked-Size', String(bytes.length));
    response.setHeader('Location', `${hub.cdn}/${sum}?Expires=1&Signature=${signature}`);
    end(response, seen, 302);
  });

  const hub: Hub = {
    url: '',
    cdn: '',
    requests,
    repositories,
    options,
    close: async () => {
      for (const server of [hubServer, cdnServer]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
  hub.cdn = await listen(cdnServer);
  hub.url = await listen(hubServer);
  return hub;
}

/** As a page sees answers of other origins: the safe headers and those that the server exposes. */
export async function pageFetch(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const exposed = (response.headers.get('access-control-expose-headers') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase());
  const safe = [
    'cache-control',
    'content-language',
    'content-length',
    'content-type',
    'expires',
    'last-modified',
  ];
  const headers = new Headers(
    [...response.headers].filter(([name]) => safe.includes(name) || exposed.includes(name)),
  );
  Object.defineProperty(response, 'headers', { value: headers });
  return response;
}

// A server that behaves like a model host, with every fault one can have. Plain node:http, real sockets.

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Fault =
  /** An error page with that status. */
  | { kind: 'status'; status: number; retryAfter?: number }
  /** The socket is destroyed after so many bytes of the body (0: before any). */
  | { kind: 'reset'; after: number }
  /** The body ends, as if complete, after so many bytes. */
  | { kind: 'cut'; after: number }
  /** Nothing more comes after so many bytes, and the line stays open. */
  | { kind: 'stall'; after: number }
  /** A login page with status 200 in place of the file. */
  | { kind: 'portal' }
  /** The same, reached by a redirect. */
  | { kind: 'portal-redirect' }
  /** One byte of the body is another. */
  | { kind: 'flip'; at: number };

export interface HostRequest {
  method: string;
  path: string;
  /** First and last byte asked for; absent: the whole file. */
  range?: { from: number; to: number };
  /** How many requests there were before this one. */
  count: number;
}

export interface ServedRequest extends HostRequest {
  status: number;
  fault?: Fault['kind'];
  /** Bytes of the body handed to the socket. */
  sent: number;
}

/** A file too large to hold: made when it is asked for, always the same. */
export interface MadeFile {
  length: number;
  etag: string;
  read(from: number, end: number): Promise<Uint8Array>;
}
export type HostFile = Uint8Array | MadeFile;

export interface HostOptions {
  /** false: every answer is 200 with the whole file. */
  ranges?: boolean;
  etag?: 'strong' | 'weak' | 'none';
  /** "all": every header exposed. "hidden": allowed, but ETag and Content-Range not exposed (nor sent). "none": no CORS. */
  cors?: 'all' | 'hidden' | 'none';
  /** Files are reached over a redirect, as on hosts with a CDN behind. */
  redirect?: boolean;
  /** Throttle of each body. */
  bytesPerSecond?: number;
  fault?: (request: HostRequest) => Fault | undefined;
}

export interface ModelHost {
  /** With a trailing slash. */
  url: string;
  requests: ServedRequest[];
  /** May be changed while it serves. */
  options: HostOptions;
  /** Puts a file there, or another in its place. Paths without a leading slash. */
  put(path: string, file: HostFile): void;
  remove(path: string): void;
  close(): Promise<void>;
}

const PAGE = '<!doctype html><title>Wi-Fi</title><form>Acepta las condiciones para navegar</form>';
const PART = 64 * 1024;

/** Computed once a file: a large one is asked for by hundreds of ranges. Nobody changes bytes in place. */
const tags = new WeakMap<Uint8Array, string>();
function tagOf(file: HostFile): string {
  if (!(file instanceof Uint8Array)) return file.etag;
  const known = tags.get(file);
  if (known !== undefined) return known;
  const tag = createHash('sha1').update(file).digest('hex');
  tags.set(file, tag);
  return tag;
}

export async function startModelHost(
  files: Record<string, HostFile>,
  options: HostOptions = {},
): Promise<ModelHost> {
  const store = new Map(Object.entries(files));
  const requests: ServedRequest[] = [];
  const host: ModelHost = {
    url: '',
    requests,
    options,
    put: (path, file) => store.set(path, file),
    remove: (path) => store.delete(path),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server: Server = createServer((request, response) => {
    void answer(request, response, host, store).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return host;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  host: ModelHost,
  store: Map<string, HostFile>,
): Promise<void> {
  const { cors = 'all', redirect = false, ranges = true, etag = 'strong' } = host.options;
  const asked = decodeURIComponent(new URL(request.url ?? '/', host.url).pathname.slice(1));
  const path = asked.replace(/^cdn\//, '');
  if (cors !== 'none') {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    if (cors === 'all')
      response.setHeader('Access-Control-Expose-Headers', 'ETag, Content-Range, Retry-After');
  }
  if (request.method === 'OPTIONS') {
    response.setHeader('Access-Control-Allow-Headers', 'Range');
    response.writeHead(204).end();
    return;
  }
  if (redirect && !asked.startsWith('cdn/') && asked !== 'login') {
    response.writeHead(302, { Location: `/cdn/${asked}` }).end();
    return;
  }
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  const seen: HostRequest = {
    method: request.method ?? 'GET',
    path,
    count: host.requests.length,
    ...(match ? { range: { from: Number(match[1]), to: Number(match[2]) } } : {}),
  };
  const fault = asked === 'login' ? undefined : host.options.fault?.(seen);
  const served: ServedRequest = { ...seen, status: 200, sent: 0, ...(fault ? { fault: fault.kind } : {}) };
  host.requests.push(served);
  const page = (status: number): void => {
    served.status = status;
    response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8' }).end(PAGE);
  };

  if (fault?.kind === 'portal' || asked === 'login') return page(200);
  if (fault?.kind === 'portal-redirect') {
    served.status = 302;
    response.writeHead(302, { Location: '/login' }).end();
    return;
  }
  if (fault?.kind === 'status') {
    if (fault.retryAfter !== undefined) response.setHeader('Retry-After', String(fault.retryAfter));
    return page(fault.status);
  }
  if (fault?.kind === 'reset' && fault.after === 0) {
    response.destroy();
    return;
  }
  const file = store.get(path);
  if (!file) return page(404);

  response.setHeader(
    'Content-Type',
    path.endsWith('.json') ? 'application/json' : 'application/octet-stream',
  );
  if (etag !== 'none' && cors !== 'hidden') {
    const tag = `"${tagOf(file)}"`;
    response.setHeader('ETag', etag === 'weak' ? `W/${tag}` : tag);
  }
  const part = (from: number, end: number): Uint8Array | Promise<Uint8Array> =>
    file instanceof Uint8Array ? file.subarray(from, end) : file.read(from, end);
  let body: Uint8Array;
  if (ranges && seen.range) {
    const { from, to } = seen.range;
    if (from >= file.length) {
      served.status = 416;
      response.writeHead(416, { 'Content-Range': `bytes */${file.length}` }).end();
      return;
    }
    body = await part(from, Math.min(to + 1, file.length));
    served.status = 206;
    if (cors !== 'hidden') {
      response.setHeader('Content-Range', `bytes ${from}-${from + body.length - 1}/${file.length}`);
    }
  } else body = await part(0, file.length);
  if (fault?.kind === 'flip' && body.length > 0) {
    body = body.slice();
    const at = fault.at % body.length;
    body[at] = (body[at] ?? 0) ^ 0x10;
  }
  // A body that is to end early has no length to be measured by.
  if (fault?.kind !== 'cut') response.setHeader('Content-Length', String(body.length));
  response.writeHead(served.status);
  const end = fault && 'after' in fault ? Math.min(fault.after, body.length) : body.length;
  await send(response, body.subarray(0, end), served, host.options.bytesPerSecond);
  if (fault?.kind === 'reset') response.destroy();
  else if (fault?.kind !== 'stall') response.end();
}

async function send(
  response: ServerResponse,
  body: Uint8Array,
  served: ServedRequest,
  bytesPerSecond: number | undefined,
): Promise<void> {
  for (let at = 0; at < body.length && !response.destroyed; at += PART) {
    const part = body.subarray(at, at + PART);
    served.sent += part.length;
    if (!response.write(part)) {
      await new Promise<void>((resolve) => {
        const go = (): void => {
          response.off('drain', go).off('close', go);
          resolve();
        };
        response.on('drain', go).on('close', go);
      });
    }
    if (bytesPerSecond !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, (part.length / bytesPerSecond) * 1000));
    }
  }
}

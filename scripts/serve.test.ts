import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { headerRules, headersFor, isCanonical, META_POLICY, withHeaders } from '../src/wire/headers.ts';
import { serve } from './serve.mjs';

const FILES = {
  'index.html': '<!doctype html>',
  'sw.js': '//',
  'manifest.webmanifest': '{}',
  'assets/index-x1.js': '//',
  'assets/index-x1.css': '',
  'assets/engine-worker-x1.js': '//',
  'assets/download-worker-x1.js': '//',
  'models/m/params_shard_0.bin': '0123456789',
  'models/m/empty.wasm': '',
};
let dir = '';
let server: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'yupana-serve-'));
  for (const [name, text] of Object.entries({ ...FILES, 'headers.json': JSON.stringify(headerRules()) })) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
  server = await serve({ dir, port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true });
});

const get = (name: string, init: RequestInit = {}): Promise<Response> => fetch(server.url + name, init);

test.each(['', ...Object.keys(FILES), 'nothing-here'])('%s carries its headers', async (name) => {
  const response = await get(name);
  expect(response.status).toBe(name === 'nothing-here' ? 404 : 200);
  const wanted = headersFor(`/${name}`);
  expect(wanted['X-Content-Type-Options']).toBe('nosniff');
  for (const [header, value] of Object.entries(wanted)) expect(response.headers.get(header)).toBe(value);
});

test('each context has the policy the table gives it', () => {
  const policy = (name: string): string => headersFor(name)['Content-Security-Policy'] ?? '';
  expect(policy('/')).toContain(`connect-src 'self';`);
  expect(policy('/')).toContain(`require-trusted-types-for 'script'`);
  expect(policy('/')).toContain('trusted-types svelte-trusted-html yupana');
  expect(policy('/below/a/path/index.html')).toBe(policy('/'));
  expect(policy('/assets/engine-worker-x1.js')).toContain(`connect-src 'none'`);
  expect(policy('/assets/download-worker-x1.js')).toContain(`connect-src 'self' https:`);
  expect(policy('/sw.js')).toContain(`connect-src 'self'`);
  for (const { headers } of headerRules()) {
    expect(headers['Content-Security-Policy'] ?? '').not.toMatch(/unsafe-inline|'unsafe-eval'|\s\*(;|\s|$)/);
    expect(headers['Cross-Origin-Embedder-Policy']).toBe('require-corp');
  }
});

test('a range is a range, and unchanged files are not sent again', async () => {
  const part = await get('models/m/params_shard_0.bin', { headers: { Range: 'bytes=3-6' } });
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
    206,
    'bytes 3-6/10',
    '3456',
  ]);
  const etag = (await get('index.html')).headers.get('etag');
  const again = await get('index.html', { headers: { 'If-None-Match': etag ?? '' } });
  expect(again.status).toBe(304);
  expect(again.headers.get('content-security-policy')).toBe(headersFor('/')['Content-Security-Policy']);
});

test.each([
  ['manifest.webmanifest', 'application/manifest+json'],
  ['models/m/empty.wasm', 'application/wasm'],
  ['assets/index-x1.js', 'text/javascript; charset=utf-8'],
  ['assets/index-x1.css', 'text/css'],
  ['', 'text/html;charset=utf-8'],
])('%s is %s', async (name, type) => {
  expect((await get(name)).headers.get('content-type')).toBe(type);
});

test.each([
  ['bytes=0-0', 206, 'bytes 0-0/10', '0'],
  ['bytes=7-', 206, 'bytes 7-9/10', '789'],
  ['bytes=-3', 206, 'bytes 7-9/10', '789'],
  ['bytes=8-99', 206, 'bytes 8-9/10', '89'],
  ['bytes=10-', 416, 'bytes */10', ''],
  ['bytes=6-3', 416, 'bytes */10', ''],
  ['bytes=0-1,4-5', 416, 'bytes */10', ''],
  ['bytes=-', 416, 'bytes */10', ''],
  ['lines=1-2', 416, 'bytes */10', ''],
])('the range %s is served or refused, never ignored', async (Range, status, contentRange, body) => {
  const got = await get('models/m/params_shard_0.bin', { headers: { Range } });
  expect([got.status, got.headers.get('content-range'), await got.text()]).toEqual([
    status,
    contentRange,
    body,
  ]);
});

/** As it stands: no client tidies the path up on its way. */
const raw = (target: string, host = `127.0.0.1:${server.port}`) =>
  new Promise<{ status: number; policy: unknown }>((resolve, reject) => {
    request({ host: '127.0.0.1', port: server.port, path: target, headers: { host } }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, policy: answer.headers['content-security-policy'] });
    })
      .on('error', reject)
      .end();
  });

test.each([
  '/index%2ehtml',
  '/%69ndex.html',
  '/assets/%65ngine-worker-x1.js',
  '/assets/engine-worker-x1%2ejs',
  '/assets%2fengine-worker-x1.js',
  '/assets%5cengine-worker-x1.js',
  '//index.html',
  '/assets//engine-worker-x1.js',
  '/./index.html',
  '/assets/../index.html',
  '/index',
  '/index/',
  '/index.html/',
  '/assets',
  '/assets/',
  '/sw.js/',
  '/sw.js/x',
  '/%',
])('%s is no name of a file, and carries the strictest rule', async (target) => {
  const { status, policy } = await raw(target);
  expect(status).toBe(404);
  expect(policy).toBe(headersFor(isCanonical(target) ? target : '')['Content-Security-Policy']);
  if (!isCanonical(target)) expect(policy).toContain(`default-src 'none'; base-uri 'none'`);
});

test('everything has a policy, and only the page and the threads have one that lets them do anything', () => {
  for (const { pattern, headers } of headerRules()) {
    expect(headers['Content-Security-Policy'], pattern).toMatch(/^default-src 'none'/);
  }
  const sandboxed = headersFor('')['Content-Security-Policy'];
  for (const name of [
    '/models/m/evil.html',
    '/assets/index-x1.js',
    '/app-files.json',
    '/below/models/x/index.html',
  ])
    expect(headersFor(name)['Content-Security-Policy'], name).toBe(sandboxed);
});

test.each(['evil.example', 'evil.example:1', 'localhost', '127.0.0.1:1', 'localhost.evil.example'])(
  'another host name (%s) that leads here is refused',
  async (host) => {
    expect((await raw('/', host)).status).toBe(421);
  },
);

test("the page's own policy leaves out only what a meta element cannot say", () => {
  expect(META_POLICY).toContain(`require-trusted-types-for 'script'`);
  expect(META_POLICY).not.toMatch(/frame-ancestors|sandbox/);
  expect(`${META_POLICY}; frame-ancestors 'none'`.split('; ').sort()).toEqual(
    headersFor('/')['Content-Security-Policy']?.split('; ').sort(),
  );
});

test('nothing outside the folder, and no other method', async () => {
  expect((await get('%2e%2e/%2e%2e/etc/passwd')).status).toBe(404);
  expect((await get('', { method: 'POST' })).status).toBe(405);
});

test('a busy port gives way to the next', async () => {
  const second = await serve({ dir, port: server.port, host: '127.0.0.1' });
  expect(second.port).not.toBe(server.port);
  await second.close();
});

test('a cached response gets the same headers back', async () => {
  const cached = new Response('x', { headers: { 'Content-Type': 'text/html', 'Cache-Control': 'old' } });
  const response = withHeaders(cached, '/');
  expect(await response.text()).toBe('x');
  expect(response.headers.get('content-type')).toBe('text/html');
  for (const [header, value] of Object.entries(headersFor('/')))
    expect(response.headers.get(header)).toBe(value);
});

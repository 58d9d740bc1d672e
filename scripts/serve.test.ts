import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { headerRules, headersFor, withHeaders } from '../src/workers/headers.ts';
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

// A mirror as it is saved: read, unreadable to pages, silent, or no mirror at all.

import { afterEach, expect, test } from 'vitest';
import { startModelHost, type ModelHost } from '../../tests/host/model-host.ts';
import { HOST } from './host.ts';
import { lookAtMirror } from './mirror.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const LIST = bytes(JSON.stringify({ version: 1, models: [{ id: 'a', manifest: '0'.repeat(64) }] }));
const quick = { patience: { attempts: 2, idleMs: 300, silenceMs: 1_000 } };

let host: ModelHost | undefined;
afterEach(() => host?.close());

/** As a browser sees a server: without CORS an answer is a failure, but for a request that wants to read nothing. */
const asPage = {
  ...HOST,
  wait: () => Promise.resolve(),
  fetch: async (url: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(url, init);
    if (init.mode !== 'no-cors' && !response.headers.has('access-control-allow-origin'))
      throw new TypeError('Failed to fetch');
    return response;
  },
};

test('its models are counted', async () => {
  host = await startModelHost({ 'm/mirror.json': LIST });
  expect(await lookAtMirror(asPage, `${host.url}m/`, quick)).toMatchObject([{ id: 'a' }]);
});

test('one that lets no page read it is told as such', async () => {
  host = await startModelHost({ 'm/mirror.json': LIST });
  host.options.cors = 'none';
  await expect(lookAtMirror(asPage, `${host.url}m/`, quick)).rejects.toMatchObject({
    reason: 'host-unreadable',
    details: { host: new URL(host.url).host },
  });
});

test('one that does not answer, one that has no list, and a page in its place are other failures', async () => {
  host = await startModelHost({ 'm/mirror.json': bytes('<!doctype html><title>Log in</title>') });
  await expect(lookAtMirror(asPage, `${host.url}m/`, quick)).rejects.toMatchObject({
    reason: 'captive-portal',
  });
  await expect(lookAtMirror(asPage, `${host.url}n/`, quick)).rejects.toMatchObject({ reason: 'http-status' });
  const { url } = host;
  await host.close();
  host = undefined;
  await expect(lookAtMirror(asPage, `${url}m/`, quick)).rejects.toMatchObject({ reason: 'host-silent' });
});

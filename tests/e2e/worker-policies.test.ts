// What each context may reach, tried from inside it in a real browser, under the headers the app is shipped with.

import type { Page, Worker } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startModelHost } from '../host/model-host.ts';
import type { ModelHost } from '../host/model-host.ts';
import { serveWorkerPage } from '../host/worker-page.ts';
import type { WorkerPage } from '../host/worker-page.ts';
import { openProfile } from './harness.ts';
import type { Profile } from './harness.ts';

let foreign: ModelHost;
let shipped: WorkerPage;
let bare: WorkerPage;
let profile: Profile;
beforeAll(async () => {
  foreign = await startModelHost({ 'file.bin': new Uint8Array(10) });
  shipped = await serveWorkerPage();
  bare = await serveWorkerPage({ bare: true });
  profile = await openProfile({ webgpu: false });
});
afterAll(async () => {
  await profile.close();
  await Promise.all([foreign.close(), shipped.close(), bare.close()]);
});

async function open(url: string): Promise<Page> {
  const page = await profile.context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => typeof globalThis.spawn === 'function');
  return page;
}

/** Spawns a worker whose script has run: it answered. */
async function workerOf(page: Page, kind: 'engine' | 'download'): Promise<Worker> {
  const spawned = page.waitForEvent('worker');
  const request = kind === 'engine' ? { call: 'probe' } : { call: 'status', input: 'none' };
  const answer = page.evaluate(([which, ask]) => globalThis.spawn(which).ask(ask), [kind, request] as const);
  const worker = await spawned;
  expect(await answer).toMatchObject({ type: 'done' });
  return worker;
}

const canary = async (page: Page): Promise<unknown> => {
  const { result } = (await page.evaluate(() =>
    globalThis.spawn('engine').ask({ call: 'probe' }),
  )) as unknown as {
    result: { networkBlocked: boolean };
  };
  return result.networkBlocked;
};

/** Ways out of a context; each "reached" or "refused". Runs inside the context. */
const tryOut = async ([own, elsewhere]: readonly [string, string]): Promise<Record<string, string>> => {
  const attempt = async (work: () => Promise<unknown>): Promise<string> => {
    try {
      await work();
      return 'reached';
    } catch {
      return 'refused';
    }
  };
  return {
    own: await attempt(() => fetch(own)),
    foreign: await attempt(() => fetch(elsewhere)),
    script: await attempt(() => import(/* @vite-ignore */ elsewhere)),
    data: await attempt(() => import(/* @vite-ignore */ `data:text/javascript,${0}`)),
    socket: await attempt(
      () =>
        new Promise((resolve, reject) => {
          const socket = new WebSocket(elsewhere.replace('http', 'ws'));
          socket.onopen = resolve;
          socket.onerror = reject;
        }),
    ),
    code: await attempt(() => Promise.resolve((0, eval)('1'))),
  };
};

test('the engine worker reaches nothing at all', async () => {
  const page = await open(shipped.url);
  const worker = await workerOf(page, 'engine');
  const before = foreign.requests.length;
  expect(await worker.evaluate(tryOut, [shipped.url, `${foreign.url}file.bin`] as const)).toEqual({
    own: 'refused',
    foreign: 'refused',
    script: 'refused',
    data: 'refused',
    socket: 'refused',
    code: 'refused',
  });
  expect(foreign.requests.length).toBe(before);
  expect(await canary(page)).toBe(true);
});

test('the download worker reaches hosts, and runs no code from there', async () => {
  const worker = await workerOf(await open(shipped.url), 'download');
  expect(await worker.evaluate(tryOut, [shipped.url, `${foreign.url}file.bin`] as const)).toMatchObject({
    own: 'reached',
    foreign: 'reached',
    script: 'refused',
    data: 'refused',
    code: 'refused',
  });
});

test('the page reaches its own origin only, and turns no string into code', async () => {
  const page = await open(shipped.url);
  const before = foreign.requests.length;
  expect(await page.evaluate(tryOut, [shipped.url, `${foreign.url}file.bin`] as const)).toEqual({
    own: 'reached',
    foreign: 'refused',
    script: 'refused',
    data: 'refused',
    socket: 'refused',
    code: 'refused',
  });
  const others = await page.evaluate(async (elsewhere) => {
    const blocked: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => blocked.push(event.effectiveDirective));
    const image = new Image();
    image.src = elsewhere;
    navigator.sendBeacon(elsewhere, 'x');
    const frame = document.createElement('iframe');
    frame.src = elsewhere;
    document.body.append(image, frame);
    let sink = 'took a string';
    try {
      document.body.innerHTML = '<b>x</b>';
    } catch {
      sink = 'refused a string';
    }
    // Told in tasks of their own: each of the three ways out is waited for.
    const ways = ['connect-src', 'frame-src', 'img-src'];
    while (!ways.every((way) => blocked.includes(way)))
      await new Promise((resolve) => setTimeout(resolve, 10));
    return { blocked: [...new Set(blocked)].sort(), sink };
  }, `${foreign.url}file.bin`);
  expect(others.sink).toBe('refused a string');
  expect(others.blocked).toEqual(expect.arrayContaining(['connect-src', 'frame-src', 'img-src']));
  expect(foreign.requests.length).toBe(before);
  expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
});

test('on a host without headers the canary says so', async () => {
  expect(await canary(await open(bare.url))).toBe(false);
});

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

interface Canary {
  networkBlocked: boolean;
  doors: Record<string, string>;
}
const canary = async (page: Page, kind: 'engine' | 'engine-web-llm' = 'engine'): Promise<Canary> => {
  const { result } = (await page.evaluate(
    (which) => globalThis.spawn(which).ask({ call: 'probe' }),
    kind,
  )) as unknown as { result: Canary };
  return result;
};
const CLOSED = {
  fetch: 'closed',
  XMLHttpRequest: 'closed',
  WebSocket: 'closed',
  EventSource: 'closed',
  WebTransport: 'closed',
  Worker: 'closed',
  SharedWorker: 'absent',
  import: 'closed',
  RTCPeerConnection: 'absent',
  sendBeacon: 'absent',
};

/** Ways out of a context; each "reached" or "refused". Runs inside the context. */
const tryOut = async ([own, elsewhere, thread]: readonly [string, string, string]): Promise<
  Record<string, string>
> => {
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
    thread: await attempt(
      () =>
        new Promise((resolve, reject) => {
          const worker = new Worker(thread, { type: 'module' });
          worker.onmessage = resolve; // it says hello by itself
          worker.onerror = reject;
        }),
    ),
  };
};

test('the engine worker reaches nothing at all', async () => {
  const page = await open(shipped.url);
  const worker = await workerOf(page, 'engine');
  const before = foreign.requests.length;
  expect(
    await worker.evaluate(tryOut, [shipped.url, `${foreign.url}file.bin`, shipped.download] as const),
  ).toEqual({
    own: 'refused',
    foreign: 'refused',
    script: 'refused',
    data: 'refused',
    socket: 'refused',
    code: 'refused',
    thread: 'refused', // the download's, whose policy is wider
  });
  expect(foreign.requests.length).toBe(before);
});

test.each(['engine', 'engine-web-llm'] as const)('the canary of %s tries every way out', async (kind) => {
  expect(await canary(await open(shipped.url), kind)).toMatchObject({ networkBlocked: true, doors: CLOSED });
});

test('the canary hears of a way that a policy leaves open', async () => {
  const loose = await serveWorkerPage({ loosen: ["worker-src 'none'", "worker-src 'self'"] });
  try {
    expect(await canary(await open(loose.url))).toMatchObject({
      networkBlocked: false,
      doors: { ...CLOSED, Worker: 'open' },
    });
  } finally {
    await loose.close();
  }
});

test('the download worker reaches hosts, and runs no code from there', async () => {
  const worker = await workerOf(await open(shipped.url), 'download');
  expect(
    await worker.evaluate(tryOut, [shipped.url, `${foreign.url}file.bin`, shipped.download] as const),
  ).toMatchObject({
    own: 'reached',
    foreign: 'reached',
    script: 'refused',
    data: 'refused',
    code: 'refused',
    thread: 'refused',
  });
});

test('code of the page that posts to the download worker has it ask nobody', async () => {
  const page = await open(shipped.url);
  const before = foreign.requests.length;
  const base = `${foreign.url}word/`;
  const said = await page.evaluate(async (evil) => {
    const worker = globalThis.spawn('download');
    const attempts = [
      { call: 'look', input: `${evil}a-word-of-mine/` },
      { call: 'download', input: { id: 'm', base: evil } },
      { call: 'repair', input: { id: 'm', base: evil } },
      {
        call: 'download',
        input: { id: 'm', base: new URL('/models/m/', location.href).href, roots: [evil] },
      },
      { call: 'token', input: { origin: new URL(evil).origin, token: 'a-word-of-mine' } },
    ];
    return Promise.all(attempts.map((attempt) => worker.attack(attempt)));
  }, base);
  expect(said).toMatchObject([
    ...Array.from({ length: 4 }, () => ({ type: 'error', error: { reason: 'address-unconfirmed' } })),
    { type: 'done' }, // kept for an origin that nothing is asked of
  ]);
  expect(foreign.requests.length).toBe(before);
});

test('the page reaches its own origin only, and turns no string into code', async () => {
  const page = await open(shipped.url);
  const before = foreign.requests.length;
  expect(
    await page.evaluate(tryOut, [shipped.url, `${foreign.url}file.bin`, shipped.download] as const),
  ).toEqual({
    own: 'reached',
    foreign: 'refused',
    script: 'refused',
    data: 'refused',
    socket: 'refused',
    code: 'refused',
    thread: 'refused', // a string is no script's address
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
  expect(await canary(await open(bare.url))).toMatchObject({
    networkBlocked: false,
    doors: { fetch: 'open', XMLHttpRequest: 'open', Worker: 'open', import: 'open' },
  });
});

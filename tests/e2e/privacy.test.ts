// The promise, tried from inside each thread: the page reaches no foreign origin, the engine's worker reaches nothing.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headersFor } from '../../src/wire/headers.ts';
import { openProfile, serveApp, type Profile } from './harness.ts';
import { firstRun } from './talk.ts';

describe('who can reach the network', () => {
  let server: Awaited<ReturnType<typeof serveApp>>;
  let profile: Profile;
  let page: Page;
  let foreign: string;
  const heard: string[] = [];
  const stranger = createServer((request, response) => {
    heard.push(request.url ?? '');
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end('heard');
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    foreign = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`;
    server = await serveApp();
    profile = await openProfile();
    page = await profile.context.newPage();
    await firstRun(page, server.url);
  });
  afterAll(async () => {
    await profile.close();
    await server.close();
    stranger.closeAllConnections();
    await new Promise((resolve) => stranger.close(resolve));
  });

  const reach = (url: string) =>
    fetch(url).then(
      (response) => `reached ${response.status}`,
      (error: unknown) => `refused ${String(error)}`,
    );

  async function worker(name: RegExp) {
    const find = () => page.workers().find((candidate) => name.test(candidate.url()));
    await expect.poll(() => find() !== undefined, { message: `worker ${name}` }).toBe(true);
    const found = find();
    if (!found)
      throw new Error(
        `No worker ${name} among ${page
          .workers()
          .map((w) => w.url())
          .join(', ')}`,
      );
    return found;
  }

  it('the page reaches its own origin and no other', async () => {
    expect(await page.evaluate(reach, `${server.url}manifest.webmanifest`)).toBe('reached 200');
    expect(await page.evaluate(reach, foreign)).toMatch(/^refused/);
    const image = await page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const img = new Image();
          img.onload = () => resolve('loaded');
          img.onerror = () => resolve('refused');
          img.src = url;
        }),
      `${foreign}pixel.png`,
    );
    expect(image).toBe('refused');
  });

  it("the engine's worker reaches nothing, not even its own origin", async () => {
    const engine = await worker(/engine-worker/);
    expect(await engine.evaluate(reach, server.url)).toMatch(/^refused/);
    expect(await engine.evaluate(reach, foreign)).toMatch(/^refused/);
    // As text: the test runner would rewrite an import() written here.
    const imported = (url: string) =>
      engine.evaluate(`import(${JSON.stringify(url)}).then(() => 'reached', () => 'refused')`);
    expect(await imported(`${server.url}sw.js?word`)).toBe('refused');
    expect(await imported(`${foreign}word.js`)).toBe('refused');
  });

  it("the download's worker reaches model hosts", async () => {
    expect(await (await worker(/download-worker/)).evaluate(reach, `${foreign}from-download`)).toBe(
      'reached 200',
    );
  });

  it('no stranger heard of anything else', () => {
    expect(heard).toEqual(['/from-download']);
  });

  it('Trusted Types refuse strings as markup and as script addresses', async () => {
    const refused = await page.evaluate(() => {
      const tries = [
        () => (document.body.innerHTML = '<b>x</b>'),
        () => new Worker('assets/x.js'),
        () => (document.createElement('iframe').srcdoc = '<script>1</script>'),
        () => (document.createElement('script').src = 'assets/x.js'),
      ];
      return tries.map((attempt) => {
        try {
          attempt();
          return 'allowed';
        } catch (error) {
          return (error as Error).name;
        }
      });
    });
    expect(refused).toEqual(['TypeError', 'TypeError', 'TypeError', 'TypeError']);
  });

  it('has no WebRTC, and no frame or window to find it in', async () => {
    const found = await page.evaluate(() => {
      const names = [
        'RTCPeerConnection',
        'webkitRTCPeerConnection',
        'RTCDataChannel',
        'WebTransport',
        'open',
      ];
      const left = names.filter((name) => (window as unknown as Record<string, unknown>)[name] !== undefined);
      const insert: ((frame: HTMLElement) => unknown)[] = [
        (frame) => document.body.appendChild(frame),
        (frame) => document.body.append(frame),
        (frame) => document.body.prepend('x', frame),
        (frame) => document.body.insertBefore(frame, null),
        (frame) => document.body.firstElementChild?.before(frame),
        (frame) => document.body.firstElementChild?.after(frame),
        (frame) => document.body.insertAdjacentElement('beforeend', frame),
        (frame) => document.createDocumentFragment().append(frame),
        (frame) => document.createRange().insertNode(frame),
        (frame) => document.createElement('template').content.append(frame),
        (frame) => document.createElement('div').replaceChildren(frame),
      ];
      const outcomes = ['iframe', 'object', 'embed', 'IFRAME'].flatMap((name) =>
        insert.map((put) => {
          try {
            put(document.createElement(name));
            return `put ${name}`;
          } catch (error) {
            return (error as Error).name;
          }
        }),
      );
      const put = Object.getOwnPropertyDescriptor(Element.prototype, 'append');
      return {
        left,
        outcomes: [...new Set(outcomes)],
        frames: window.length,
        fixed: put?.configurable === false,
      };
    });
    expect(found).toEqual({ left: [], outcomes: ['TypeError'], frames: 0, fixed: true });
  });

  it('is isolated, with the table on the server and on what the service worker hands out', async () => {
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const scripts = page.workers().map((w) => new URL(w.url()).pathname);
    expect(scripts.length).toBeGreaterThanOrEqual(2);
    for (const pathname of ['/', '/sw.js', ...scripts]) {
      const direct = await fetch(new URL(pathname, server.url));
      for (const [name, value] of Object.entries(headersFor(pathname)))
        expect(direct.headers.get(name), `${name} of ${pathname}`).toBe(value);
    }
    await page.reload();
    for (const pathname of ['/', ...scripts]) {
      const cached = await page.evaluate(
        async (url) => {
          const response = await fetch(url);
          return Object.fromEntries(response.headers.entries());
        },
        pathname === '/' ? `${server.url}index.html` : new URL(pathname, server.url).href,
      );
      for (const [name, value] of Object.entries(headersFor(pathname)))
        expect(cached[name.toLowerCase()], `${name} of ${pathname} from the cache`).toBe(value);
    }
  });

  it('says in the settings that this host enforces it', async () => {
    await page.getByRole('link', { name: 'Ajustes' }).click();
    await expect.poll(() => page.getByText('Este servidor hace cumplir ese aislamiento.').count()).toBe(1);
  });
});

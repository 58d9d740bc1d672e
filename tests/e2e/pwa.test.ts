// What makes it an app: installable, the shell and no weights in the cache, updated by a prompt.

import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/install.mjs';
import { serve } from '../../scripts/serve.mjs';
import { openProfile, type Profile } from './harness.ts';
import { composer, firstRun, PATIENCE } from './talk.ts';

/** Verification's bar for the shell: JavaScript before engines, Brotli. */
const SHELL_BUDGET = 150 * 1024;

describe('the installed app', () => {
  let dist: string;
  let server: Awaited<ReturnType<typeof serve>>;
  let profile: Profile;
  let page: Page;

  beforeAll(async () => {
    // A copy, because one of the tests publishes a new version.
    dist = mkdtempSync(path.join(os.tmpdir(), 'yupana-dist-'));
    cpSync(path.join(root, 'dist'), dist, { recursive: true });
    server = await serve({ dir: dist, port: 0, host: 'localhost' });
    profile = await openProfile();
    page = await profile.context.newPage();
    await firstRun(page, server.url);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  });
  afterAll(async () => {
    await profile.close();
    await server.close();
    rmSync(dist, { recursive: true, force: true });
  });

  it('has what the browser asks of an installable app', async () => {
    const devtools = await profile.context.newCDPSession(page);
    const { errors } = await devtools.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
    expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual([]);
  });

  it('has icons and screenshots of the sizes that its manifest tells', async () => {
    const manifest = JSON.parse(readFileSync(path.join(dist, 'manifest.webmanifest'), 'utf8')) as {
      icons: { src: string; sizes: string; purpose?: string }[];
      screenshots: { src: string; sizes: string }[];
    };
    expect(manifest.icons.some(({ purpose }) => purpose === 'maskable')).toBe(true);
    for (const { src, sizes } of [...manifest.icons, ...manifest.screenshots].filter(({ src }) =>
      src.endsWith('.png'),
    )) {
      const png = readFileSync(path.join(dist, src));
      expect(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`, src).toBe(sizes);
    }
  });

  it('caches the shell and both workers, and no weights', async () => {
    const cached = await page.evaluate(async () => {
      const names = await caches.keys();
      const keys = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return keys.flat().map(({ url }) => new URL(url).pathname);
    });
    expect(cached).toContain('/index.html');
    expect(cached.some((name) => /engine-worker/.test(name))).toBe(true);
    expect(cached.some((name) => /download-worker/.test(name))).toBe(true);
    expect(cached.filter((name) => /models\/.*\.(bin|json)$/.test(name))).toEqual([]);
    // The second engine, 6 MB, is for those who choose it.
    expect(cached.filter((name) => name.includes('engine-web-llm'))).toEqual([]);
  });

  it('keeps its JavaScript before engines within budget', () => {
    const html = readFileSync(path.join(dist, 'index.html'), 'utf8');
    const scripts = [...html.matchAll(/(?:src|href)="\.?\/?(assets\/[^"]+\.js)"/g)].map(
      (match) => match[1] ?? '',
    );
    expect(scripts.length).toBeGreaterThan(0);
    const bytes = scripts.map((name) => brotliCompressSync(readFileSync(path.join(dist, name))).length);
    const total = bytes.reduce((sum, n) => sum + n, 0);
    console.log(
      `shell JavaScript: ${total} bytes of Brotli in ${scripts.length} file(s), of ${SHELL_BUDGET}`,
    );
    expect(total).toBeLessThanOrEqual(SHELL_BUDGET);
    expect(readdirSync(path.join(dist, 'assets')).length).toBeGreaterThan(scripts.length);
  });

  it('offers a new version, and takes it on a click', async () => {
    appendFileSync(path.join(dist, 'sw.js'), '\n// a new version\n');
    // A page that was opened before the first version was installed holds no version back: one that it serves does.
    await page.reload();
    await composer(page).waitFor({ timeout: PATIENCE });
    // The server reads its folder's sizes once, when it starts.
    await server.close();
    server = await serve({ dir: dist, port: server.port, host: 'localhost' });
    await page.evaluate(async () => {
      await (await navigator.serviceWorker.ready).update();
    });
    const apply = page.getByRole('button', { name: 'Actualizar' });
    await apply.waitFor({ timeout: PATIENCE });
    const document = await page.evaluate(() => performance.timeOrigin);
    await apply.click();
    await page.waitForFunction((before) => performance.timeOrigin !== before, document, {
      timeout: PATIENCE,
    });
    await composer(page).waitFor({ timeout: PATIENCE });
    const waiting = await page.evaluate(async () => (await navigator.serviceWorker.ready).waiting !== null);
    expect(waiting).toBe(false);
  });
});

// `npm run dev`: under the headers of the built app a model downloads and answers, and a change of a style is shown in place.

import path from 'node:path';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from '../../scripts/install.mjs';
import { openProfile, watchErrors, type Profile } from './harness.ts';
import { composer, finishedAnswer, firstRun, PATIENCE, say } from './talk.ts';

let server: ViteDevServer;
let profile: Profile;
beforeAll(async () => {
  server = await createServer({
    root,
    configFile: path.join(root, 'vite.config.ts'),
    logLevel: 'error',
    // A folder of its own: whoever is developing meanwhile keeps theirs.
    cacheDir: path.join(root, '.cache/vite-dev-test'),
    server: { port: 0, host: 'localhost' },
  });
  await server.listen();
  profile = await openProfile();
});
afterAll(async () => {
  await profile?.close();
  await server?.close();
});

it(
  'answers, with no error but what the canary provokes, and takes a change without another document',
  { timeout: 5 * PATIENCE },
  async () => {
    const page = await profile.context.newPage();
    const errors = watchErrors(page);
    const url = server.resolvedUrls?.local[0] ?? '';
    const response = await page.goto(url, { timeout: PATIENCE });
    const policy = response?.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain('unsafe-');
    await firstRun(page, url);
    await say(page, '¿Cuál es la capital de Bolivia?');
    expect(await finishedAnswer(page)).not.toBe('');
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);

    const document = await page.evaluate(() => performance.timeOrigin);
    const changed = page.waitForEvent('console', {
      predicate: (message) => message.text().includes('[vite] hot updated'),
      timeout: PATIENCE,
    });
    // As if the file had been written: its content is what it was.
    server.watcher.emit('change', path.join(root, 'src/app/app.css'));
    await changed;
    expect(await page.evaluate(() => performance.timeOrigin)).toBe(document);
    await composer(page).waitFor();
    expect(errors.filter((text) => !/Content Security Policy|Failed to load resource/.test(text))).toEqual(
      [],
    );
  },
);

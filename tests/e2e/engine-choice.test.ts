// The choice of engine as a person makes it: on the model's card, with what it changes; a second engine that is fetched only then.

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { openProfile, serveApp } from './harness.ts';
import type { Profile } from './harness.ts';
import { composer, finishedAnswer, firstRun, PATIENCE, say } from './talk.ts';

let server: Awaited<ReturnType<typeof serveApp>>;
let profile: Profile;
let page: Page;
const fetched: string[] = [];

beforeAll(async () => {
  server = await serveApp();
  profile = await openProfile();
  page = await profile.context.newPage();
  page.on('request', (request) => fetched.push(request.url()));
  await firstRun(page, server.url);
});
afterAll(async () => {
  await profile?.close();
  await server?.close();
});

const card = () => page.locator('[data-model="semilla-q4f16_1"]');
const secondEngine = (): string[] => fetched.filter((url) => url.includes('engine-web-llm'));

it('says what WebLLM lacks and that a model without a library cannot use it, and fetches it only when it is used', async () => {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  expect(secondEngine()).toEqual([]);
  await page.getByRole('link', { name: 'Modelos', exact: true }).click();
  await card().getByText('Motor: Automático (Yupana)').click();
  await card().getByRole('radio', { name: 'WebLLM' }).check({ force: true });
  await card().getByText('no usa top-k').waitFor();
  await card().getByText('MLC no publica una biblioteca compilada').waitFor();
  expect(secondEngine()).toEqual([]);

  await page.getByRole('link', { name: 'Conversar', exact: true }).click();
  await say(page, 'Hola');
  await page.getByText('WebLLM necesita una biblioteca compilada').first().waitFor({ timeout: PATIENCE });
  expect(secondEngine().length).toBeGreaterThan(0);
  await expect
    .poll(() => page.evaluate(async () => (await (await caches.open('yupana-second-engine')).keys()).length))
    .toBe(1);
});

it('goes back to our engine, and the choice holds after a reload', async () => {
  await page.getByRole('link', { name: 'Modelos', exact: true }).click();
  await page.reload();
  await card().getByText('Motor: WebLLM').click();
  await card()
    .getByRole('radio', { name: /^Automático/ })
    .check({ force: true });
  await page.getByRole('link', { name: 'Conversar', exact: true }).click();
  await composer(page).waitFor();
  await say(page, '¿Cuál es la capital de Bolivia?');
  expect(await finishedAnswer(page)).not.toBe('');
});

it('is kept with its headers, for use without a line', async () => {
  const name = new URL(secondEngine()[0] ?? '').pathname;
  await profile.context.setOffline(true);
  try {
    const kept = await page.evaluate(async (path) => {
      const response = await fetch(path);
      return { status: response.status, policy: response.headers.get('Content-Security-Policy') };
    }, name);
    expect(kept).toMatchObject({
      status: 200,
      policy: expect.stringContaining("connect-src 'none'") as string,
    });
  } finally {
    await profile.context.setOffline(false);
  }
});

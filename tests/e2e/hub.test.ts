// What a person reads when a model's host refuses: each refusal in its own words, and a token asked for only where one helps.

import { readFileSync, readdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { es } from '../../src/app/text/es/dictionary.ts';
import { startHub, type Hub } from '../host/hub.ts';
import { startModelHost } from '../host/model-host.ts';
import { openProfile, serveApp, type Profile } from './harness.ts';
import { firstRun } from './talk.ts';

const GOLDEN = 'tests/golden/gqa-tied/hf/';
const files: Record<string, Uint8Array> = {
  ...Object.fromEntries(readdirSync(GOLDEN).map((name) => [name, readFileSync(GOLDEN + name)])),
  'tokenizer.json': new TextEncoder().encode('{"model":{}}'),
};

let server: Awaited<ReturnType<typeof serveApp>>;
let profile: Profile;
let page: Page;
let hub: Hub;

beforeAll(async () => {
  hub = await startHub({
    'o/plain': { files, licence: 'apache-2.0' },
    'o/gated': { files, gate: { token: 'hf_right', granted: true } },
    'o/gone': { files, disabled: true },
  });
  server = await serveApp();
  profile = await openProfile({ webgpu: false });
  page = await profile.context.newPage();
  await firstRun(page, server.url);
  await page.getByRole('link', { name: 'Modelos', exact: true }).first().click();
  await page.getByRole('button', { name: es.library.add.open }).click();
});
afterAll(async () => {
  await profile.close();
  await server.close();
  await hub.close();
});

const dialog = () => page.getByRole('dialog');
async function look(address: string): Promise<void> {
  await dialog().getByLabel(es.library.add.label).fill(address);
  await dialog().getByRole('button', { name: es.library.add.look }).click();
}

it.each([
  ['o/gated', 'pide saber quién eres', true],
  ['o/mistyped', 'no muestra ningún modelo con ese nombre', true],
  ['o/gone', 'retiró este modelo', false],
  ['o/plain/tree/v9', 'no esa versión', false],
])('%s: “%s”', async (address, words, token) => {
  await look(`${hub.url}/${address}`);
  await dialog().getByText(words).waitFor();
  expect(await dialog().getByLabel(es.library.token.title).count()).toBe(token ? 1 : 0);
});

it('a page of the hub is named as what it is, and nobody is asked', async () => {
  const before = hub.requests.length;
  await look('https://huggingface.co/datasets/latam-gpt/personas');
  await dialog().getByText('un conjunto de datos').waitFor();
  expect(hub.requests.length).toBe(before);
});

it('a refusal of the server behind the hub names that server and asks for no token', async () => {
  hub.options.refuse = ({ at }) => (at === 'cdn' ? { status: 403 } : undefined);
  await look(`${hub.url}/o/plain`);
  await dialog().getByText('que entrega los archivos grandes, respondió con el error 403').waitFor();
  expect(await dialog().getByLabel(es.library.token.title).count()).toBe(0);
});

it('what is found names the hosts it will come from', async () => {
  hub.options.refuse = () => undefined;
  await look(`${hub.url}/o/plain`);
  await dialog().getByText('Los archivos vienen de 127.0.0.1').waitFor();
});

it('a download that turns out larger than the card says is asked about before a byte of it is stored', async () => {
  await dialog().getByRole('button', { name: es.library.add.confirm }).click();
  const card = page.locator('.card', { hasText: 'plain' });
  await card.waitFor();
  // The repository is uploaded anew, and larger.
  const larger = 'tests/golden/mha-untied-tail/hf/';
  for (const name of readdirSync(larger)) files[name] = readFileSync(larger + name);
  await card.getByRole('button', { name: /^Descargar/ }).click();
  await card.getByText('La descarga es mayor de lo que se dijo').waitFor();
  expect(await card.getAttribute('data-state')).toBe('absent');
  expect(await card.getByRole('button', { name: /^Descargar/ }).count()).toBe(1);
  // Its revision has 40 digits without a place to break.
  await page.setViewportSize({ width: 360, height: 800 });
  expect(await card.evaluate((box) => box.getBoundingClientRect().right - innerWidth)).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1280, height: 800 });
  const fetched = (): number => hub.requests.filter(({ path }) => path.endsWith('.safetensors')).length;
  const before = fetched();
  await card
    .getByRole('alert')
    .getByRole('button', { name: /^Descargar/ })
    .click();
  await expect.poll(fetched).toBeGreaterThan(before);
});

it('a mirror that lets no page read it is told as such once it is saved, and what one lists when it does', async () => {
  const list = JSON.stringify({ version: 1, models: [{ id: 'a', manifest: '0'.repeat(64) }] });
  const mirror = await startModelHost({ 'm/mirror.json': new TextEncoder().encode(list) });
  mirror.options.cors = 'none';
  const t = es.library.settings;
  try {
    await page.getByText(t.title).click();
    await page.getByLabel(t.mirror).fill(`${mirror.url}m/`);
    await page.getByRole('button', { name: t.save }).click();
    // An isolated page cannot tell this from silence.
    const unread = page.getByText(
      `${new URL(mirror.url).host} no contestó, o no deja que una página lea sus archivos`,
    );
    await unread.waitFor();
    mirror.options.cors = 'all';
    await page.getByRole('button', { name: t.save }).click();
    await page.getByText(t.mirrorHolds('1')).waitFor();
    expect(await unread.count()).toBe(0);
  } finally {
    await mirror.close();
  }
});

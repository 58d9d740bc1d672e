// Thousands of stored conversations in a real browser: the list renders what is seen, a search reads from its index, a hit
// leads to its message. Times are printed, never judged.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { random } from '../host/random.ts';
import { FULL } from '../host/tier.ts';
import { openProfile, serveApp, watchErrors, type Profile } from './harness.ts';

const MANY = Number(process.env.YUPANA_CONVERSATIONS ?? (FULL ? 5_000 : 1_000));
const SEED = Number(process.env.YUPANA_SEED ?? Math.floor(Math.random() * 2 ** 32));
/** Of one file: what a person could have exported. */
const A_FILE = 10_000;
/** Rows of one screen, and as many again beyond its edges. */
const MOST_ROWS = 60;
/** Records that one search may read: shards of its words, and the conversations it shows. The unit tests hold the exact bound. */
const MOST_RECORDS = 400;

interface CountingWindow extends Window {
  recordsRead: number;
}
declare const window: CountingWindow;

const WORDS =
  'agua sol tierra maíz papa quinua puente río volcán escuela cuaderno lápiz mapa historia número suma célula planta'.split(
    ' ',
  );

/** Conversations of two turns; one in a thousand has a word that no other has. */
function file(from: number, count: number, dice: ReturnType<typeof random>): string {
  const say = (): string => Array.from({ length: 12 }, () => WORDS[dice.below(WORDS.length)]).join(' ');
  const conversations = Array.from({ length: count }, (_, at) => {
    const i = from + at;
    const rare = i % 1000 === 500 ? ` charango${i}` : '';
    return {
      ...{ schema: 1, id: `c${i}`, title: `${say().slice(0, 40)} ${i}`, modelId: 'semilla-q4f16_1' },
      ...{ createdAt: 1e12 + i * 6e4, updatedAt: 1e12 + i * 6e4, currentLeaf: 'a' },
      nodes: {
        q: { id: 'q', parentId: null, role: 'user', content: say() + rare, createdAt: 1e12 + i * 6e4 },
        a: {
          id: 'a',
          parentId: 'q',
          role: 'assistant',
          content: say(),
          createdAt: 1e12 + i * 6e4,
          finishReason: 'stop',
        },
      },
    };
  });
  return JSON.stringify({ format: 'yupana', schema: 1, conversations });
}

describe(`${MANY} conversations`, () => {
  let server: Awaited<ReturnType<typeof serveApp>>;
  let profile: Profile;
  let page: Page;
  let errors: string[];
  const told: string[] = [];

  beforeAll(async () => {
    server = await serveApp();
    profile = await openProfile({ webgpu: false });
    page = await profile.context.newPage();
    errors = watchErrors(page);
    await page.addInitScript(() => {
      window.recordsRead = 0;
      const { get, getAll } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.get = function (query) {
        window.recordsRead++;
        return get.call(this, query);
      };
      IDBObjectStore.prototype.getAll = function (query, count) {
        const request = getAll.call(this, query, count);
        request.addEventListener('success', () => (window.recordsRead += request.result.length));
        return request;
      };
    });
  });
  afterAll(async () => {
    await profile.close();
    await server.close();
  });

  const rows = () => page.locator('#conversations li').count();

  it('come from files', async () => {
    await page.goto(`${server.url}#/settings`);
    const dice = random(SEED);
    const start = Date.now();
    for (let from = 0; from < MANY; from += A_FILE) {
      const count = Math.min(A_FILE, MANY - from);
      await page.locator('input[type=file][aria-label="Traer de un archivo"]').setInputFiles({
        ...{ name: 'muchas.json', mimeType: 'application/json' },
        buffer: Buffer.from(file(from, count, dice)),
      });
      await page
        .getByRole('button', { name: 'Traer de un archivo' })
        .and(page.locator(':disabled'))
        .waitFor({ state: 'hidden', timeout: 600_000 });
      await page
        .getByText(`Se agregaron ${count.toLocaleString('es-CL')} conversaciones`)
        .waitFor({ timeout: 600_000 });
    }
    told.push(`brought in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  }, 3_600_000);

  it('render as many rows as are seen, at the top and far down', async () => {
    const start = Date.now();
    await page.goto(`${server.url}#/chat`);
    await page.reload();
    await page.locator('#conversations li').first().waitFor({ timeout: 120_000 });
    told.push(`first rows ${Date.now() - start} ms after a reload`);
    await expect.poll(rows).toBeGreaterThan(5);
    expect(await rows()).toBeLessThanOrEqual(MOST_ROWS);
    const first = page.locator('#conversations li a').first();
    const before = await first.innerText();
    await page.locator('#conversations li').first().hover();
    await page.mouse.wheel(0, 20_000);
    await expect.poll(() => first.innerText()).not.toBe(before);
    expect(await rows()).toBeLessThanOrEqual(MOST_ROWS);
  });

  it('are searched in the index, and a hit opens at its message', async () => {
    const search = page.getByRole('searchbox', { name: 'Buscar en las conversaciones' });
    const hits = page.getByRole('list', { name: 'Resultados' }).getByRole('link');
    const rare = 500 + 1000 * Math.floor((MANY - 501) / 1000);
    // The first search makes the index; what it reads for that is not the search's.
    const building = Date.now();
    await search.fill('charango500');
    await expect.poll(() => hits.count(), { timeout: 600_000 }).toBe(1);
    told.push(`first search with the index built ${((Date.now() - building) / 1000).toFixed(1)} s`);
    for (const [query, least] of [
      [`charango${rare}`, 1],
      ['quinua volcán', 2],
    ] as const) {
      await search.fill('');
      await expect.poll(() => hits.count()).toBe(0);
      await page.evaluate(() => void (window.recordsRead = 0));
      const start = Date.now();
      await search.fill(query);
      await expect.poll(() => hits.count(), { timeout: 120_000, interval: 10 }).toBeGreaterThanOrEqual(least);
      const records = await page.evaluate(() => window.recordsRead);
      told.push(`"${query}" ${Date.now() - start} ms, ${records} records read`);
      expect(records, query).toBeGreaterThan(0);
      expect(records, query).toBeLessThanOrEqual(MOST_RECORDS);
    }
    await search.fill(`charango${rare}`);
    await expect.poll(() => hits.count(), { timeout: 120_000 }).toBe(1);
    await hits.first().click();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.querySelector('.said')?.textContent ?? ''))
      .toContain(`charango${rare}`);
  }, 900_000);

  it('broke nothing on the way', () => {
    console.log(`stores: ${MANY} conversations, seed ${SEED}: ${told.join('; ')}`);
    expect(errors).toEqual([]);
  });
});

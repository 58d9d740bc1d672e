// What may happen to an open page: its store is emptied or full, another tab wants the engine, the engine's worker or the tab
// itself ends in mid-answer. Each is said, with a way out, and no word that was shown is lost.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProfile, serveApp, type Profile } from './harness.ts';
import { chooseExact, composer, finishedAnswer, firstRun, lastAnswer, PATIENCE, say } from './talk.ts';

const QUESTION = '¿Cuál es la capital de Bolivia?';
const ANSWER = /Sucre/;
/** Answered by a table of ten lines: time enough for something to happen in its middle. */
const LONG_QUESTION = 'Diga a tabuada do 7.';
const LAST_LINE = '7 x 10 = 70';

/** Without white space, which the page sets otherwise than the model. */
const words = (text = ''): string => text.replace(/\s+/g, '');

describe('an open page', () => {
  let server: Awaited<ReturnType<typeof serveApp>>;
  let profile: Profile;
  let page: Page;
  /** The whole answer to LONG_QUESTION, without white space. */
  let full = '';

  beforeAll(async () => {
    server = await serveApp();
    profile = await openProfile();
    page = await profile.context.newPage();
    await firstRun(page, server.url);
    await chooseExact(page);
  });
  afterAll(async () => {
    await profile?.close();
    await server?.close();
  });

  /** What stands in the thread: every turn's text. */
  const thread = (at = page): Promise<string[]> =>
    at.locator('li.mine .text, li.answer .text').allInnerTexts();

  /** Asks what takes long, and resolves with what is shown in the middle of the answer. */
  async function midAnswer(): Promise<string> {
    await say(page, LONG_QUESTION);
    const text = lastAnswer(page).locator('.text');
    await expect.poll(() => text.innerText(), { timeout: PATIENCE, interval: 20 }).toMatch(/7 x 1/);
    return (await text.innerText()).trim();
  }

  const reads = (text: string): Promise<void> =>
    expect.poll(() => lastAnswer(page).innerText(), { timeout: PATIENCE }).toContain(text);

  it('says that nothing can be stored, and goes on answering', async () => {
    await say(page, QUESTION);
    expect(await finishedAnswer(page)).toMatch(ANSWER);
    await page.evaluate(() => {
      const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = () => {
        throw new DOMException('no room', 'QuotaExceededError');
      };
      Object.assign(globalThis, { makeRoom: () => (IDBObjectStore.prototype.put = put) });
    });
    await say(page, QUESTION);
    await page.getByText('El navegador no deja guardar más datos.').first().waitFor();
    expect(await finishedAnswer(page)).toMatch(ANSWER);
    await page.evaluate(() => void (globalThis as unknown as { makeRoom: () => void }).makeRoom());
  });

  it('leaves the engine to a second tab that asks for it, and gets it back', async () => {
    const second = await profile.context.newPage();
    await second.goto(server.url);
    await second.getByText('El modelo está en uso en otra pestaña').waitFor({ timeout: PATIENCE });
    const shown = await thread();
    await second.getByRole('button', { name: 'Usarlo aquí' }).click();
    await page.getByText('Otra pestaña pasó a usar el modelo').waitFor({ timeout: PATIENCE });
    expect(await thread()).toEqual(shown);
    await say(second, QUESTION);
    expect(await finishedAnswer(second)).toMatch(ANSWER);
    await page.getByRole('button', { name: 'Usarlo aquí' }).click();
    await second.getByText('Otra pestaña pasó a usar el modelo').waitFor({ timeout: PATIENCE });
    await second.close();
  });

  it('loses nothing that two tabs say in one conversation', async () => {
    const second = await profile.context.newPage();
    await second.goto(page.url());
    await second.locator('li.answer').first().waitFor({ timeout: PATIENCE });
    const mine = (of: Page): Promise<string[]> => of.locator('li.mine .text').allInnerTexts();
    await say(page, 'De la primera');
    await finishedAnswer(page);
    // The other tab shows it without being asked, and what it says stands below it.
    await expect.poll(() => mine(second), { timeout: PATIENCE }).toContain('De la primera');
    await second.getByRole('button', { name: 'Usarlo aquí' }).click();
    await say(second, 'De la segunda');
    await finishedAnswer(second);
    await expect.poll(() => mine(page), { timeout: PATIENCE }).toContain('De la segunda');
    for (const each of [page, second]) {
      await each.reload();
      await each.locator('li.answer').first().waitFor({ timeout: PATIENCE });
      expect((await mine(each)).slice(-2)).toEqual(['De la primera', 'De la segunda']);
    }
    await second.close();
  });

  it('answers again by one tap after its engine ended in mid-answer', async () => {
    const before = await thread();
    await midAnswer();
    const engine = page.workers().find((worker) => worker.url().includes('engine'));
    await engine?.evaluate(() => self.close()).catch(() => undefined);
    await page.getByText('El proceso que calcula se cerró').waitFor({ timeout: PATIENCE });
    expect((await thread()).slice(0, before.length)).toEqual(before);
    await page.getByRole('button', { name: 'Volver a cargar y seguir' }).click();
    await reads(LAST_LINE);
    expect((await thread()).slice(0, before.length)).toEqual(before);
    full = words(await finishedAnswer(page));
  });

  it.each(['closed', 'killed'] as const)(
    'has what it showed when its tab was %s in mid-answer, and goes on from there',
    async (end) => {
      const before = await thread();
      const cdp = await profile.context.newCDPSession(page);
      const crashed = new Promise((resolve) => page.once('crash', resolve));
      const shown = await midAnswer();
      const address = page.url();
      if (end === 'killed') {
        void cdp.send('Page.crash').catch(() => undefined);
        await crashed;
      }
      const gone = page.waitForEvent('close');
      await page.close({ runBeforeUnload: end === 'closed' });
      await gone;
      page = await profile.context.newPage();
      await page.goto(address);
      await lastAnswer(page).waitFor({ timeout: PATIENCE });
      const kept = await thread();
      expect(kept.slice(0, before.length)).toEqual(before);
      // What runs in a closing page writes the last second too; in one that is killed nothing runs.
      const text = words(kept.at(-1));
      if (end === 'closed') expect(text).toContain(words(shown));
      else expect(full).toContain(text);
      expect(text).not.toContain(words(LAST_LINE));
      await page.getByRole('button', { name: 'Seguir', exact: true }).click();
      await reads(LAST_LINE);
      // The last line is seen before the answer is finished: what the next case asks would be dropped.
      expect(await finishedAnswer(page)).toContain(LAST_LINE);
    },
  );

  it('keeps what is on the screen when its store is emptied, and says so', async () => {
    const before = await thread();
    const cdp = await profile.context.newCDPSession(page);
    await cdp.send('Storage.clearDataForOrigin', {
      origin: new URL(server.url).origin,
      storageTypes: 'indexeddb',
    });
    await page.getByText('El navegador borró lo que Yupana guardaba aquí').waitFor();
    expect(await thread()).toEqual(before);
    await page.getByRole('link', { name: 'Ir a Modelos' }).click();
    await page
      .getByRole('button', { name: /^Descargar/ })
      .first()
      .click();
    await page.getByRole('link', { name: 'Conversar' }).click();
    expect(await thread()).toEqual(before);
    await page.locator('.chip').getByText('listo').waitFor({ timeout: PATIENCE });
    await say(page, QUESTION);
    expect(await finishedAnswer(page)).toMatch(ANSWER);
    const written = await thread();
    await page.reload();
    await expect.poll(thread, { timeout: PATIENCE }).toEqual(written);
  });

  it('touches nothing that a newer version stored, and says so', async () => {
    await page.evaluate(
      () =>
        new Promise<void>((resolve, reject) => {
          const request = indexedDB.open('yupana-conversations');
          request.onerror = () => reject(new Error('no database'));
          request.onsuccess = () => {
            const db = request.result;
            const transaction = db.transaction('data', 'readwrite');
            transaction.objectStore('data').put(2, 'schema');
            transaction.oncomplete = () => {
              db.close();
              resolve();
            };
          };
        }),
    );
    await page.reload();
    await page.getByText('Los datos guardados son de una versión más nueva').first().waitFor();
    await composer(page).waitFor({ timeout: PATIENCE });
  });

  it('says that another tab holds its store back, and goes on once that tab is closed', async () => {
    const second = await profile.context.newPage();
    // The app itself: nothing else of this origin may reach a store.
    await second.goto(server.url);
    await composer(second).waitFor({ timeout: PATIENCE });
    // As a tab of an older version would: it does not answer "versionchange", and what waits for it waits.
    await second.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const open = indexedDB.open('yupana-conversations');
          open.onsuccess = () => {
            Object.assign(globalThis, { held: open.result });
            indexedDB.deleteDatabase('yupana-conversations').onblocked = () => resolve();
          };
        }),
    );
    await page.reload();
    await page.getByText('impide abrir los datos').first().waitFor();
    await second.close();
    await page.reload();
    await composer(page).waitFor({ timeout: PATIENCE });
    expect(await page.getByText('impide abrir los datos').count()).toBe(0);
  });
});

// What a person meets before the first good answer, on a machine without a graphics card and without internet: advice that
// holds, a look-up that gives up in time, a load that only goes on.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { es } from '../../src/app/text/es/dictionary.ts';
import { openProfile, serveApp, watchErrors, type Profile } from './harness.ts';
import { composer, firstRun, PATIENCE } from './talk.ts';

/** Every percentage that the chip in the header shows, from the page's first moment on. */
const watchChip = (page: Page) =>
  page.addInitScript(() => {
    const seen: number[] = [];
    Object.assign(globalThis, { seenPercents: seen });
    new MutationObserver(() => {
      const text = document.querySelector('.chip.working .state')?.textContent ?? '';
      const percent = /(\d+)\s*%/.exec(text)?.[1];
      if (percent !== undefined && seen.at(-1) !== Number(percent)) seen.push(Number(percent));
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
const seenPercents = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { seenPercents: number[] }).seenPercents);

describe.each([
  { engine: 'without a graphics card', webgpu: false },
  { engine: 'with one', webgpu: true },
])('the first minutes, $engine', ({ webgpu }) => {
  let server: Awaited<ReturnType<typeof serveApp>>;
  let profile: Profile;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    server = await serveApp();
    profile = await openProfile({ webgpu });
    page = await profile.context.newPage();
    errors = watchErrors(page);
    await firstRun(page, server.url);
  });
  afterAll(async () => {
    await profile.close();
    await server.close();
  });

  it('a load only goes on', async () => {
    await watchChip(page);
    await page.reload();
    await composer(page).waitFor({ timeout: PATIENCE });
    await page.locator('.chip.full').getByText('listo').waitFor({ timeout: PATIENCE });
    const seen = await seenPercents(page);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  if (webgpu) return;

  const card = (id: string) => page.locator(`li[data-model="${id}"]`);

  it('what cannot run here is no click away, and says why, how much, how long', async () => {
    await page.getByRole('link', { name: 'Modelos', exact: true }).first().click();
    const large = card('llama-3.1-8b-instruct-q4f16_1');
    expect(await large.locator('summary').filter({ hasText: es.library.fit.label }).innerText()).toContain(
      `${es.library.fit.fits.no}: ${es.library.fit.reasons['cpu-limit']}`,
    );
    expect(await large.locator('.button.acts').count()).toBe(0);
    expect(await card('latam-gpt-70b-sft-q3f16_1').locator('.button.acts').count()).toBe(0);
    await large.getByRole('button', { name: es.models.getAnyway }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.innerText()).toMatch(/4[.,]53 GB[^]*megabits por segundo tarda 1 h/);
    await dialog.getByRole('button', { name: es.app.cancel }).click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(await large.getAttribute('data-state')).toBe('absent');
  });

  it('what can run says how fast it would write, and one is recommended', async () => {
    const small = card('llama-3.2-1b-instruct-q4f16_1');
    expect(await small.locator('summary').filter({ hasText: es.library.fit.label }).innerText()).toMatch(
      /Escribiría unas [\d.,]+ palabras por segundo/,
    );
    expect(await page.getByText(es.library.fit.recommended).count()).toBe(1);
  });

  it('a look-up that nobody answers ends after three tries, says who, and shows the way by hand', async () => {
    let asked = 0;
    await profile.context.route('https://huggingface.co/**', (route) => {
      asked++;
      return route.abort('connectionrefused');
    });
    await page.getByRole('button', { name: es.library.add.open }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(es.library.add.label).fill('cuenta/no-existe');
    // Nothing is asked before it is shown what.
    await dialog.getByRole('button', { name: es.library.add.look, disabled: false }).waitFor();
    await page.keyboard.press('Enter');
    await dialog
      .getByText('huggingface.co no contestó, o no deja que una página lea sus archivos: se intentó 3 veces')
      .waitFor();
    expect(asked).toBe(5); // once for the listing, which is optional, and once whether it is there at all
    await profile.context.setOffline(true);
    await page.keyboard.press('Enter');
    await dialog.getByText('No hay internet.').waitFor();
    expect(asked).toBe(5);
    await dialog.getByRole('button', { name: es.library.add.byHand }).click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(await page.locator('#add-local button:focus').count()).toBe(1);
    await profile.context.setOffline(false);
  });

  it('broke nothing on the way', () => {
    expect(errors.filter((error) => !error.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
  });
});

// Files attached to a message, read and used on this device; feedback and a donation. No request is made for any of it.

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { makeDocx, makePdf, paragraph } from '../../src/app/features/documents/test-files.ts';
import { openProfile, serveApp, watchErrors, type Profile } from './harness.ts';
import { composer, finishedAnswer, firstRun, lastAnswer, PATIENCE, say } from './talk.ts';

const sentence = (i: number): string => `El vecino ${i} camina despacio hacia su casa por la tarde.`;
const PDF = makePdf([
  Array.from({ length: 30 }, (_, i) => sentence(i)),
  [
    'La quena es una flauta de los Andes, hecha de una caña.',
    ...Array.from({ length: 30 }, (_, i) => sentence(i + 40)),
  ],
  Array.from({ length: 30 }, (_, i) => sentence(i + 80)),
]);
const HEADING = '<w:p><w:pPr><w:pStyle w:val="Ttulo1"/></w:pPr><w:r><w:t>La célula</w:t></w:r></w:p>';
const DOCX = makeDocx(HEADING + paragraph('La célula es la unidad de la vida.'));

describe('attached files', () => {
  let server: Awaited<ReturnType<typeof serveApp>>;
  let profile: Profile;
  let page: Page;
  let errors: string[];
  /** Requests that reached the network: not those that a cache or the service worker answered. */
  const requests: string[] = [];

  beforeAll(async () => {
    server = await serveApp();
    profile = await openProfile({ width: 1000, height: 800 });
    page = await profile.context.newPage();
    errors = watchErrors(page);
    await firstRun(page, server.url);
    // The parts that come after the shell are here, and the service worker serves the page from now on.
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.reload();
    await composer(page).waitFor({ timeout: PATIENCE });
    await page.waitForLoadState('networkidle');
    // Whatever still asks is counted where nothing can hide it: there is no server any more.
    await server.close();
    profile.context.on('requestfailed', (request) => {
      // What the canary tries is refused by a policy before it becomes a request.
      if (request.failure()?.errorText !== 'csp') requests.push(request.url());
    });
  });
  afterAll(async () => {
    await profile.close();
  });

  const choose = (...files: { name: string; mimeType: string; buffer: Buffer }[]) =>
    page.locator('form input[type=file]').setInputFiles(files);
  const chips = () => page.locator('ul[aria-label="Archivos adjuntos"] > li[data-state]');
  const states = async () =>
    chips().evaluateAll((items) => items.map((item) => item.getAttribute('data-state')));

  it('are read, or refused in words, and taken away by keyboard', async () => {
    await choose(
      { name: 'vecinos.pdf', mimeType: 'application/pdf', buffer: Buffer.from(PDF) },
      { name: 'célula.docx', mimeType: '', buffer: Buffer.from(DOCX) },
      { name: 'foto.png', mimeType: 'image/png', buffer: Buffer.from('x') },
    );
    await expect.poll(states, { timeout: PATIENCE }).toEqual(['ready', 'ready', 'failed']);
    expect(await chips().nth(2).innerText()).toContain('Sirven .txt, .md, .csv, .pdf y .docx.');
    await page.getByRole('button', { name: 'Quitar foto.png' }).focus();
    await page.keyboard.press('Enter');
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    await expect.poll(focused).toBe('Quitar célula.docx'); // the one before it
    await page.keyboard.press('Enter');
    await expect.poll(() => chips().count()).toBe(1);
    expect(await chips().innerText()).toContain('vecinos.pdf');
  });

  it('come by drop and by paste too', async () => {
    for (const kind of ['drop', 'paste'] as const)
      await page.evaluate((kind) => {
        const data = new DataTransfer();
        data.items.add(new File(['Nombre;Nota\nAna;10'], `${kind}.csv`));
        document
          .querySelector('#composer')
          ?.dispatchEvent(
            kind === 'drop'
              ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
              : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
          );
      }, kind);
    await expect.poll(states, { timeout: PATIENCE }).toEqual(['ready', 'ready', 'ready']);
    await page.getByRole('button', { name: 'Quitar drop.csv' }).click();
    await page.getByRole('button', { name: 'Quitar paste.csv' }).click();
  });

  it('give an answer the passages that fit, with where they stand', async () => {
    await say(page, '¿De qué está hecha la quena?');
    await finishedAnswer(page);
    const sources = lastAnswer(page).locator('details.sources');
    await sources.locator('summary').first().click();
    expect(await sources.innerText()).toMatch(/No cabía todo el texto|todo el texto adjunto/);
    const passage = sources.locator('li').filter({ hasText: 'vecinos.pdf, p. 2' }).first();
    await passage.locator('summary').click();
    await expect.poll(() => passage.locator('blockquote').innerText()).toContain('hecha de una caña');
    expect(await page.locator('li.mine').innerText()).toContain('vecinos.pdf');
  });

  it('stay with the message, in the store and in its export', async () => {
    await page.reload();
    await composer(page).waitFor({ timeout: PATIENCE });
    await expect.poll(() => page.locator('li.mine').innerText()).toContain('vecinos.pdf');
    await page.getByRole('button', { name: 'Guardar o imprimir' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Guardar con todas las versiones (JSON)' }).click(),
    ]);
    const text = await readFile(await download.path(), 'utf8');
    const file = JSON.parse(text) as {
      conversations: { nodes: Record<string, { attachments?: object[] }> }[];
    };
    const nodes = Object.values(file.conversations[0]?.nodes ?? {});
    expect(nodes.flatMap(({ attachments }) => attachments ?? [])).toMatchObject([
      { name: 'vecinos.pdf', kind: 'pdf' },
    ]);
    expect(text).toContain('hecha de una caña');
  });

  it('are given with nothing struck unseen: a donation is a file, and says what it holds', async () => {
    await lastAnswer(page).getByRole('button', { name: 'Mala respuesta' }).click();
    await lastAnswer(page).getByText('Dice algo falso').click();
    await lastAnswer(page).getByRole('button', { name: 'Listo' }).click();
    await page.getByRole('button', { name: 'Guardar o imprimir' }).click();
    await page.getByRole('button', { name: 'Donar a Latam-GPT' }).click();
    const dialog = page.getByRole('dialog').last();
    await dialog.getByRole('textbox', { name: 'Tachar un nombre o palabra en todas partes' }).fill('quena');
    await dialog.getByRole('button', { name: 'Tachar', exact: true }).click();
    await dialog.getByText('Así queda en el archivo').click();
    const shown = await dialog.locator('pre').innerText();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Guardar el archivo para donar' }).click(),
    ]);
    const given = await readFile(await download.path(), 'utf8');
    expect(given.trim()).toBe(shown.trim());
    const line = JSON.parse(given) as {
      messages: { role: string; content: string; rating?: string; reasons?: string[] }[];
    };
    expect(line.messages.find(({ role }) => role === 'user')?.content).toBe('¿De qué está hecha la [name]?');
    expect(line.messages.at(-1)).toMatchObject({ rating: 'down', reasons: ['false'] });
  });

  it('asked the network for nothing', () => {
    expect(requests).toEqual([]);
    expect(errors.filter((text) => !/Content Security Policy|Failed to load resource/.test(text))).toEqual(
      [],
    );
  });
});

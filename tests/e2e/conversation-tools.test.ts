// What a person does with a conversation besides writing it: another wording, a file, paper, a file brought back.

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Download, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/install.mjs';
import { openProfile, serveApp, watchErrors, type Profile } from './harness.ts';
import { finishedAnswer, firstRun, say } from './talk.ts';

const contents = async (download: Download): Promise<string> => readFile(await download.path(), 'utf8');

describe('a conversation', () => {
  let server: Awaited<ReturnType<typeof serveApp>>;
  let profile: Profile;
  let page: Page;
  let errors: string[];
  let everything: string;

  beforeAll(async () => {
    server = await serveApp();
    profile = await openProfile({ width: 360, height: 740 });
    page = await profile.context.newPage();
    errors = watchErrors(page);
  });
  afterAll(async () => {
    await profile.close();
    await server.close();
  });

  const said = () => page.locator('li.mine .said').allInnerTexts();

  const downloaded = async (button: string): Promise<Download> => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: button }).click(),
    ]);
    return download;
  };

  it('begins', async () => {
    await firstRun(page, server.url);
    await say(page, '¿Cuál es la capital de Bolivia?');
    expect(await finishedAnswer(page)).not.toBe('');
  });

  it('takes another wording as a branch; Esc leaves it as it was', async () => {
    const pencil = page.getByRole('button', { name: 'Editar', exact: true });
    const field = page.getByRole('textbox', { name: 'Tu mensaje, con otras palabras' });
    await pencil.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => field.inputValue()).toBe('¿Cuál es la capital de Bolivia?');
    await field.fill('otra cosa');
    await page.keyboard.press('Escape');
    expect(await said()).toEqual(['¿Cuál es la capital de Bolivia?']);
    expect(await pencil.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await field.fill('¿Y la de Perú?');
    await page.keyboard.press('Enter');
    // The branch stands there first: the answer before it is finished too.
    await expect.poll(said).toEqual(['¿Y la de Perú?']);
    expect(await finishedAnswer(page)).not.toBe('');
    await page.getByRole('button', { name: 'Versión anterior' }).click();
    await expect.poll(said).toEqual(['¿Cuál es la capital de Bolivia?']);
  });

  it('loses a version, and gets it back', async () => {
    await page.getByRole('button', { name: 'Eliminar esta versión y lo que sigue' }).click();
    await expect.poll(said).toEqual(['¿Y la de Perú?']);
    await page.getByRole('button', { name: 'Deshacer' }).click();
    await expect.poll(said).toEqual(['¿Cuál es la capital de Bolivia?']);
  });

  it('is saved as Markdown and as JSON, under the policy of the page', async () => {
    await page.getByRole('button', { name: 'Guardar o imprimir' }).click();
    const markdown = await downloaded('Guardar como texto (Markdown)');
    expect(markdown.suggestedFilename()).toMatch(/\.md$/);
    expect(await contents(markdown)).toContain('## Tú\n\n¿Cuál es la capital de Bolivia?');
    await page.getByRole('button', { name: 'Guardar o imprimir' }).click();
    const json = JSON.parse(await contents(await downloaded('Guardar con todas las versiones (JSON)'))) as {
      conversations: { nodes: object }[];
    };
    expect(Object.keys(json.conversations[0]?.nodes ?? {})).toHaveLength(4);
  });

  it('is printed alone, with date, model and a warning', async () => {
    await page.emulateMedia({ media: 'print' });
    const paper = await page.locator('body').innerText();
    expect(paper).toContain('Borrador: revísalo');
    const { models } = JSON.parse(readFileSync(path.join(root, 'models/catalog.json'), 'utf8')) as {
      models: { id: string; about: { es: string } }[];
    };
    expect(paper).toContain(models.find(({ id }) => id === 'semilla-q4f16_1')?.about.es);
    expect(paper).toContain(String(new Date().getFullYear()));
    expect(paper).toContain('¿Cuál es la capital de Bolivia?');
    expect(await page.locator('button:visible, nav:visible, textarea:visible').count()).toBe(0);
    await page.emulateMedia({ media: null });
  });

  it('comes back from a file with everything in it', async () => {
    await page.getByRole('link', { name: 'Ajustes' }).click();
    const download = await downloaded('Guardar todo en un archivo');
    everything = await contents(download);
    await page.getByText(`Se guardó ${download.suggestedFilename()} en tus descargas.`).waitFor();
    const choose = page.locator('section:not(#settings-personas) input[type=file]');
    const bring = (text: string) =>
      choose.setInputFiles({ name: 'a.json', mimeType: 'application/json', buffer: Buffer.from(text) });
    await bring(everything);
    await page.getByText('No se agregó ninguna conversación. 1 ya estaba aquí, igual.').waitFor();
    await bring(everything.replace('"title":"', '"title":"Copia de '));
    await page.getByText('Se agregó 1 conversación. 1 es otra versión').waitFor();
    await bring('{"format":"yupana"');
    await page.locator('.fault').waitFor();
  });

  it('is equal, to the last field, where another browser takes it in and gives it out again', async () => {
    const other = await openProfile({ webgpu: false });
    const there = await other.context.newPage();
    await there.goto(`${server.url}#/settings`);
    await there
      .locator('section:not(#settings-personas) input[type=file]')
      .setInputFiles({ name: 'todo.json', mimeType: 'application/json', buffer: Buffer.from(everything) });
    await there.getByText('Se agregó 1 conversación.').waitFor();
    const [download] = await Promise.all([
      there.waitForEvent('download'),
      there.getByRole('button', { name: 'Guardar todo en un archivo' }).click(),
    ]);
    const conversationsOf = (text: string) => (JSON.parse(text) as { conversations: object[] }).conversations;
    expect(conversationsOf(await contents(download))).toEqual(conversationsOf(everything));
    await other.close();
  });

  it('keeps instructions by name: saved, taken away and back, brought from a file, refused in words', async () => {
    const section = page.locator('#settings-personas');
    const names = section.locator('li .name');
    await section.getByRole('button', { name: 'En lenguaje claro' }).click();
    await page.getByRole('dialog').getByLabel('Nombre').fill('Palabras claras');
    await page.keyboard.press('Enter');
    await expect.poll(() => names.allInnerTexts()).toEqual(['Palabras claras']);
    await section.getByRole('button', { name: 'Eliminar “Palabras claras”' }).click();
    await expect.poll(() => names.count()).toBe(0);
    await page.getByRole('button', { name: 'Deshacer' }).click();
    await expect.poll(() => names.count()).toBe(1);
    const bring = (text: string) =>
      section
        .locator('input[type=file]')
        .setInputFiles({ name: 'p.json', mimeType: 'application/json', buffer: Buffer.from(text) });
    await bring(
      '{"yupanaPersonas":1,"personas":[{"id":"a","name":"Otra","text":"Responde breve."},{"id":7}]}',
    );
    await expect.poll(() => names.allInnerTexts()).toEqual(['Palabras claras', 'Otra']);
    await bring('{"personas":[]}');
    await section.locator('.fault').waitFor();
    await page.reload();
    await expect.poll(() => names.allInnerTexts()).toEqual(['Palabras claras', 'Otra']);
  });

  it('is found by a word of another branch, and opens there', async () => {
    await page.getByRole('link', { name: 'Conversar' }).click();
    await page.getByRole('button', { name: 'Ver conversaciones' }).click();
    await page.getByRole('searchbox', { name: 'Buscar en las conversaciones' }).fill('y la peru');
    await page.getByText('2 conversaciones.').waitFor();
    await page.getByRole('list', { name: 'Resultados' }).getByRole('link').last().click();
    await expect.poll(said).toEqual(['¿Y la de Perú?']);
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.querySelector('.said')?.textContent))
      .toBe('¿Y la de Perú?');
  });

  it('broke nothing on the way', () => {
    expect(errors).toEqual([]);
  });
});

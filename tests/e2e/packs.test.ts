// Out of one browser and into another by hand, without a network: the self-test, a pack with the app on a "stick", the copied
// app served by its own tiny server, the pack into a second profile, and a conversation there. Plus what the storage page does.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/install.mjs';
import { openProfile, serveApp, watchErrors, type Profile } from './harness.ts';
import { chooseExact, composer, finishedAnswer, firstRun, PATIENCE, say } from './talk.ts';

const MODEL = 'semilla-q4f16_1';

/** The page's private file system stands for the stick: its handles are real ones. */
function stubPicker(page: Page): Promise<unknown> {
  return page.addInitScript(() => {
    Object.assign(window, {
      showDirectoryPicker: async () =>
        (await navigator.storage.getDirectory()).getDirectoryHandle('stick', { create: true }),
    });
  });
}

/** Copies the stick's content to a folder of this machine. */
async function unload(page: Page, to: string): Promise<void> {
  const paths = await page.evaluate(async () => {
    const found: string[] = [];
    const walk = async (folder: FileSystemDirectoryHandle, below: string): Promise<void> => {
      for await (const handle of folder.values()) {
        const name = `${below}${handle.name}`;
        if (handle.kind === 'directory') await walk(handle, `${name}/`);
        else found.push(name);
      }
    };
    await walk(await (await navigator.storage.getDirectory()).getDirectoryHandle('stick'), '');
    return found;
  });
  for (const name of paths) {
    const content = await page.evaluate(async (wanted) => {
      const names = wanted.split('/');
      let folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('stick');
      for (const inner of names.slice(0, -1)) folder = await folder.getDirectoryHandle(inner);
      const file = await (await folder.getFileHandle(names.at(-1) ?? '')).getFile();
      return new Promise<string>((resolve) => {
        const reader = new FileReader();
        reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
        reader.readAsDataURL(file);
      });
    }, name);
    const file = path.join(to, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, Buffer.from(content, 'base64'));
  }
}

const controlled = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 20));
  });

const card = (page: Page) => page.locator(`li[data-model="${MODEL}"]`);

describe('a model and the app on a stick', () => {
  let stick: string;
  let profile: Profile;
  let page: Page;
  let errors: string[];
  let server: Awaited<ReturnType<typeof serveApp>>;
  let tiny: ChildProcess | undefined;

  beforeAll(async () => {
    stick = mkdtempSync(path.join(os.tmpdir(), 'yupana-stick-'));
    server = await serveApp();
    profile = await openProfile();
    page = await profile.context.newPage();
    errors = watchErrors(page);
    await stubPicker(page);
    await firstRun(page, server.url);
    await controlled(page);
    // From here on there is no network for this profile.
    await server.close();
    await profile.context.setOffline(true);
    await page.getByRole('link', { name: 'Modelos' }).first().click();
  });
  afterAll(async () => {
    tiny?.kill();
    await profile.close();
    rmSync(stick, { recursive: true, force: true });
  });

  it('proves that it needs no network, step by step', async () => {
    await card(page).getByRole('button', { name: 'Probar sin internet' }).click();
    await expect
      .poll(() => card(page).locator('[data-proved]').getAttribute('data-proved'), { timeout: PATIENCE })
      .toBe('true');
    const states = await card(page)
      .locator('[data-step]')
      .evaluateAll((steps) => steps.map((step) => step.getAttribute('data-step-state')));
    expect(states).toEqual(['good', 'good', 'good']);
    expect(await card(page).innerText()).toContain('ninguno salió a la red');
  });

  it('writes the pack and the app into the folder that was chosen', async () => {
    await card(page).getByRole('button', { name: 'Llevar a otra computadora' }).click();
    await page.getByRole('button', { name: 'Elegir la carpeta' }).click();
    await page.getByText(`yupana/models/${MODEL}`).waitFor({ timeout: PATIENCE });
    await page.getByText('Cerrar', { exact: true }).click();
    await unload(page, stick);
    const yupana = path.join(stick, 'yupana');
    expect(readdirSync(yupana).sort()).toEqual(
      [
        'LEEME.txt',
        'LEIAME.txt',
        'README.txt',
        'app',
        'models',
        'yupana.cmd',
        'yupana.mjs',
        'yupana.ps1',
        'yupana.py',
      ].sort(),
    );
    const original = path.join(root, 'dist', 'models', MODEL);
    for (const name of readdirSync(original))
      expect(
        readFileSync(path.join(yupana, 'models', MODEL, name)).equals(
          readFileSync(path.join(original, name)),
        ),
        name,
      ).toBe(true);
    // The copy is the app, to the byte, but for what a screen of installation shows.
    for (const name of readdirSync(path.join(root, 'dist'), { recursive: true, encoding: 'utf8' })) {
      const from = path.join(root, 'dist', name);
      if (statSync(from).isDirectory() || /^(models|screenshots|hosting|sets)|shell\.json$/.test(name))
        continue;
      if (/engine-web-llm/.test(name)) continue; // no part of the shell
      expect(readFileSync(path.join(yupana, 'app', name)).equals(readFileSync(from)), name).toBe(true);
    }
  });

  it('left no error on the first console', () => {
    expect(
      errors.filter(
        (text) => !/Content Security Policy|Failed to (load|fetch)|ERR_|engine-web-llm/.test(text),
      ),
    ).toEqual([]);
  });

  describe('in another browser', () => {
    let other: Profile;
    let there: Page;
    beforeAll(async () => {
      tiny = spawn(process.execPath, [path.join(stick, 'yupana', 'yupana.mjs'), '0'], { stdio: 'pipe' });
      const url = await new Promise<string>((resolve, reject) => {
        tiny?.stdout?.on('data', (data: Buffer) => {
          const found = /http:\S+/.exec(String(data))?.[0];
          if (found) resolve(found);
        });
        tiny?.stderr?.on('data', (data: Buffer) => reject(new Error(String(data))));
      });
      other = await openProfile({ width: 360, height: 740 });
      there = await other.context.newPage();
      await there.goto(`${url}#/models`);
      await card(there).waitFor({ timeout: PATIENCE });
      await controlled(there);
      tiny.kill();
      await other.context.setOffline(true);
    });
    afterAll(() => other.close());

    it('takes the pack in, verified against the catalog, with no server at all', async () => {
      await there.locator('input[webkitdirectory]').setInputFiles(path.join(stick, 'yupana', 'models'));
      const found = there.locator(`[data-found="${MODEL}"]`);
      await found.waitFor({ timeout: PATIENCE });
      expect(await found.innerText()).toContain('Es exactamente el del catálogo de Yupana.');
      await found.getByRole('button', { name: 'Agregar' }).click();
      await expect.poll(() => card(there).getAttribute('data-state'), { timeout: PATIENCE }).toBe('ready');
      expect(await there.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    });

    it('answers there with the golden text', async () => {
      await there.getByRole('link', { name: 'Conversar' }).first().click();
      await composer(there).waitFor({ timeout: PATIENCE });
      await chooseExact(there);
      const question = '¿Cuál es la capital de Bolivia?';
      await say(there, question);
      const golden = JSON.parse(
        readFileSync(path.join(root, 'tests/golden/semilla/golden.json'), 'utf8'),
      ) as {
        chats?: { messages: { content: string }[]; text: string }[];
      };
      const answer = await finishedAnswer(there);
      expect(answer.length).toBeGreaterThan(3);
      expect(JSON.stringify(golden)).toContain(JSON.stringify(answer).slice(1, -1));
    });

    it('shows what is stored, checks it, and deletes it without a network', async () => {
      await there.getByRole('link', { name: 'Modelos' }).first().click();
      const row = there.locator(`[data-stored="${MODEL}"]`);
      await row.waitFor();
      expect(await row.innerText()).toMatch(/completo y comprobado\. Usado por última vez/);
      await expect.poll(() => there.getByText('Conversaciones y su índice de búsqueda').count()).toBe(1);
      await row.getByRole('button', { name: 'Eliminar' }).click();
      await there.getByRole('dialog').getByRole('button', { name: 'Eliminar' }).click();
      await expect.poll(() => row.count(), { timeout: PATIENCE }).toBe(0);
      expect(await card(there).getAttribute('data-state')).toBe('absent');
    });
  });
});

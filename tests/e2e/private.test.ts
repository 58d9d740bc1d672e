// Temporary conversations leave nothing behind; locked ones cannot be read without the passphrase, and close in every tab.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProfile, serveApp, watchErrors, type Profile } from './harness.ts';
import { composer, finishedAnswer, firstRun, PATIENCE, say } from './talk.ts';

/** Every place where a page of this origin can leave something: databases, both storages, caches, titles and addresses. */
function leftBehind(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const found: string[] = [document.title, location.href];
    const text = async (value: unknown): Promise<string> => {
      if (value instanceof Blob) return value.size < 2_000_000 ? value.text() : '';
      if (value instanceof ArrayBuffer || ArrayBuffer.isView(value))
        return value.byteLength < 2_000_000 ? new TextDecoder('latin1').decode(value) : '';
      if (typeof value === 'object' && value !== null)
        return (
          await Promise.all(Object.entries(value).map(async ([key, each]) => `${key}=${await text(each)}`))
        ).join(' ');
      return String(value);
    };
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name ?? '');
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(new Error(name));
      });
      for (const store of database.objectStoreNames) {
        const read = (kind: 'getAll' | 'getAllKeys') =>
          new Promise<unknown[]>((resolve, reject) => {
            const request = database.transaction(store).objectStore(store)[kind]();
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(new Error(store));
          });
        for (const value of [...(await read('getAllKeys')), ...(await read('getAll'))])
          found.push(`${name} ${await text(value)}`);
      }
      database.close();
    }
    found.push(JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }));
    for (const name of await caches.keys())
      for (const request of await (await caches.open(name)).keys()) found.push(request.url);
    const files = async (folder: FileSystemDirectoryHandle): Promise<void> => {
      for await (const [name, handle] of folder.entries()) {
        found.push(name);
        if (handle instanceof FileSystemDirectoryHandle) await files(handle);
        else found.push(await text(await (handle as FileSystemFileHandle).getFile()));
      }
    };
    await files(await navigator.storage.getDirectory());
    return found.join('\n');
  });
}

describe('private conversations', () => {
  let server: Awaited<ReturnType<typeof serveApp>>;
  let profile: Profile;
  let page: Page;
  let errors: string[];
  const SECRET = 'zarzamora';
  const PASSPHRASE = 'cuatro llamas cruzan despacio';

  beforeAll(async () => {
    server = await serveApp();
    profile = await openProfile();
    page = await profile.context.newPage();
    errors = watchErrors(page);
    await firstRun(page, server.url);
  });
  afterAll(async () => {
    await profile.close();
    await server.close();
  });

  const fresh = () => page.getByRole('button', { name: 'Conversación nueva' }).first().click();
  const privacy = () => page.getByRole('button', { name: 'Privacidad de esta conversación' });

  it('the look into every store would find what is kept', async () => {
    await say(page, 'Háblame del mandacaru.');
    await finishedAnswer(page);
    expect(await leftBehind(page)).toContain('mandacaru');
  });

  it('a temporary one is marked, and in no store, title or address', async () => {
    await fresh();
    await page.getByRole('radio', { name: 'En ningún lado' }).check({ force: true });
    await say(page, `Dime algo de la ${SECRET}.`);
    await finishedAnswer(page);
    expect(await page.getByText('no se guarda en ningún lado').count()).toBe(1);
    // A page that goes away writes down what it shows: not of this one.
    await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
    const list = page.locator('#conversations');
    await expect.poll(() => list.innerText()).toContain('Temporales');
    expect(await leftBehind(page)).not.toContain(SECRET);
    await page.reload();
    await composer(page).waitFor({ timeout: PATIENCE });
    expect(await list.innerText()).not.toContain(SECRET);
  });

  it('a vault is made in the settings, with its warning and a hint', async () => {
    await page.getByRole('link', { name: 'Ajustes' }).click();
    const section = page.locator('section[data-vault]');
    await section.getByRole('button', { name: 'Crear la caja fuerte' }).click();
    const dialog = page.getByRole('dialog');
    const create = dialog.getByRole('button', { name: 'Crear la caja fuerte' });
    await dialog.getByLabel('Frase', { exact: true }).fill('corta');
    await dialog.getByText('Muy corta todavía.').waitFor();
    await dialog.getByLabel('Frase', { exact: true }).fill(PASSPHRASE);
    await dialog.getByLabel('La frase otra vez').fill(PASSPHRASE);
    expect(await dialog.innerText()).toContain('nadie puede recuperar');
    expect(await create.isDisabled()).toBe(true);
    await dialog.getByRole('checkbox').check();
    await create.click();
    await expect.poll(() => section.getAttribute('data-vault'), { timeout: PATIENCE }).toBe('open');
  });

  it('a conversation goes under lock: its words and its title leave every store', async () => {
    await page.getByRole('link', { name: 'Conversar' }).click();
    await page.locator('#conversations a').filter({ hasText: 'mandacaru' }).first().click();
    await privacy().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Poner bajo llave' }).click();
    await page.getByText('Conversación bajo llave:').waitFor();
    await expect.poll(() => leftBehind(page)).not.toContain('mandacaru');
  });

  it('one that begins under lock is never in plain, and is found while it is open', async () => {
    await fresh();
    await page.getByRole('radio', { name: 'Bajo llave' }).check({ force: true });
    await say(page, `Otra vez la ${SECRET}.`);
    await finishedAnswer(page);
    expect(await leftBehind(page)).not.toContain(SECRET);
    const search = page.getByRole('searchbox', { name: 'Buscar en las conversaciones' });
    await search.fill(SECRET);
    await page.getByText('1 conversación.').waitFor();
    await search.fill('');
  });

  it('closes in every tab, and takes what was shown off the screen', async () => {
    const other = await profile.context.newPage();
    await other.goto(`${server.url}#/settings`);
    const section = other.locator('section[data-vault]');
    await expect.poll(() => section.getAttribute('data-vault'), { timeout: PATIENCE }).toBe('closed');
    await section.getByLabel('Frase').fill('otra frase cualquiera');
    await section.getByRole('button', { name: 'Abrir la caja fuerte' }).click();
    await section
      .getByText('La frase no es la de las conversaciones bajo llave.')
      .waitFor({ timeout: PATIENCE });
    await section.getByLabel('Frase').fill(PASSPHRASE);
    await section.getByRole('button', { name: 'Abrir la caja fuerte' }).click();
    await expect.poll(() => section.getAttribute('data-vault'), { timeout: PATIENCE }).toBe('open');
    await section.getByRole('button', { name: 'Cerrar la caja fuerte' }).click();
    await expect.poll(() => page.locator('li.mine').count()).toBe(0);
    expect(await page.locator('body').innerText()).not.toContain(SECRET);
    expect(await page.title()).toBe('Yupana');
    await other.close();
  });

  it('opens with another passphrase once it is changed, and gives a conversation back', async () => {
    await page.getByRole('link', { name: 'Ajustes' }).click();
    await page.getByRole('button', { name: 'Cambiar la frase' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Frase actual').fill(PASSPHRASE);
    await dialog.getByLabel('Frase nueva').fill('siete ríos bajan juntos al mar');
    await dialog.getByLabel('La frase otra vez').fill('siete ríos bajan juntos al mar');
    await dialog.getByRole('button', { name: 'Cambiar la frase' }).click();
    await page.getByText('La frase cambió.').waitFor({ timeout: PATIENCE });
    const section = page.locator('section[data-vault]');
    await section.getByLabel('Frase').fill('siete ríos bajan juntos al mar');
    await section.getByRole('button', { name: 'Abrir la caja fuerte' }).click();
    await expect.poll(() => section.getAttribute('data-vault'), { timeout: PATIENCE }).toBe('open');
    await page.getByRole('link', { name: 'Conversar' }).click();
    await page.locator('#conversations a').filter({ hasText: 'mandacaru' }).first().click();
    await privacy().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Sacar de la caja fuerte' }).click();
    await expect.poll(() => leftBehind(page)).toContain('mandacaru');
  });

  it('broke nothing on the way', () => {
    expect(errors).toEqual([]);
  });
});

// The message field and what stands in it: Send is always whole, what does not fit is not sent, one dialog follows another.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en } from '../../src/app/text/en/dictionary.ts';
import { es } from '../../src/app/text/es/dictionary.ts';
import { pt } from '../../src/app/text/pt/dictionary.ts';
import { self as portuguese } from '../../src/app/text/pt/self.ts';
import { openProfile, serveApp, watchErrors, type Profile } from './harness.ts';
import { composer, finishedAnswer, firstRun, say } from './talk.ts';

const DICTIONARIES = { es, pt, en };
type Language = keyof typeof DICTIONARIES;
const LANGUAGES = ['pt', 'en', 'es'] as const;
const WIDTHS = [320, 360, 768, 1280, 1920];
/** WCAG 2.5.5, and a thumb. */
const TARGET = 44;

describe('the composer', () => {
  let server: Awaited<ReturnType<typeof serveApp>>;
  let profile: Profile;
  let page: Page;
  let errors: string[];
  let shown: Language = 'es';

  beforeAll(async () => {
    server = await serveApp();
    profile = await openProfile();
    page = await profile.context.newPage();
    await page.emulateMedia({ reducedMotion: 'reduce' }); // what slides is not measured on its way
    errors = watchErrors(page);
    await firstRun(page, server.url);
  });
  afterAll(async () => {
    await profile.close();
    await server.close();
  });

  /** By the palette, from wherever the page is. */
  async function speak(language: Language): Promise<void> {
    if (language === shown) return;
    await page.keyboard.press('Control+k');
    const { keys } = DICTIONARIES[shown];
    await page
      .getByRole('combobox', { name: keys.paletteField })
      .fill(keys.language(DICTIONARIES[language].name));
    await page.keyboard.press('Enter');
    shown = language;
    await expect
      .poll(() => page.evaluate(() => document.documentElement.lang))
      .toMatch(new RegExp(`^${language}`));
  }

  /** What is wrong with the boxes of the field's buttons: too small, outside, one over another. */
  const faults = () =>
    page.evaluate((target) => {
      const found: string[] = [];
      const round = ({ left, right, top, bottom }: DOMRect) =>
        [left, right, top, bottom].map(Math.round).join(' ');
      const box = document.querySelector('form .box')!.getBoundingClientRect();
      const buttons = [...document.querySelectorAll('form .tools button')].map((button) => ({
        name: button.getAttribute('aria-label') ?? '',
        rect: button.getBoundingClientRect(),
      }));
      if (!document.querySelector('form .tools button.acts')) found.push('there is no button to send');
      for (const [i, { name, rect }] of buttons.entries()) {
        if (rect.width < target || rect.height < target)
          found.push(`${name}: ${rect.width} x ${rect.height}`);
        if (rect.left < box.left || rect.right > box.right || rect.top < box.top || rect.bottom > box.bottom)
          found.push(`${name} at ${round(rect)} lies outside ${round(box)}`);
        if (rect.right > innerWidth) found.push(`${name} ends at ${rect.right} of ${innerWidth}`);
        for (const other of buttons.slice(i + 1))
          if (
            rect.left < other.rect.right - 0.5 &&
            other.rect.left < rect.right - 0.5 &&
            rect.top < other.rect.bottom - 0.5 &&
            other.rect.top < rect.bottom - 0.5
          )
            found.push(`${name} lies over ${other.name}`);
      }
      return found;
    }, TARGET);

  async function measure(when: string): Promise<void> {
    const found: string[] = [];
    for (const language of LANGUAGES) {
      await page.setViewportSize({ width: 1280, height: 800 });
      await speak(language);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
        for (const fault of await faults()) found.push(`${language}, ${width} px, ${when}: ${fault}`);
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    expect(found).toEqual([]);
  }

  async function instruct(name: string): Promise<void> {
    await page.getByRole('button', { name: es.controls.persona }).click();
    await page.getByRole('menuitemradio', { name }).click();
  }

  it('keeps Send whole in every language and width, with and without instructions, before and after an answer', async () => {
    await measure('without instructions, before an answer');
    await instruct('Traducción entre español y portugués');
    await page.getByRole('button', { name: es.controls.language }).click();
    await page.getByRole('menuitemradio', { name: portuguese.answerIn }).click();
    await measure('with instructions, before an answer');
    await say(page, '¿Cuál es la capital de Bolivia?');
    await finishedAnswer(page);
    await measure('with instructions, after an answer');
    await instruct(es.controls.personaNone);
    await measure('without instructions, after an answer');
  });

  /** As many words, none of them twice in a row. */
  const words = (count: number) =>
    Array.from({ length: count }, (_, i) => ['sol', 'luna', 'río', 'maíz'][i % 4]).join(' ');
  const notice = () => page.locator('form [role=status].full, .foot .fault, .foot [role=alert]');
  const sendButton = () => page.getByRole('button', { name: es.chat.send, exact: true });

  it('does not send what cannot fit: says how much is too much, and makes a document of it', async () => {
    await composer(page).fill(`¿Qué dice? ${words(5000)}`);
    await page.locator('[data-over]').waitFor();
    expect(await page.locator('[data-over]').innerText()).toMatch(/sobran unas \d[\d.,]* palabras/);
    expect(await sendButton().isDisabled()).toBe(true);
    expect(await notice().count()).toBe(1);
    expect(await page.getByRole('meter').getAttribute('aria-valuetext')).toMatch(/\d/);
    expect(await page.getByRole('meter').innerText()).toContain('100');
    const turns = await page.locator('li.mine').count();
    await composer(page).press('Enter');
    expect(await page.locator('li.mine').count()).toBe(turns);
    expect(await composer(page).inputValue()).toContain('¿Qué dice?');
    await page.getByRole('button', { name: es.controls.attachText }).click();
    await page.locator('li[data-state=ready]').getByText(es.documents.pastedName).waitFor();
    expect(await composer(page).inputValue()).toBe('');
    await expect.poll(() => notice().count()).toBe(0);
    await page.getByRole('button', { name: es.documents.remove(es.documents.pastedName) }).click();
  });

  it('takes back what was sent before it was counted, in a new conversation, which is none then', async () => {
    const list = page.locator('#conversations a');
    const before = await list.count();
    await page.getByRole('button', { name: es.chat.fresh }).first().click();
    await page.locator('fieldset label').filter({ hasText: es.vault.keepers.temporary }).click();
    // Sent at once, by one step of the page: faster than any count.
    await page.evaluate((text) => {
      const field = document.querySelector<HTMLTextAreaElement>('#composer')!;
      field.value = text;
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    }, words(5000));
    await page.locator('[data-over]').waitFor();
    expect(await notice().count()).toBe(1);
    expect((await composer(page).inputValue()).length).toBe(words(5000).length);
    expect(await page.locator('li.mine').count()).toBe(0);
    expect(await list.count()).toBe(before);
    // Where it would have been kept is still what was chosen.
    expect(
      await page.locator('fieldset').getByRole('radio', { name: es.vault.keepers.temporary }).isChecked(),
    ).toBe(true);
    await page.locator('fieldset label').filter({ hasText: es.vault.keepers.open }).click();
    await composer(page).fill('');
    await expect.poll(() => page.getByRole('meter').count()).toBe(0);
    await page.goBack();
  });

  it('offers to attach a long paste, and keeps what is written beside it', async () => {
    const paste = (text: string) =>
      page.evaluate((pasted) => {
        const data = new DataTransfer();
        data.setData('text/plain', pasted);
        const field = document.querySelector<HTMLTextAreaElement>('#composer')!;
        field.focus();
        if (
          field.dispatchEvent(
            new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
          )
        )
          document.execCommand('insertText', false, pasted.replaceAll('\r\n', '\n'));
      }, text);
    await page.getByRole('button', { name: es.chat.fresh }).first().click();
    await composer(page).fill('¿De qué trata esto? ');
    await paste(words(200));
    expect(await page.locator('[data-pasted]').count()).toBe(0);
    await composer(page).fill('¿De qué trata esto? ');
    await paste(words(1600).replace(' ', '\r\n'));
    await page.locator('[data-pasted], [data-over]').waitFor();
    expect(await notice().count()).toBe(1);
    await page.getByRole('button', { name: es.controls.attachText }).click();
    await page.locator('li[data-state=ready]').waitFor();
    expect(await composer(page).inputValue()).toBe('¿De qué trata esto?');
    await page.getByRole('button', { name: es.documents.remove(es.documents.pastedName) }).click();
    await composer(page).fill('');
    await expect.poll(() => page.getByRole('meter').count()).toBe(0);
    await page.locator('#conversations a').first().click();
  });

  it('one dialog follows another: the vault from a conversation, the sheet and the files from the palette', async () => {
    const dialog = (name: string) => page.getByRole('dialog', { name, exact: true });
    const padlock = page.getByRole('button', { name: es.vault.privacy });
    const settled = () => page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    await padlock.click();
    await dialog(es.vault.privacy).getByRole('button', { name: es.vault.create }).click();
    await dialog(es.vault.createTitle).waitFor();
    await settled(); // the first one's event comes a task later
    expect(await page.getByRole('dialog').count()).toBe(1);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(await padlock.evaluate((element) => element === document.activeElement)).toBe(true);

    const { keys, chat } = es;
    for (const [words, name] of [
      [keys.names.sheet, keys.title],
      [keys.keep, chat.keep],
    ] as const) {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: keys.paletteField }).fill(words);
      await page.keyboard.press('Enter');
      await dialog(name).waitFor();
      await settled();
      expect(await page.getByRole('dialog').count()).toBe(1);
      await page.keyboard.press('Escape');
      await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    }

    // The donation lies over the files: each closes alone, then both.
    await page.getByRole('button', { name: chat.keep }).click();
    await dialog(chat.keep).getByRole('button', { name: es.donate.entry }).click();
    await dialog(es.donate.title).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog(es.donate.title).count()).toBe(0);
    expect(await dialog(chat.keep).count()).toBe(1);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });

  it('a vault that was made in a conversation leads back to what it is for', async () => {
    const dialog = (name: string) => page.getByRole('dialog', { name, exact: true });
    await page.getByRole('button', { name: es.vault.privacy }).click();
    await dialog(es.vault.privacy).getByRole('button', { name: es.vault.create }).click();
    const create = dialog(es.vault.createTitle);
    await create.locator('input').nth(0).fill('cuatro llamas cruzan despacio');
    await create.locator('input').nth(1).fill('cuatro llamas cruzan despacio');
    await create.getByRole('checkbox').check();
    await create.locator('button.acts').click();
    await dialog(es.vault.privacy).getByRole('button', { name: es.vault.lockThis }).click();
    await page.locator('[data-keeper=locked]').waitFor();
  });

  it('says why Enter sends nothing while an answer is written, and keeps the text', async () => {
    await page.getByRole('button', { name: es.chat.fresh }).first().click();
    await say(page, 'Escribe un cuento.');
    // In one step with the sight of the answer: it may be short.
    await page.waitForFunction(() => {
      const field = document.querySelector<HTMLTextAreaElement>('#composer');
      if (!field || !document.querySelector('li.answer.writing')) return false;
      field.value = 'y otro';
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
      return new Promise((resolve) =>
        requestAnimationFrame(() =>
          resolve(document.querySelector('.under')?.textContent?.includes('espera')),
        ),
      );
    });
    expect(await composer(page).inputValue()).toBe('y otro');
    await finishedAnswer(page);
    await expect.poll(() => page.locator('.under').innerText()).not.toContain('espera');
    await composer(page).fill('');
  });

  it('with all of them archived, the list says so', async () => {
    for (;;) {
      const rows = page
        .locator('#conversations .scroll li, #conversations ol li, #conversations li')
        .filter({ has: page.locator('[aria-haspopup=menu]') });
      if ((await rows.count()) === 0) break;
      const before = await rows.count();
      await rows.first().hover();
      await rows.first().locator('[aria-haspopup=menu]').click();
      await page.getByRole('menuitem', { name: es.list.archive }).click();
      await expect.poll(() => rows.count()).toBe(before - 1);
    }
    await page.locator('#conversations').getByText(es.list.allArchived).waitFor();
  });

  it('broke nothing on the way', () => {
    expect(errors).toEqual([]);
  });
});

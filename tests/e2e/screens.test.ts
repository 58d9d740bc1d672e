// Every screen in both themes and three languages: no axe violation, nothing wider than a 360 px screen. In short form the
// dark theme in Portuguese and English is judged by its colours alone.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/install.mjs';
import { en } from '../../src/app/text/en/dictionary.ts';
import { es } from '../../src/app/text/es/dictionary.ts';
import { pt } from '../../src/app/text/pt/dictionary.ts';
import { FULL } from '../host/tier.ts';
import { openProfile, serveApp, type Profile } from './harness.ts';
import { finishedAnswer, PATIENCE, say } from './talk.ts';

const AXE = readFileSync(
  createRequire(path.join(root, 'package.json')).resolve('axe-core/axe.min.js'),
  'utf8',
);
/** All rules of axe but these, experimental ones too: 7 to 1 is of level AAA, and there for whoever asks for more contrast. */
const NOT_MEANT: readonly string[] = ['color-contrast-enhanced'];

interface Violation {
  id: string;
  nodes: { html: string; failureSummary?: string }[];
}
declare global {
  var axe: {
    getRules(): { ruleId: string }[];
    run(
      context: object,
      options: object,
    ): Promise<{ violations: Violation[]; passes: unknown[]; incomplete: unknown[] }>;
  };
}

/** Violations as lines that say where: of every rule, or of what another theme can change. */
async function violations(page: Page, rules: 'all' | 'colours' = 'all'): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations: found, checked } = await page.evaluate(
    async ({ without, only }) => {
      const rules = globalThis.axe.getRules().map(({ ruleId }) => ruleId);
      const values = rules.filter((rule) => (only ? only.includes(rule) : !without.includes(rule)));
      const { violations, passes, incomplete } = await globalThis.axe.run(document, {
        runOnly: { type: 'rule', values },
      });
      return { violations, checked: passes.length + (only ? incomplete.length : 0) };
    },
    { without: NOT_MEANT, only: rules === 'all' ? null : ['color-contrast'] },
  );
  expect(checked, 'rules that axe found something to judge by').toBeGreaterThan(rules === 'all' ? 10 : 0);
  return found.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`),
  );
}

/** Elements that stick out of the viewport sideways: what a person would have to scroll for. */
const sticksOut = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const LANGUAGES = [
  { locale: 'es-UY', settings: 'Ajustes', models: 'Modelos', chat: 'Conversar', words: es },
  { locale: 'pt-BR', settings: 'Ajustes', models: 'Modelos', chat: 'Conversar', words: pt },
  { locale: 'en-US', settings: 'Settings', models: 'Models', chat: 'Chat', words: en },
] as const;

describe.each(LANGUAGES)('screens in $locale', (language) => {
  let server: Awaited<ReturnType<typeof serveApp>>;
  let profile: Profile;
  let page: Page;

  beforeAll(async () => {
    server = await serveApp();
    profile = await openProfile({ locale: language.locale, width: 360, height: 740 });
    page = await profile.context.newPage();
  });
  afterAll(async () => {
    await profile.close();
    await server.close();
  });

  async function inspect(): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      // The dark theme has the same elements and words in every language: there the rules on colours are judged again.
      const rules = FULL || language.locale === 'es-UY' || colorScheme === 'light' ? 'all' : 'colours';
      // Colours that change over take a moment.
      await expect
        .poll(() => violations(page, rules), { message: colorScheme, timeout: PATIENCE })
        .toEqual([]);
      expect(await sticksOut(page), `${colorScheme}: pixels beyond the right edge`).toBeLessThanOrEqual(0);
    }
  }

  it('first run', async () => {
    await page.goto(server.url);
    await page.locator('main .page button:not([disabled])').waitFor({ timeout: PATIENCE });
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(language.locale.slice(0, 2));
    await inspect();
  });

  it('an empty conversation, then one with an answer', async () => {
    await page.locator('main .page button').click();
    await page.locator('#composer').waitFor({ timeout: PATIENCE });
    await inspect();
    await say(page, '2 + 2');
    await finishedAnswer(page);
    await inspect();
  });

  it('attached files, one of them refused, and the place where the conversation stays', async () => {
    const { chat } = language.words;
    await page.getByRole('button', { name: chat.openList }).click();
    await page.getByRole('button', { name: chat.fresh }).first().click();
    await page.locator('form input[type=file]').setInputFiles([
      {
        name: 'apuntes.md',
        mimeType: '',
        buffer: Buffer.from('# La célula\n\nLa célula es la unidad de la vida.'),
      },
      { name: 'foto.png', mimeType: '', buffer: Buffer.from('x') },
    ]);
    await page.locator('li[data-state=ready]').waitFor({ timeout: PATIENCE });
    await page.locator('li[data-state=failed]').waitFor();
    await inspect();
    await page.locator('fieldset label').filter({ hasText: language.words.vault.keepers.temporary }).click();
    await say(page, '2 + 2');
    await page.locator('[data-keeper=temporary]').waitFor();
    await finishedAnswer(page);
    await page.locator('details.sources summary').first().click();
    await page.getByRole('button', { name: language.words.donate.down }).click();
    await page.getByText(language.words.donate.why).waitFor();
    await inspect();
  });

  it('what can be done with a conversation: privacy, files, a donation', async () => {
    const { chat, donate, vault } = language.words;
    await page.getByRole('button', { name: vault.privacy }).click();
    await page.getByRole('dialog').waitFor();
    await inspect();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: chat.keep }).click();
    await inspect();
    await page.getByRole('button', { name: donate.entry }).click();
    await page.locator('dialog summary').waitFor();
    await page.locator('dialog summary').click();
    await inspect();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  });

  it('the palette, which leads to a place, and the sheet of shortcuts', async () => {
    const { app, keys } = language.words;
    await page.keyboard.press('Control+k');
    const field = page.getByRole('combobox', { name: keys.paletteField });
    await field.waitFor();
    await inspect();
    await field.fill('zzzz');
    await expect.poll(() => page.getByRole('option').count()).toBe(1); // to search for it in the messages
    await field.fill(app.settings);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => location.hash)).toBe('#/settings');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: keys.title }).waitFor();
    await inspect();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await page.keyboard.press('Control+k');
    await field.waitFor();
    await page.keyboard.press('Control+k');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await page.keyboard.press('Shift+Escape');
    const focused = () => page.evaluate(() => document.activeElement?.id ?? '');
    await expect.poll(focused).toBe('composer');
    await page.getByRole('link', { name: language.models, exact: true }).first().click();
    await expect.poll(focused).toBe('main');
    await page.keyboard.press('Control+Shift+F');
    const search = page.getByRole('searchbox', { name: language.words.chat.search });
    await expect.poll(() => search.evaluate((field) => field === document.activeElement)).toBe(true);
    await page.keyboard.press('Escape');
  });

  it('models', async () => {
    await page.getByRole('link', { name: language.models, exact: true }).first().click();
    await page.locator('details').first().waitFor();
    for (const summary of await page.locator('main summary').all()) await summary.click();
    await inspect();
    const { library, packs } = language.words;
    for (const button of [packs.carry, library.add.open]) {
      await page.getByRole('button', { name: button }).first().click();
      await page.getByRole('dialog').waitFor();
      await inspect();
      await page.keyboard.press('Escape');
      await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    }
  });

  it('this computer', async () => {
    await page.goto(`${server.url}#/machine`);
    await page.locator('main h2').first().waitFor();
    await inspect();
  });

  it('settings', async () => {
    await page.getByRole('link', { name: language.settings, exact: true }).first().click();
    await page.locator('#settings-answers').waitFor();
    for (const summary of await page.locator('summary').all()) await summary.click();
    await inspect();
    await page.locator('#settings-personas').getByRole('button').first().click();
    await page.getByRole('dialog').waitFor();
    await inspect();
    await page.keyboard.press('Escape');
  });

  it('the lock: being made, open, and the list with it', async () => {
    const { chat, vault } = language.words;
    const section = page.locator('section[data-vault]');
    await section.getByRole('button', { name: vault.create }).click();
    const dialog = page.getByRole('dialog');
    const [first, second] = [dialog.locator('input').nth(0), dialog.locator('input').nth(1)];
    await first.fill('cuatro llamas cruzan despacio');
    await second.fill('cuatro llamas');
    await inspect();
    await second.fill('cuatro llamas cruzan despacio');
    await dialog.getByRole('checkbox').check();
    await dialog.locator('button.acts').click();
    await expect.poll(() => section.getAttribute('data-vault'), { timeout: PATIENCE }).toBe('open');
    await inspect();
    await page.getByRole('link', { name: language.chat, exact: true }).first().click();
    await page.getByRole('button', { name: chat.openList }).click();
    await page.locator('#private-locked').waitFor();
    await inspect();
  });
});

describe('a machine without WebGPU', () => {
  it('learns that it is slower, how slow and why, and answers all the same, in Spanish', async () => {
    const server = await serveApp();
    const profile = await openProfile({ webgpu: false, width: 360, height: 740 });
    try {
      const page = await profile.context.newPage();
      await page.goto(server.url);
      const note = page.locator('[data-without-gpu]');
      await note.waitFor({ timeout: PATIENCE });
      expect(await note.innerText()).toMatch(
        /Funciona sin tarjeta gráfica, más lento[^]*WebGPU[^]*unas \d[\d.,]* palabras por segundo/,
      );
      await note.locator('summary').first().click();
      await note.getByText('chrome://flags/#enable-unsafe-webgpu').first().waitFor();
      expect(await violations(page)).toEqual([]);
      expect(await sticksOut(page)).toBeLessThanOrEqual(0);

      await page.getByRole('button', { name: /^Descargar y empezar/ }).click();
      await page.locator('#composer').waitFor({ timeout: PATIENCE });
      await say(page, '¿Cuál es la capital de Bolivia?');
      expect(await finishedAnswer(page)).not.toBe('');
      expect(await page.locator('.chip').textContent()).toContain('sin tarjeta gráfica');
      // Which engine answers: in a word, and whole where the pointer rests.
      await expect.poll(() => page.locator('.chip .engine').innerText()).toBe('Yupana CPU');
      expect(await page.locator('.chip').getAttribute('title')).toContain('WebAssembly SIMD, 1 thread');
      await page.getByRole('link', { name: 'Ajustes' }).click();
      await page.getByText('Yupana, en el procesador, sin tarjeta gráfica (WebAssembly)').waitFor();
    } finally {
      await profile.close();
      await server.close();
    }
  });

  it('stops before the download where the page is no secure context, with what to do', async () => {
    const server = await serveApp();
    const profile = await openProfile({ width: 360, height: 740 });
    try {
      const page = await profile.context.newPage();
      await page.addInitScript(() => Object.defineProperty(globalThis, 'isSecureContext', { value: false }));
      await page.goto(server.url);
      const alert = page.locator('[data-fault="insecure-context"]');
      await alert.waitFor({ timeout: PATIENCE });
      expect(await alert.innerText()).toContain('http://localhost');
      expect(await page.getByRole('button', { name: /^Descargar/ }).count()).toBe(0);
      expect(await violations(page)).toEqual([]);
    } finally {
      await profile.close();
      await server.close();
    }
  });
});

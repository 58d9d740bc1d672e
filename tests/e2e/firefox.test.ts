// The main job's smoke in Firefox: first run, an answer, a reload offline. Skipped, with the reason, where the rig is missing.

import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firefoxRig } from '../../scripts/firefox.mjs';
import { serveApp } from './harness.ts';
import { PATIENCE } from './talk.ts';

const rig = firefoxRig();
if ('why' in rig) console.log(`skipped: Firefox smoke (${rig.why})`);

describe.skipIf('why' in rig)(
  'Firefox',
  () => {
    let server: Awaited<ReturnType<typeof serveApp>>;
    let browser: Browser;
    let page: Page;
    let folder: string;

    beforeAll(async () => {
      if ('why' in rig) return;
      server = await serveApp();
      folder = await mkdtemp(path.join(os.tmpdir(), 'yupana-firefox-'));
      browser = await puppeteer.launch({
        browser: 'firefox',
        executablePath: rig.executablePath,
        headless: true,
        userDataDir: folder,
        protocolTimeout: 2 * PATIENCE,
        extraPrefsFirefox: {
          'dom.webgpu.enabled': true,
          'gfx.webgpu.ignore-blocklist': true,
          'intl.accept_languages': 'es-CL, es',
        },
        env: { ...process.env, ...rig.env },
      });
      page = await browser.newPage();
    });
    afterAll(async () => {
      await browser?.close();
      await server?.close();
      if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    });

    async function ask(question: string): Promise<string> {
      await page.locator('#composer').setTimeout(PATIENCE).fill(question);
      // Enter is dropped before sending is possible.
      await page.waitForSelector('form .tools button.acts:not([type=button]):not([disabled])', {
        timeout: PATIENCE,
      });
      const before = await page.evaluate(
        () => [...document.querySelectorAll('li[data-node]')].at(-1)?.getAttribute('data-node') ?? null,
      );
      await page.focus('#composer');
      await page.keyboard.press('Enter');
      // The last turn is another one than before, an answer, and nobody writes it any more.
      await page.waitForFunction(
        (earlier) => {
          const last = [...document.querySelectorAll('li[data-node]')].at(-1);
          return (
            last?.matches('.answer:not(.writing)') === true && last.getAttribute('data-node') !== earlier
          );
        },
        { timeout: 2 * PATIENCE },
        before,
      );
      // The engine that answered, loaded by now: a slower answer on the processor would pass unseen.
      const chip = await page.$eval('.chip', (element) => element.textContent);
      expect(chip).toContain('listo');
      expect(chip).not.toContain('sin tarjeta gráfica');
      return page.$$eval('li.answer .text', (answers) => (answers.at(-1) as HTMLElement).innerText.trim());
    }

    it('downloads the starter model and answers', async () => {
      await page.goto(server.url);
      await page.waitForFunction(() => document.querySelector('main .page button:not([disabled])') !== null, {
        timeout: PATIENCE,
      });
      await page.click('main .page button');
      expect(await ask('¿Cuál es la capital de Bolivia?')).toMatch(/Sucre/);
    });

    it('answers after a reload with the server stopped', async () => {
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      await server.close();
      await page.reload();
      await page.goto(`${server.url}#/chat`);
      expect(await ask('Qual é a moeda do Paraguai?')).toMatch(/guaran/i);
    });
  },
  8 * PATIENCE,
);

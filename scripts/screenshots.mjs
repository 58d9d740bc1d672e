// `npm run screenshots`: the pictures of the README and of the manifest, taken from the running app.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { ensureBrowser } from './browser.mjs';
import { root } from './install.mjs';
import { serve } from './serve.mjs';

const SHOTS = [
  {
    file: 'chat-wide.png',
    locale: 'es-CL',
    colorScheme: /** @type {const} */ ('light'),
    viewport: { width: 1280, height: 800 },
    questions: ['¿Cuál es la capital de Bolivia?', 'Planifica una clase sobre los mayas.'],
  },
  {
    file: 'chat-narrow-dark.png',
    locale: 'pt-BR',
    colorScheme: /** @type {const} */ ('dark'),
    viewport: { width: 390, height: 780 },
    questions: ['Qual é a moeda do Paraguai?', 'Diga a tabuada do 7.'],
  },
];

const server = await serve({ dir: path.join(root, 'dist'), port: 0, host: 'localhost' });
const out = path.join(root, 'public/screenshots');
mkdirSync(out, { recursive: true });
for (const { file, questions, ...view } of SHOTS) {
  const profile = mkdtempSync(path.join(os.tmpdir(), 'yupana-shots-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: ensureBrowser(),
    ...view,
    reducedMotion: 'reduce',
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension',
    ],
  });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.locator('main .page button:not([disabled])').click({ timeout: 120_000 });
  const composer = page.locator('#composer');
  await composer.waitFor({ timeout: 120_000 });
  // Greedy answers, so that the pictures come out the same each time.
  await page.goto(`${server.url}#/settings`);
  await page.locator('#settings-answers').waitFor();
  await page.getByRole('radio', { name: /^Exacta$|^Exata$/ }).check({ force: true });
  await page.goto(`${server.url}#/chat`);
  for (const [i, question] of questions.entries()) {
    await composer.fill(question);
    await composer.press('Enter');
    await page.waitForFunction(
      (count) => document.querySelectorAll('li.answer:not(.writing)').length === count,
      i + 1,
      { timeout: 240_000 },
    );
  }
  // The notice that the model is there has been read by then.
  await page.locator('.toasts .toast .square').click();
  await page.locator('.toasts .toast').waitFor({ state: 'hidden' });
  await page.screenshot({ path: path.join(out, file) });
  console.log(`public/screenshots/${file}`);
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
await server.close();

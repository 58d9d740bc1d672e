// The main job, end to end, in one profile: first run, download, chat in two languages, stop, reload without a server.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/install.mjs';
import { openProfile, serveApp, watchErrors, type Profile } from './harness.ts';
import {
  chooseExact,
  composer,
  finishedAnswer,
  firstRun,
  freshConversation,
  lastAnswer,
  PATIENCE,
  say,
} from './talk.ts';

interface GoldenCase {
  chat?: string;
  text: string;
}
const golden = JSON.parse(readFileSync(path.join(root, 'tests/golden/semilla/golden.json'), 'utf8')) as {
  cases: GoldenCase[];
};
function goldenAnswer(question: string): string {
  const found = golden.cases.find(({ chat }) => chat === question);
  if (!found) throw new Error(`No golden for "${question}"`);
  return found.text;
}

describe('the main job', () => {
  let server: Awaited<ReturnType<typeof serveApp>>;
  let profile: Profile;
  let page: Page;
  let errors: string[];
  /** Every request the browser makes, whichever thread makes it. */
  const requests: string[] = [];

  beforeAll(async () => {
    server = await serveApp();
    profile = await openProfile();
    profile.context.on('request', (request) => requests.push(request.url()));
    page = await profile.context.newPage();
    errors = watchErrors(page);
  });
  afterAll(async () => {
    await profile.close();
    await server.close();
  });

  it('shows one button, and downloads the starter model by it', async () => {
    await page.goto(server.url);
    const buttons = page.locator('main .page button');
    await expect.poll(() => buttons.count()).toBe(1);
    await firstRun(page, server.url);
    expect(
      await page.getByText('NO es Latam-GPT').or(page.getByText('No es Latam-GPT')).count(),
    ).toBeGreaterThan(0);
  });

  it('answers in Spanish with the golden text', async () => {
    await chooseExact(page);
    const question = '¿Cuál es la capital de Bolivia?';
    await say(page, question);
    expect(await finishedAnswer(page)).toBe(goldenAnswer(question));
  });

  it('answers in Portuguese with the golden text, in a new conversation, without any request', async () => {
    await freshConversation(page);
    const before = requests.length;
    const question = 'Qual é a moeda do Paraguai?';
    await say(page, question);
    expect(await finishedAnswer(page)).toBe(goldenAnswer(question));
    expect(requests.slice(before)).toEqual([]);
  });

  it('shows its figures behind one tap', async () => {
    await lastAnswer(page).hover();
    await lastAnswer(page).getByRole('button', { name: 'Cifras' }).click();
    await expect.poll(() => lastAnswer(page).innerText()).toContain('tokens por segundo');
  });

  it('stops in mid-answer, and shows nothing more', async () => {
    await say(page, 'Diga a tabuada do 7.');
    await expect
      .poll(() => lastAnswer(page).locator('.text').innerText(), { timeout: PATIENCE, interval: 20 })
      .toMatch(/tabuada do 7/);
    await page.getByRole('button', { name: 'Detener' }).click();
    const shown = await lastAnswer(page).locator('.text').innerText();
    await page.getByRole('button', { name: 'Enviar' }).waitFor({ timeout: PATIENCE });
    await page.waitForTimeout(500);
    expect(await lastAnswer(page).locator('.text').innerText()).toBe(shown);
    expect(shown).not.toContain('7 x 10 = 70');
    expect(await lastAnswer(page).innerText()).toContain('Respuesta sin terminar');
  });

  it('still answers after a reload with the server stopped, and remembers the conversation', async () => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await server.close();
    await page.reload();
    await composer(page).waitFor({ timeout: PATIENCE });
    await expect.poll(() => page.locator('li.mine').last().innerText()).toContain('Diga a tabuada do 7.');
    await freshConversation(page);
    const question = '¿Quién eres?';
    await say(page, question);
    expect(await finishedAnswer(page)).toBe(goldenAnswer(question));
    // Browsers keep window titles in their history: a conversation's is shown only where the setting says so.
    expect(await page.title()).toBe('Yupana');
  });

  it('left no error on the console', () => {
    // What the canary provokes on purpose: the engine worker's own attempt to reach the network, refused by its policy.
    expect(
      errors.filter(
        (text) => !/Content Security Policy|ERR_CONNECTION_REFUSED|Failed to load resource/.test(text),
      ),
    ).toEqual([]);
  });
});

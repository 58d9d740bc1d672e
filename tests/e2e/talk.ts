// The app as a person uses it, in Spanish unless said otherwise: what several tests do on the way to what they test.

import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';

/**
 * Waits for software GPUs: pipelines compile in seconds there, answers take longer, and a machine that does other things too
 * is ten times slower still. A hang costs it, nothing else does.
 */
export const PATIENCE = 240_000;

/** First run to an open conversation: the one button, the download, the composer. */
export async function firstRun(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('button', { name: /^Descargar y empezar/ }).click();
  await composer(page).waitFor({ timeout: PATIENCE });
}

export function composer(page: Page): Locator {
  return page.locator('#composer');
}

/** Sampling "Exacta": temperature 0, so that answers are the goldens'. */
export async function chooseExact(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Ajustes' }).click();
  await page.getByRole('radio', { name: 'Exacta' }).check({ force: true });
  await page.getByRole('link', { name: 'Conversar' }).click();
  await composer(page).waitFor();
}

/** Begins another conversation: resolves once the one before has left the screen. */
export async function freshConversation(page: Page): Promise<void> {
  const name = 'Conversación nueva';
  await page.getByRole('button', { name }).or(page.getByRole('link', { name })).first().click();
  await page.locator('li[data-node]').first().waitFor({ state: 'detached' });
}

/** Sends once sending is possible, in any language: Enter is dropped before that. Resolves when the message stands in the thread. */
export async function say(page: Page, text: string): Promise<void> {
  const newest = () =>
    page.locator('li.mine').evaluateAll((items) => items.at(-1)?.getAttribute('data-node') ?? null);
  await composer(page).fill(text);
  await page.getByRole('button', { name: /^(Enviar|Send)$/, disabled: false }).waitFor({ timeout: PATIENCE });
  const before = await newest();
  await composer(page).press('Enter');
  await expect.poll(newest, { timeout: PATIENCE, interval: 20 }).not.toBe(before);
}

/** The last answer in the thread, finished or not. */
export function lastAnswer(page: Page): Locator {
  return page.locator('li.answer').last();
}

/** Text of the answer to the thread's last message, once the model has stopped writing. */
export async function finishedAnswer(page: Page): Promise<string> {
  const last = page.locator('li.mine, li.answer').last();
  await expect
    .poll(() => last.getAttribute('class'), { timeout: 2 * PATIENCE })
    .toMatch(/^(?=.*\banswer\b)(?!.*\bwriting\b)/);
  await page.getByRole('button', { name: /^(Enviar|Send)$/ }).waitFor({ timeout: PATIENCE });
  return (await lastAnswer(page).locator('.text').innerText()).trim();
}

// The app as a person uses it, in Spanish unless said otherwise: what several tests do on the way to what they test.

import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';

/** Waits for software GPUs: pipelines compile in seconds there, answers take longer. */
export const PATIENCE = 120_000;

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

export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

/** The last answer in the thread, finished or not. */
export function lastAnswer(page: Page): Locator {
  return page.locator('li.answer').last();
}

/** Text of the last answer once the model has stopped writing. */
export async function finishedAnswer(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Enviar' }).waitFor({ timeout: PATIENCE });
  await expect
    .poll(() => lastAnswer(page).getAttribute('class'), { timeout: PATIENCE })
    .not.toContain('writing');
  return (await lastAnswer(page).locator('.text').innerText()).trim();
}

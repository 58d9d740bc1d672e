// "Medir este equipo": the bench of the command line, run by a person in the page. What the machine has, figures in words, a
// stop that stops at once, a file to keep; and the conversation goes on afterwards.

import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { SavedBench } from '../../src/app/features/machine/start-bench.ts';
import { openProfile, serveApp, watchErrors } from './harness.ts';
import { finishedAnswer, firstRun, PATIENCE, say } from './talk.ts';

async function openMachine(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Ajustes' }).click();
  await page.getByRole('link', { name: 'Qué tiene este equipo y qué tan rápido es' }).click();
  await page.getByRole('heading', { name: 'Medir este equipo' }).waitFor();
}

async function measure(page: Page): Promise<SavedBench> {
  await page.getByRole('button', { name: /^Medir (con|otra vez)/ }).click();
  await page.locator('[data-bench="done"]').waitFor({ timeout: 4 * PATIENCE });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Guardar como JSON' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^yupana-semilla-q4f16_1-\d{4}-\d\d-\d\d\.json$/);
  return JSON.parse(await readFile(await download.path(), 'utf8')) as SavedBench;
}

it.each([
  ['the GPU', true, 'wgsl'],
  ['the processor, where there is no GPU', false, 'cpu'],
] as const)('measures %s', { timeout: 6 * PATIENCE }, async (_, webgpu, engine) => {
  const server = await serveApp();
  const profile = await openProfile({ webgpu, width: 360, height: 740 });
  try {
    const page = await profile.context.newPage();
    const errors = watchErrors(page);
    await firstRun(page, server.url);
    await openMachine(page);
    const facts = page.locator('section', { has: page.locator('#machine-facts') });
    expect(await facts.innerText()).toMatch(webgpu ? /swiftshader/i : /Ninguna que el navegador pueda usar/);

    const bench = page.locator('[data-bench]');
    await page.getByRole('button', { name: 'Medir con' }).click();
    await page.getByRole('progressbar').waitFor();
    await page.getByRole('button', { name: 'Detener la medición' }).click();
    await expect.poll(() => bench.getAttribute('data-bench')).toBe('none');

    // The whole measurement takes minutes where WebGPU computes on the processor: `npm run soak -- machine` waits for it.
    if (!webgpu || process.env['YUPANA_WHOLE_BENCH']) {
      const { figures, processors } = await measure(page);
      expect(figures.engine).toBe(engine);
      expect(processors).toBeGreaterThan(0);
      expect(figures.contexts.map(({ context }) => context)).toEqual([64, 512]);
      for (const { decodeTokensPerSecond, prefillTokensPerSecond } of figures.contexts) {
        expect(prefillTokensPerSecond.median).toBeGreaterThan(0);
        expect(decodeTokensPerSecond.median).toBeGreaterThan(0);
      }
      if (webgpu) {
        expect(figures.copyBandwidth).toBeGreaterThan(0);
        expect(figures.gpuMemory?.peak).toBeLessThanOrEqual(figures.gpuMemory?.budget ?? 0);
      }
      expect(await bench.innerText()).toMatch(/Semilla escribe aquí unas \d[\d.,]* palabras por segundo/);
      const wide = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
      expect(await page.evaluate(wide)).toBeLessThanOrEqual(0);
    }

    await page.getByRole('link', { name: 'Conversar' }).click();
    await say(page, 'Hola');
    expect(await finishedAnswer(page)).not.toBe('');
    expect(errors).toEqual([]);
  } finally {
    await profile.close();
    await server.close();
  }
});

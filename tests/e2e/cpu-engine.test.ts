// The CPU engine gives the golden tokens in real browsers, under the headers the app is served with, alone and with
// threads. Firefox is skipped, with the reason, where it is missing; it needs no adapter for this.

import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import puppeteer from 'puppeteer-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findFirefox } from '../../scripts/firefox.mjs';
import { root } from '../../scripts/install.mjs';
import { serve } from '../../scripts/serve.mjs';
import { headerRules } from '../../src/wire/headers.ts';
import type { GoldenAnswer } from '../host/cpu-page/engine-golden.ts';
import { serveWorkerPage } from '../host/worker-page.ts';
import { openProfile } from './harness.ts';

interface Golden {
  promptIds: number[];
  greedyIds: number[];
}

let folder: string;
let server: Awaited<ReturnType<typeof serve>>;
let goldens: Golden[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'yupana-cpu-'));
  await build({
    root: path.join(root, 'tests/host/cpu-page'),
    configFile: false,
    logLevel: 'error',
    base: './',
    build: { outDir: folder, target: 'es2023', modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
    // As the app's own build names workers: their policy goes by the name.
    worker: {
      format: 'es',
      rolldownOptions: { output: { entryFileNames: 'assets/[name]-worker-[hash].js' } },
    },
  });
  await writeFile(path.join(folder, 'headers.json'), JSON.stringify(headerRules()));
  const model = path.join(root, 'public/models/semilla-q4f16_1');
  await cp(model, path.join(folder, 'model'), { recursive: true });
  await writeFile(path.join(folder, 'model/files.json'), JSON.stringify(await readdir(model)));
  server = await serve({ dir: folder, port: 0 });
  const json = await readFile(path.join(root, 'tests/golden/semilla/golden.json'), 'utf8');
  goldens = (JSON.parse(json) as { cases: Golden[] }).cases;
});
afterAll(async () => {
  await server?.close();
  if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** @param ask runs `answerOnCpu` in the page */
async function judge(
  browser: string,
  ask: (request: {
    prompts: { ids: number[]; maxTokens: number }[];
    threads: boolean;
  }) => Promise<GoldenAnswer>,
): Promise<void> {
  const prompts = goldens.map(({ promptIds, greedyIds }) => ({
    ids: promptIds,
    maxTokens: greedyIds.length,
  }));
  for (const threads of [false, true]) {
    const { answers, description, decodeTokensPerSecond } = await ask({ prompts, threads });
    console.log(`${browser}: ${description}, ${decodeTokensPerSecond.toFixed(0)} tokens/s`);
    expect(answers).toEqual(goldens.map(({ greedyIds }) => greedyIds));
    const cores = Math.min(8, os.availableParallelism());
    if (threads && cores > 1) expect(description).toMatch(/ [2-8] threads$/);
    else expect(description).toMatch(/ 1 thread$/);
  }
}

it('Chromium', async () => {
  const profile = await openProfile({ webgpu: false });
  try {
    const page = await profile.context.newPage();
    await page.goto(server.url);
    await page.waitForFunction(() => typeof globalThis.answerOnCpu === 'function');
    await judge('Chromium', (request) => page.evaluate((data) => globalThis.answerOnCpu(data), request));
  } finally {
    await profile.close();
  }
});

const firefox = findFirefox();
if (!firefox) console.log('skipped: the CPU engine in Firefox (no Firefox is installed)');
it.skipIf(!firefox)('Firefox', async () => {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: firefox ?? '',
    headless: true,
    protocolTimeout: 170_000,
  });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.waitForFunction(() => typeof globalThis.answerOnCpu === 'function');
    await judge('Firefox', (request) => page.evaluate((data) => globalThis.answerOnCpu(data), request));
  } finally {
    await browser.close();
  }
});

it("the app's own engine worker takes the CPU where the browser has no WebGPU", async () => {
  const [shipped, profile] = await Promise.all([serveWorkerPage(), openProfile({ webgpu: false })]);
  try {
    const page = await profile.context.newPage();
    await page.goto(shipped.url);
    await page.waitForFunction(() => typeof globalThis.spawn === 'function');
    const base = new URL('models/semilla-q4f16_1/', shipped.url).href;
    const source = { id: 'semilla-q4f16_1', base };
    const replies = await page.evaluate(async (from) => {
      await globalThis.spawn('download').ask({ call: 'download', input: from });
      const engine = globalThis.spawn('engine');
      const loaded = await engine.ask({ call: 'load', input: { modelId: from.id } });
      const messages = [{ role: 'user', content: '¿Cuál es la capital de Bolivia?' }];
      const rest = { maxTokens: 40, sampler: {}, stopStrings: [] };
      return [loaded, await engine.ask({ call: 'generate', input: { messages, ...rest } })];
    }, source);
    expect(replies).toMatchObject([
      { type: 'done', result: { engine: 'cpu' } },
      { type: 'done', result: { text: expect.stringContaining('Sucre') as string, finishReason: 'stop' } },
    ]);
  } finally {
    await Promise.all([profile.close(), shipped.close()]);
  }
});

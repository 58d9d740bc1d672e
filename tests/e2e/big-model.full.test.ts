// A model of gigabytes through download, verify, load, a token and delete, with what JavaScript holds meanwhile. The short form
// is one of 40 MB; the soak's is one of 2 GB.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SHAPES } from '../../src/llama/shapes.ts';
import { bigModel } from '../host/big-model.ts';
import type { BigModel } from '../host/big-model.ts';
import { startModelHost } from '../host/model-host.ts';
import type { ModelHost } from '../host/model-host.ts';
import { serveWorkerPage } from '../host/worker-page.ts';
import type { WorkerPage } from '../host/worker-page.ts';
import { openProfile } from './harness.ts';
import type { Profile } from './harness.ts';
import { watchHeaps } from './heaps.ts';

const LAYERS = Number(process.env.YUPANA_BIG_LAYERS ?? 0);
const SEED = Number(process.env.YUPANA_SEED ?? Math.floor(Math.random() * 2 ** 32));
const CONFIG =
  LAYERS > 0
    ? { ...SHAPES['llama-3.1-8b'], numHiddenLayers: LAYERS }
    : { ...SHAPES['llama-3.2-1b'], numHiddenLayers: 1, vocabSize: 4096 };
const MIB = 2 ** 20;
/** What the whole of JavaScript may hold, whatever the model's size. */
const BUDGET = 200 * 1e6;
/** And between two steps, less than the smallest model has. */
const KEPT = 25 * 1e6;
/** What a browser keeps of an emptied database: its log, until it writes it anew. */
const SPARE = 16 * MIB;

let model: BigModel;
let host: ModelHost;
let page: Page;
let workers: WorkerPage;
let profile: Profile;
beforeAll(async () => {
  model = await bigModel(CONFIG, SEED);
  host = await startModelHost(model.served);
  workers = await serveWorkerPage();
  profile = await openProfile();
  page = await profile.context.newPage();
}, 600_000);
afterAll(async () => {
  await profile.close();
  await workers.close();
  await host.close();
});

interface Reply {
  type: string;
  result?: unknown;
}
type Kind = 'download' | 'engine';

test(
  'a large model takes no more of JavaScript than a small one, and gives the disk back',
  async () => {
    const heaps = await watchHeaps(page);
    await page.goto(workers.url);
    await page.waitForFunction(() => typeof globalThis.spawn === 'function');
    await page.evaluate(() => {
      globalThis.big = { download: globalThis.spawn('download'), engine: globalThis.spawn('engine') };
    });
    const ask = (kind: Kind, request: object): Promise<Reply> =>
      page.evaluate(([to, message]) => globalThis.big[to].ask(message) as Promise<Reply>, [
        kind,
        request,
      ] as const);
    const disk = (): Promise<number> =>
      page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);

    const before = await disk();
    const figures: string[] = [];
    /** Does one thing, and holds what JavaScript took for it and kept of it to the budget. */
    const step = async (name: string, kind: Kind, request: object, like: object): Promise<void> => {
      const started = performance.now();
      const { result, peak } = await heaps.most(ask(kind, request));
      expect(result, name).toMatchObject(like);
      const seconds = Math.round((performance.now() - started) / 1000);
      const kept = await heaps.collected();
      figures.push(
        `${name} ${seconds} s, ${Math.round(peak / 1e6)} MB at most, ${Math.round(kept / 1e6)} MB kept`,
      );
      expect(peak, `seed ${SEED}: ${figures.join('; ')}`).toBeLessThan(BUDGET);
      expect(kept, name).toBeLessThan(KEPT);
    };
    const ready = { result: { state: 'ready' } };
    await step('download', 'download', { call: 'download', input: { id: 'big', base: host.url } }, ready);
    expect(await disk()).toBeGreaterThan(model.bytes);
    await step('verify', 'download', { call: 'verify', input: 'big' }, ready);
    const load = { call: 'load', input: { modelId: 'big', contextLength: 256 } };
    await step('load', 'engine', load, { result: { engine: 'wgsl' } });
    const messages = [{ role: 'user', content: 'Hola' }];
    const generate = {
      call: 'generate',
      input: { messages, maxTokens: 2, sampler: { temperature: 0 }, ephemeral: true },
    };
    await step('a token', 'engine', generate, {
      result: { usage: { completionTokens: expect.any(Number) as number } },
    });
    await step('unload', 'engine', { call: 'unload' }, { type: 'done' });
    await step('delete', 'download', { call: 'delete', input: 'big' }, { result: { state: 'absent' } });
    await expect.poll(disk, { timeout: 120_000, interval: 500 }).toBeLessThan(before + SPARE);
    const after = await disk();
    console.log(
      `big model: ${Math.round(model.bytes / 1e6)} MB from seed ${SEED}: ${figures.join('; ')}; ` +
        `disk ${(before / 1e6).toFixed(1)} MB before, ${(after / 1e6).toFixed(1)} MB after deletion`,
    );
  },
  LAYERS > 0 ? 3_600_000 : 300_000,
);

declare global {
  var big: Record<Kind, ReturnType<typeof globalThis.spawn>>;
}

// Tab and worker killed at random moments in mid-download, in a real browser: it goes on where the store stands, and no
// committed byte is asked for again.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testModel } from '../host/model.ts';
import { startModelHost } from '../host/model-host.ts';
import type { ModelHost } from '../host/model-host.ts';
import { random } from '../host/random.ts';
import { serveWorkerPage } from '../host/worker-page.ts';
import type { WorkerPage } from '../host/worker-page.ts';
import { openProfile } from './harness.ts';
import type { Profile } from './harness.ts';

const KILLS = Number(process.env.YUPANA_KILLS ?? 5);
const SEED = Number(process.env.YUPANA_SEED ?? Math.floor(Math.random() * 2 ** 32));
const MIB = 2 ** 20;

interface Status {
  state: string;
  committedBytes: number;
  totalBytes: number;
}
interface Reply {
  type: string;
  result?: Status;
  error?: { reason: string; message: string };
}
declare global {
  var killLast: () => void;
  var spawn: (kind: 'engine' | 'download' | 'engine-web-llm') => {
    ask(request: object): Promise<Reply>;
    attack(request: object): Promise<Reply>;
    abortLast(): void;
    pushed: object[];
    kill(): void;
  };
}

let host: ModelHost;
let page: Page;
let workers: WorkerPage;
let profile: Profile;
beforeAll(async () => {
  const model = testModel(SEED, { 'config.json': 900, 'a.bin': 90 * MIB + 17, 'b.bin': 110 * MIB });
  host = await startModelHost(model.served, { bytesPerSecond: 40 * MIB });
  workers = await serveWorkerPage();
  profile = await openProfile({ webgpu: false });
});
afterAll(async () => {
  await profile.close();
  await workers.close();
  await host.close();
});

async function openPage(): Promise<void> {
  page = await profile.context.newPage();
  await page.goto(workers.url);
  await page.waitForFunction(() => typeof globalThis.spawn === 'function');
}

const ask = (request: object): Promise<Reply> =>
  page.evaluate((message) => globalThis.spawn('download').ask(message), request);

const status = async (): Promise<Status> => {
  const reply = await ask({ call: 'status', input: 'm' });
  if (!reply.result) throw new Error(reply.error?.message ?? reply.type);
  return reply.result;
};

/** Of a kill, in bytes the host sends first: up to ten chunks. */
const REACH = 40 * MIB;
const TOTAL = 200 * MIB;

/** Starts the download and ends it, with the worker alone or with its tab, once the host has sent so many bytes more. */
async function startAndKill(source: object, bytes: number, whole: boolean): Promise<void> {
  const since = host.requests.length;
  await page.evaluate(
    (message) => {
      const worker = globalThis.spawn('download');
      globalThis.killLast = () => worker.kill();
      void worker.ask(message);
    },
    { call: 'download', input: source },
  );
  const sent = (): number => host.requests.slice(since).reduce((sum, request) => sum + request.sent, 0);
  await expect.poll(sent, { timeout: 120_000, interval: 20 }).toBeGreaterThan(bytes);
  if (whole) {
    await page.close();
    await openPage();
  } else {
    await page.evaluate(() => globalThis.killLast());
  }
  // The browser takes a dead worker's lock back a moment later; until then the model is being worked on elsewhere.
  const locks = () => page.evaluate(() => navigator.locks.query());
  await expect
    .poll(async () => (await locks()).held?.map(({ name }) => name), { timeout: 120_000 })
    .not.toContain('yupana-model-m');
}

test(
  `after ${KILLS} kills no committed byte is fetched again`,
  async () => {
    const dice = random(SEED);
    const source = { id: 'm', base: host.url };
    await openPage();
    const kept: number[] = [];
    let committed = 0;
    let downloads = 0;
    /** Nothing that was asked for since then was there already. */
    const nothingTwice = (since: number): void => {
      const again = host.requests
        .slice(since)
        .filter(
          ({ path, range }) => path !== 'manifest.json' && position(path, range?.from ?? 0) < committed,
        );
      expect(again, `seed ${SEED}: asked again below ${committed}`).toEqual([]);
    };
    /** The download to its end, whole and verified, and away with it: the next kill begins at nothing. */
    const finish = async (): Promise<void> => {
      const since = host.requests.length;
      expect(await ask({ call: 'download', input: source })).toMatchObject({ result: { state: 'ready' } });
      nothingTwice(since);
      expect(await ask({ call: 'verify', input: 'm' })).toMatchObject({ result: { state: 'ready' } });
      expect(await ask({ call: 'delete', input: 'm' })).toMatchObject({ result: { state: 'absent' } });
      committed = 0;
      downloads++;
    };
    for (let kill = 0; kill < KILLS; kill++) {
      if (committed + 2 * REACH > TOTAL) await finish();
      const since = host.requests.length;
      await startAndKill(source, dice.below(REACH), kill % 2 === 0);
      nothingTwice(since);
      const now = await status();
      expect(now.committedBytes, `seed ${SEED}`).toBeGreaterThanOrEqual(committed);
      committed = now.committedBytes;
      kept.push(committed);
    }
    await finish();
    const mib = kept.map((bytes) => Math.round(bytes / MIB)).join(', ');
    console.log(
      `kills in mid-download: ${KILLS} in ${downloads} downloads from seed ${SEED}, at ${mib} MiB: ` +
        '0 committed bytes fetched again',
    );
    // A kill before anything is committed proves little.
    expect(kept.filter((bytes) => bytes > 0).length, `seed ${SEED}`).toBeGreaterThan(KILLS / 3);
  },
  240_000 + KILLS * 30_000,
);

/** Where a byte lies in the order files are fetched: small ones first. */
function position(path: string, from: number): number {
  const before: Record<string, number> = { 'config.json': 0, 'a.bin': 900, 'b.bin': 900 + 90 * MIB + 17 };
  return (before[path] ?? 0) + from;
}

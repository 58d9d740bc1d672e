// A checkpoint converted on the way in, by the built download worker in a real browser: the same bytes as the command line's, killed
// half way or not.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildCli } from '../../scripts/cli.mjs';
import { root } from '../../scripts/install.mjs';
import { sha256 } from '../host/model.ts';
import { startModelHost } from '../host/model-host.ts';
import type { ModelHost } from '../host/model-host.ts';
import { serveWorkerPage } from '../host/worker-page.ts';
import type { WorkerPage } from '../host/worker-page.ts';
import { openProfile } from './harness.ts';
import type { Profile } from './harness.ts';

const work = mkdtempSync(path.join(os.tmpdir(), 'yupana-conversion-'));
const filesIn = (folder: string): Record<string, Uint8Array> =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(path.join(folder, name)))]),
  );
const encode = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));

let page: Page;
let workers: WorkerPage;
let profile: Profile;
let host: ModelHost;
beforeAll(async () => {
  await buildCli();
  workers = await serveWorkerPage();
  profile = await openProfile({ webgpu: false });
  page = await profile.context.newPage();
  await page.goto(workers.url);
  host = await startModelHost({});
});
afterAll(async () => {
  await host.close();
  await profile.close();
  await workers.close();
  rmSync(work, { recursive: true, force: true });
});

interface Reply {
  type: string;
  result?: { state: string };
  error?: { reason: string; message: string };
}
declare global {
  var killLast: () => void;
}
const ask = (request: object): Promise<Reply> =>
  page.evaluate((message) => globalThis.spawn('download').ask(message) as Promise<Reply>, request);

/** SHA-256 of every file of a model as the browser keeps it, from its ledger and its pieces. */
const storedSums = (id: string): Promise<Record<string, string>> =>
  page.evaluate(async (modelId) => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('yupana-shards');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('closed'));
    });
    const all = <T>(prefix: string[]): Promise<T[]> =>
      new Promise((resolve, reject) => {
        const store = database.transaction('data').objectStore('data');
        const request = store.getAll(IDBKeyRange.bound(prefix, [...prefix, []]));
        request.onsuccess = () => resolve(request.result as T[]);
        request.onerror = () => reject(request.error ?? new Error('not read'));
      });
    const sums: Record<string, string> = {};
    for (const { path: file, state } of await all<{ path: string; state: string }>(['file', modelId])) {
      if (state !== 'verified') continue;
      const bytes = await new Blob(await all<Blob>(['piece', modelId, file])).arrayBuffer();
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      sums[file] = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    }
    database.close();
    return sums;
  }, id);

/** A real model's tensors, an embedding of 128,256 rows among them, cut to two layers. */
const SYNTHETIC = 'llama-3.2-1b';
const cli = path.join(root, 'dist-cli/main.js');

/** The checkpoint's files: as committed, or made for this run. */
function checkpointFiles(name: string): Record<string, Uint8Array> {
  if (name !== SYNTHETIC) return filesIn(path.join(root, 'tests/golden', name, 'hf'));
  const folder = path.join(work, 'synthetic');
  execFileSync(process.execPath, [cli, 'synth', name, folder, '--checkpoint', '--layers', '2'], {
    stdio: 'pipe',
  });
  const files = filesIn(folder);
  rmSync(folder, { recursive: true });
  return files;
}

test.each(process.env.YUPANA_CONVERT ? [SYNTHETIC] : ['gqa-tied', 'mha-untied-tail', 'semilla'])(
  '%s, killed half way, becomes what the command line makes of it',
  async (name) => {
    const files = checkpointFiles(name);
    const from = path.join(work, name, 'hf');
    const out = path.join(work, name, 'mlc');
    mkdirSync(from, { recursive: true });
    for (const [file, bytes] of Object.entries(files)) {
      host.put(`${name}/${file}`, bytes);
      writeFileSync(path.join(from, file), bytes);
    }
    // The tiny models have none: the app asks for one, the command line does without.
    const bare = !('tokenizer.json' in files);
    if (bare) host.put(`${name}/tokenizer.json`, encode({ model: {} }));
    execFileSync(process.execPath, [cli, 'convert', from, out], { stdio: 'pipe' });

    const source = { id: name, base: `${host.url}${name}/`, format: 'safetensors' };
    const weights = files['model.safetensors']!.length;
    host.options.bytesPerSecond = weights / 6;
    await page.evaluate(
      (message) => {
        const worker = globalThis.spawn('download');
        globalThis.killLast = () => worker.kill();
        void worker.ask(message);
      },
      { call: 'download', input: source },
    );
    const read = (): number =>
      host.requests
        .filter(({ path: file }) => file === `${name}/model.safetensors`)
        .reduce((most, { sent }) => Math.max(most, sent), 0);
    await expect.poll(read, { timeout: 120_000, interval: 50 }).toBeGreaterThan(weights / 2);
    await page.evaluate(() => globalThis.killLast());
    delete host.options.bytesPerSecond;
    const before = host.requests.length;
    expect(await ask({ call: 'download', input: source })).toMatchObject({ result: { state: 'ready' } });
    const froms = host.requests
      .slice(before)
      .filter(
        ({ path: file, range }) => file === `${name}/model.safetensors` && range && range.to > weights / 2,
      )
      .map(({ range }) => range!.from);
    expect(Math.min(...froms)).toBeGreaterThan(weights / 4);

    const found = await storedSums(name);
    let same = 0;
    for (const [file, bytes] of Object.entries(filesIn(out))) {
      // The manifest says where the model came from, and the config names the tokenizer's files.
      if (file === 'manifest.json' || (bare && file === 'mlc-chat-config.json')) continue;
      expect(found[file], file).toBe(sha256(bytes));
      same++;
    }
    console.log(
      `conversion of ${name}: ${weights} bytes, killed half way, gone on with from ${Math.min(...froms)}; ` +
        `${same} files as the command line's`,
    );
    expect(same).toBeGreaterThan(1);
    expect(await ask({ call: 'delete', input: name })).toMatchObject({ result: { state: 'absent' } });
  },
);

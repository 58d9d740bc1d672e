// The real @mlc-ai/web-llm in a real browser, fed from our store: everything up to a compiled library's own work. Such a library is
// MLC's to publish and is not here; WEBLLM_LIB names one where a person has it, and then the whole chat runs.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/install.mjs';
import { hollowLibrary } from '../host/hollow-library.ts';
import { startModelHost } from '../host/model-host.ts';
import type { ModelHost } from '../host/model-host.ts';
import { manifestOf, sha256 } from '../host/model.ts';
import { serveWorkerPage } from '../host/worker-page.ts';
import type { WorkerPage } from '../host/worker-page.ts';
import { openProfile } from './harness.ts';
import type { Profile } from './harness.ts';

const { WEBLLM_LIB, WEBLLM_VERSION, WEBLLM_MODEL } = process.env;
const SEMILLA = path.join(root, 'public/models/semilla-q4f16_1');

type Files = Record<string, Uint8Array<ArrayBuffer>>;
interface Reply {
  type: 'done' | 'error' | 'dead';
  error?: { reason: string; message: string; details: Record<string, unknown> };
  result?: { engine?: string; lacks?: string[]; text?: string; finishReason?: string };
}

let host: ModelHost;
let shipped: WorkerPage;
let profile: Profile;
let page: Page;
let features: string[];
/** Every address asked for since the page stands. */
const asked: string[] = [];

async function directory(folder: string): Promise<Files> {
  const names = (await readdir(folder)).filter((name) => name !== 'manifest.json');
  const read = async (name: string): Promise<[string, Uint8Array<ArrayBuffer>]> => [
    name,
    new Uint8Array(await readFile(path.join(folder, name))),
  ];
  return Object.fromEntries(await Promise.all(names.map(read)));
}

/** The same directory, saying that it computes in 32 bits: software adapters have no shader-f16. */
function asF32(files: Files): Files {
  const config = JSON.parse(new TextDecoder().decode(files['mlc-chat-config.json'])) as object;
  const text = JSON.stringify({ ...config, quantization: 'q4f32_1' });
  return { ...files, 'mlc-chat-config.json': new TextEncoder().encode(text) };
}

beforeAll(async () => {
  const semilla = await directory(SEMILLA);
  const plain = asF32(semilla);
  const models: Record<string, Files> = {
    hollow: { ...plain, 'model-lib.wasm': hollowLibrary() },
    holed: { ...plain, 'model-lib.wasm': hollowLibrary() },
    'of-f16': { ...semilla, 'model-lib.wasm': hollowLibrary() },
    older: { ...plain, 'semilla-webgpu.wasm': hollowLibrary('TVMWasmAllocSpace') },
    'no-wasm': { ...plain, 'model-lib.wasm': new TextEncoder().encode('not WebAssembly at all') },
    bare: plain,
    ...(WEBLLM_LIB
      ? {
          whole: {
            ...(await directory(WEBLLM_MODEL ?? SEMILLA)),
            'model-lib.wasm': new Uint8Array(await readFile(WEBLLM_LIB)),
          },
        }
      : {}),
  };
  const served: Files = {};
  for (const [id, files] of Object.entries(models)) {
    for (const [name, bytes] of Object.entries(files)) served[`${id}/${name}`] = bytes;
    served[`${id}/manifest.json`] = manifestOf(files);
  }
  host = await startModelHost(served);
  shipped = await serveWorkerPage();
  profile = await openProfile();
  page = await profile.context.newPage();
  await page.goto(shipped.url);
  await page.waitForFunction(() => typeof globalThis.spawn === 'function');
  profile.context.on('request', (request) => asked.push(request.url()));
  const probe = (await page.evaluate(() => {
    globalThis.held = { download: globalThis.spawn('download'), engine: globalThis.spawn('engine-web-llm') };
    return globalThis.held.engine.ask({ call: 'probe' });
  })) as unknown as { result: { networkBlocked: boolean; adapter: { features: string[] } } };
  expect(probe.result.networkBlocked).toBe(true);
  features = probe.result.adapter.features;
  for (const id of Object.keys(models)) await fetchModel(id);
});
afterAll(async () => {
  await profile?.close();
  await Promise.all([host?.close(), shipped?.close()]);
});

declare global {
  var held: Record<'download' | 'engine', ReturnType<typeof globalThis.spawn>>;
}

async function fetchModel(id: string): Promise<void> {
  const source = { id, base: `${host.url}${id}/` };
  const reply = await page.evaluate(
    (from) => globalThis.held.download.ask({ call: 'download', input: from }),
    source,
  );
  expect(reply).toMatchObject({ type: 'done', result: { state: 'ready' } });
}

const ask = (request: object): Promise<Reply> =>
  page.evaluate((what) => globalThis.held.engine.ask(what), request) as Promise<unknown> as Promise<Reply>;
const load = (modelId: string): Promise<Reply> => ask({ call: 'load', input: { modelId } });

test('a model without a library, with a damaged one, with one of another version: each is said', async () => {
  expect(await load('bare')).toMatchObject({ type: 'error', error: { reason: 'library-missing' } });
  expect(await load('no-wasm')).toMatchObject({
    type: 'error',
    error: { reason: 'library-mismatch', details: { version: 'v0_2_86/base' } },
  });
  expect(await load('older')).toMatchObject({
    type: 'error',
    error: {
      reason: 'library-mismatch',
      details: { why: expect.stringContaining('TVMWasmAllocSpace') as string },
    },
  });
  expect(await load('absent')).toMatchObject({ type: 'error', error: { reason: 'model-not-stored' } });
});

test('a library that computes in 16 bits is refused before it is read where the adapter cannot', async () => {
  const reason = features.includes('shader-f16') ? 'library-mismatch' : 'feature-missing';
  expect(await load('of-f16')).toMatchObject({ type: 'error', error: { reason } });
});

test('web-llm links the library, opens its device, reads tokenizer and weights from the store, and asks the network nothing', async () => {
  const [before, requests] = [asked.length, host.requests.length];
  const reply = await load('hollow');
  // The hollow library makes no tensor: as far as it goes.
  expect(reply).toMatchObject({ type: 'error', error: { reason: 'library-mismatch' } });
  const pushed = await page.evaluate(() => globalThis.held.engine.pushed);
  expect(pushed).toContainEqual(
    expect.objectContaining({ report: 'onProgress', args: ['weights', 0, expect.any(Number)] }),
  );
  expect(asked.slice(before)).toEqual([]);
  expect(host.requests.length).toBe(requests);

  // What it was handed for each of its addresses is what the host served, byte for byte; and nothing else exists there.
  const worker = page.workers().find((each) => each.url().includes('engine-web-llm'));
  const files = [
    'mlc-chat-config.json',
    'tensor-cache.json',
    'tokenizer.json',
    'params_shard_0.bin',
    'params_shard_1.bin',
  ];
  const seen = await worker?.evaluate(async (names) => {
    const cache = await globalThis.caches.open('webllm/model');
    const base = 'https://yupana.invalid/hollow/resolve/main/';
    const hex = (bytes: ArrayBuffer) =>
      Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
    const digests = [];
    for (const name of names) {
      const response = await cache.match(new Request(base + name));
      digests.push(response && hex(await crypto.subtle.digest('SHA-256', await response.arrayBuffer())));
    }
    return {
      digests,
      keys: (await cache.keys()).map(({ url }) => url.slice(base.length)),
      none: await cache.match(`${base}other.bin`),
      elsewhere: await cache.match('https://example.org/params_shard_0.bin'),
      refused: await cache.add(`${base}other.bin`).then(String, (error: Error) => error.message),
    };
  }, files);
  const expected = asF32(await directory(SEMILLA));
  expect(seen).toEqual({
    digests: files.map((name) => sha256(expected[name] ?? new Uint8Array())),
    keys: ['params_shard_0.bin', 'params_shard_1.bin'],
    none: undefined,
    elsewhere: undefined,
    refused: 'hollow: other.bin is not stored',
  });
});

test('bytes that the browser has lost are said by the file that web-llm asked for', async () => {
  await page.evaluate(async () => {
    const opening = indexedDB.open('yupana-shards');
    await new Promise((resolve) => (opening.onsuccess = resolve));
    const [name = ''] = opening.result.objectStoreNames;
    const write = opening.result.transaction(name, 'readwrite');
    write.objectStore(name).delete(['piece', 'holed', 'params_shard_0.bin', 0]);
    await new Promise((resolve) => (write.oncomplete = resolve));
    opening.result.close();
  });
  expect(await load('holed')).toMatchObject({
    type: 'error',
    error: { reason: 'size-mismatch', details: { file: 'params_shard_0.bin' } },
  });
});

test('a load can be stopped, and the next one works', async () => {
  const reply = await page.evaluate(async () => {
    const { engine } = globalThis.held;
    const answer = engine.ask({ call: 'load', input: { modelId: 'hollow' } });
    // The page numbers its requests: the last one is this one's.
    engine.abortLast();
    return answer;
  });
  expect(reply).toMatchObject({ type: 'error', error: { reason: 'aborted' } });
  expect(await load('bare')).toMatchObject({ type: 'error', error: { reason: 'library-missing' } });
});

test('it left nothing of its own behind, and a deleted model leaves nothing at all', async () => {
  const status = await page.evaluate(() => globalThis.held.download.ask({ call: 'delete', input: 'hollow' }));
  expect(status).toMatchObject({ type: 'done', result: { state: 'absent' } });
  const left = await page.evaluate(async () => {
    const folder = await navigator.storage.getDirectory();
    const names: string[] = [];
    for await (const name of folder.keys()) names.push(name);
    return {
      names,
      caches: await caches.keys(),
      databases: (await indexedDB.databases()).map(({ name }) => name),
    };
  });
  expect(left.names).toEqual([]); // no journal of what was written
  expect(left.caches.filter((name) => name.includes('webllm'))).toEqual([]);
  // Ours, both: deleting looks for prefixes that were kept of the model, too.
  expect(left.databases.toSorted()).toEqual(['yupana-prefixes', 'yupana-shards']);
});

const reason =
  'WEBLLM_LIB names no compiled model library (with WEBLLM_VERSION, and WEBLLM_MODEL for its directory)';
if (!WEBLLM_LIB) console.log(`skipped: a whole chat through web-llm (${reason})`);
test.skipIf(!WEBLLM_LIB)('a whole chat with a compiled library', async () => {
  const loaded = await load('whole');
  if (loaded.error) throw new Error(`library of ${WEBLLM_VERSION ?? 'no version'}: ${loaded.error.message}`);
  expect(loaded.result).toMatchObject({ engine: 'web-llm', lacks: ['top-k', 'min-p', 'prefix-reuse'] });
  const messages = [{ role: 'user', content: '¿Cuál es la capital de Bolivia?' }];
  const rest = { maxTokens: 40, sampler: { temperature: 0 }, stopStrings: [] };
  const before = asked.length;
  const first = await ask({ call: 'generate', input: { messages, ...rest } });
  expect(first).toMatchObject({ type: 'done', result: { finishReason: 'stop' } });
  expect(first.result?.text).not.toBe('');
  const more = [
    ...messages,
    { role: 'assistant', content: first.result?.text },
    { role: 'user', content: '¿Y la de Perú?' },
  ];
  expect(await ask({ call: 'generate', input: { messages: more, ...rest } })).toMatchObject({ type: 'done' });
  expect(asked.slice(before)).toEqual([]);
});

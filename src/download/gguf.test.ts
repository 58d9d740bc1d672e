// GGUF files from a stick, from a server and from the hub: converted on the way in as the command line does it.

import 'fake-indexeddb/auto';
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { pageFetch, startHub } from '../../tests/host/hub.ts';
import { sha256 } from '../../tests/host/model.ts';
import { startModelHost } from '../../tests/host/model-host.ts';
import { convertOpened } from '../convert/convert.ts';
import { planGguf } from '../convert/gguf.ts';
import type { GgufScheme } from '../convert/gguf.ts';
import type { ModelSink } from '../convert/sink.ts';
import { openGguf } from '../format/gguf-checkpoint.ts';
import { memorySource } from '../format/memory-source.ts';
import { SCHEMES } from '../format/schemes.ts';
import { openShards } from '../storage/shards.ts';
import { storedModel } from '../storage/stored-model.ts';
import { downloadModel } from './download.ts';
import type { DownloadJob } from './download.ts';
import { chooseGguf } from './gguf-choice.ts';
import { HOST } from './host.ts';
import type { Host } from './host.ts';
import { inspectModel } from './inspect.ts';
import type { LocalFile } from '../format/local-model.ts';
import { importLocal } from './local-import.ts';
import { inspectLocal } from './local-inspect.ts';

type Bytes = Uint8Array<ArrayBuffer>;
const SLICE = 16 * 1024;
const SHARD = 80 * 1024;

/** The tiny model with a tokenizer, as a GGUF file. */
async function made(scheme: GgufScheme): Promise<Bytes> {
  const at = new URL('../../tests/golden/gqa-tied/hf/', import.meta.url);
  const files = Object.fromEntries(
    readdirSync(at).map((name) => [name, new Uint8Array(readFileSync(new URL(name, at)))]),
  );
  const tokenizer = new URL('../../tests/golden/tokenizers/sentencepiece-legacy.json', import.meta.url);
  const source = memorySource({ ...files, 'tokenizer.json': new Uint8Array(readFileSync(tokenizer)) });
  const plan = await planGguf(source, { scheme, name: 'Tiny', licence: 'mit' });
  const file = new Uint8Array(plan.bytes);
  let offset = 0;
  await plan.write({
    write(chunk) {
      file.set(chunk, offset);
      offset += chunk.length;
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
  return file;
}

/** sha256 of every file that the command line makes of it. */
async function wanted(file: Bytes, shardBytes?: number): Promise<Record<string, string>> {
  const sums: Record<string, string> = {};
  const sink: ModelSink = {
    create(path, bytes) {
      const whole = new Uint8Array(bytes);
      let at = 0;
      return Promise.resolve({
        write(chunk) {
          whole.set(chunk, at);
          at += chunk.length;
          return Promise.resolve();
        },
        close() {
          sums[path] = sha256(whole);
          return Promise.resolve();
        },
      });
    },
  };
  const options = {
    scheme: SCHEMES.q4f16_1,
    source: 'Tiny',
    licence: 'mit',
    ...(shardBytes && { shardBytes }),
  };
  await convertOpened(await openGguf(memorySource({ 'a.gguf': file }), 'a.gguf'), sink, options);
  delete sums['manifest.json'];
  return sums;
}

async function expectStored(database: string, id: string, sums: Record<string, string>): Promise<void> {
  const source = storedModel(id, openShards(database));
  for (const [path, sum] of Object.entries(sums))
    expect(sha256(await source.read(path, 0, (await source.size(path)) ?? -1)), path).toBe(sum);
}

let f16: Bytes;
let q4: Bytes;
beforeAll(async () => {
  [f16, q4] = [await made('F16'), await made('Q4_0')];
});
const quick: Host = { ...HOST, fetch: pageFetch, idleMs: 2_000, wait: () => Promise.resolve() };

test('each GGUF file of a folder is a model of its own, and a damaged one is named beside them', async () => {
  const chosen: LocalFile[] = [
    { path: 'Descargas/tiny.Q4_0.gguf', file: new Blob([q4]) },
    { path: 'Descargas/tiny.F16.gguf', file: new Blob([f16]) },
    { path: 'Descargas/cut.gguf', file: new Blob([q4.slice(0, -5000)]) },
    { path: 'Descargas/page.gguf', file: new Blob(['<html>']) },
    // Another model's: a GGUF file brings its own.
    { path: 'Descargas/tokenizer_config.json', file: new Blob(['{"chat_template": "other"}']) },
    { path: 'Descargas/chat_template.jinja', file: new Blob(['other']) },
  ];
  const store = openShards('gguf-stick');
  const { models, faults } = await inspectLocal(store, chosen, {});
  expect(models.map(({ kind, name, licence, file }) => [kind, name, licence, file])).toEqual([
    ['gguf', 'tiny.Q4_0', 'mit', 'tiny.Q4_0.gguf'],
    ['gguf', 'tiny.F16', 'mit', 'tiny.F16.gguf'],
  ]);
  expect(faults.map(({ folder, error }) => [folder, error.reason])).toEqual([
    ['Descargas/cut.gguf', 'tensor-bounds'],
    ['Descargas/page.gguf', 'gguf-invalid'],
  ]);
  const model = models[1]!;
  const { status } = await importLocal(store, model, chosen);
  expect(status.state).toBe('ready');
  await expectStored('gguf-stick', model.id, await wanted(f16));
  expect((await inspectLocal(store, chosen, {})).models[1]).toMatchObject({ id: model.id, stored: 'ready' });
});

test('killed at any place and resumed, it becomes the same to the bit, and what was read is not read again', async () => {
  const host = await startModelHost({ 'tiny.gguf': f16 });
  try {
    const sums = await wanted(f16, SHARD);
    for (const [i, share] of [0.2, 0.5, 0.9].entries()) {
      const database = `gguf-killed-${i}`;
      const run = (task: DownloadJob = {}): ReturnType<typeof downloadModel> =>
        downloadModel(
          openShards(database),
          { id: 'm', base: host.url, format: 'gguf', file: 'tiny.gguf', scheme: 'q4f16_1', licence: 'mit' },
          {
            host: { ...HOST, idleMs: 2_000, wait: () => Promise.resolve() },
            sliceBytes: SLICE,
            shardBytes: SHARD,
            ...task,
          },
        );
      const control = new AbortController();
      let stopped = 0;
      await expect(
        run({
          signal: control.signal,
          onProgress: ({ phase, committedBytes }) => {
            if (phase !== 'convert' || committedBytes < f16.length * share) return;
            stopped ||= committedBytes;
            control.abort();
          },
        }),
      ).rejects.toMatchObject({ reason: 'aborted' });
      expect(stopped).toBeGreaterThan(0);
      const before = host.requests.length;
      expect(await run()).toMatchObject({ state: 'ready' });
      await expectStored(database, 'm', sums);
      // The header is read again; of the weights only what was not yet made.
      const from = Math.max(...host.requests.slice(before).map(({ range }) => range?.from ?? 0));
      expect(from).toBeGreaterThanOrEqual(stopped - 2 * SLICE);
    }
  } finally {
    await host.close();
  }
});

test('at the hub: the file that is asked for by name or tag, else the one that loses least', async () => {
  const rest = { 'README.md': new Uint8Array(3) };
  const hub = await startHub({
    'o/many-GGUF': { files: { 'tiny-F16.gguf': f16, 'tiny-Q4_0.gguf': q4, ...rest } },
    'o/odd': { files: { 'tiny-IQ2_XXS.gguf': new Uint8Array(64), ...rest } },
  });
  try {
    const look = (text: string): ReturnType<typeof inspectModel> => inspectModel(quick, `${hub.url}/${text}`);
    const found = await look('o/many-GGUF');
    expect(found).toMatchObject({ format: 'gguf', file: 'tiny-Q4_0.gguf', licence: 'mit', bytes: q4.length });
    expect(await look('o/many-GGUF/blob/main/tiny-F16.gguf')).toMatchObject({ file: 'tiny-F16.gguf' });
    const { id, base, format, scheme, file } = found;
    const source = { id, base, format, scheme, ...(file !== undefined && { file }), licence: 'mit' };
    expect(await downloadModel(openShards('gguf-hub'), source, { host: quick })).toMatchObject({
      state: 'ready',
      check: 'sha256',
    });
    await expectStored('gguf-hub', id, await wanted(q4));
    await expect(look('o/odd')).rejects.toMatchObject({ reason: 'gguf-invalid' });
  } finally {
    await hub.close();
  }
});

test('chooseGguf: by tag, by what is lost, never a part in the middle or what reads pictures', () => {
  const names = [
    'm-Q4_K_M.gguf',
    'm-Q8_0-00002-of-00002.gguf',
    'm-Q8_0-00001-of-00002.gguf',
    'mmproj-F16.gguf',
    'm.IQ2_XXS.gguf',
  ];
  expect(chooseGguf(names)).toBe('m-Q8_0-00001-of-00002.gguf');
  expect(chooseGguf(names, 'q4_k_m')).toBe('m-Q4_K_M.gguf');
  expect(chooseGguf(names, 'Q5_K_M')).toBeUndefined();
  expect(chooseGguf(['README.md', 'sub/a.gguf'])).toBeUndefined();
  expect(chooseGguf(['only-IQ2_XXS.gguf'])).toBe('only-IQ2_XXS.gguf');
});

test('chosen files that are no model here are named by what they are', async () => {
  const reason = { reason: 'weights-foreign' };
  const file = new Blob(['{}']);
  const store = openShards('gguf-foreign');
  await expect(inspectLocal(store, [{ path: 'model.zip', file }], {})).rejects.toMatchObject({
    ...reason,
    details: { kind: 'zip' },
  });
  const { faults } = await inspectLocal(store, [{ path: 'm/pytorch_model.bin', file }], {});
  expect(faults).toMatchObject([{ folder: 'm', error: { ...reason, details: { kind: 'pytorch' } } }]);
});

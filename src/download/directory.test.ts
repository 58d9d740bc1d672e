// Directories in MLC's layout as they are published, without a manifest.

import 'fake-indexeddb/auto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ModelSource } from '../format/model-source.ts';
import { sha256 } from '../../tests/host/model.ts';
import { startModelHost } from '../../tests/host/model-host.ts';
import type { HostOptions, ModelHost } from '../../tests/host/model-host.ts';
import type { EngineError } from '../failures.ts';
import { parseManifest } from '../format/manifest.ts';
import { openModelDirectory } from '../format/model-directory.ts';
import { openShards } from '../storage/shards.ts';
import type { ShardStore } from '../storage/shards.ts';
import { storedModel } from '../storage/stored-model.ts';
import { downloadModel } from './download.ts';
import { HOST } from './host.ts';

const encode = (json: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(json));
const folder = new URL('../../tests/golden/gqa-tied/mlc/', import.meta.url);
const FILES: Record<string, Uint8Array> = {
  ...Object.fromEntries(
    readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(new URL(name, folder)))]),
  ),
  'tokenizer.json': encode({ model: {} }),
  'tokenizer_config.json': encode({ chat_template: '' }),
};
const SHARD = 'params_shard_0.bin';
const SHA = 'ab'.repeat(20);

interface Cache {
  records: {
    dataPath: string;
    nbytes: number;
    md5sum?: string;
    records: { name: string; shape: number[] }[];
  }[];
}
const cache = (): Cache =>
  JSON.parse(new TextDecoder().decode(FILES['tensor-cache.json'])) as unknown as Cache;
const withoutMd5 = (): Cache => {
  const json = cache();
  for (const record of json.records) delete record.md5sum;
  return json;
};
const config = (change: object): Uint8Array => {
  const json = JSON.parse(new TextDecoder().decode(FILES['mlc-chat-config.json'])) as object;
  return encode({ ...json, ...change });
};

let host: ModelHost;
let store: ShardStore;
let count = 0;
beforeEach(() => {
  store = openShards(`directory-${++count}`);
});
afterEach(() => host.close());

const under = (prefix: string, files: Record<string, Uint8Array>): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`${prefix}${path}`, bytes]));

const serve = async (
  files: Record<string, Uint8Array>,
  options: HostOptions = {},
  prefix = '',
): Promise<void> => {
  host = await startModelHost(under(prefix, files), options);
};
const quick = { ...HOST, idleMs: 2_000, wait: () => Promise.resolve() };
const download = (source: Partial<ModelSource> = {}): ReturnType<typeof downloadModel> =>
  downloadModel(store, { id: 'm', base: host.url, ...source }, { host: quick });
const refused = (work: Promise<unknown>): Promise<EngineError> =>
  work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => error as EngineError,
  );
const shardsAsked = (): number => host.requests.filter(({ path }) => path.endsWith('.bin')).length;

test.each<[string, HostOptions]>([
  ['plainly', {}],
  ['over redirects', { redirect: true }],
  ['without ranges', { ranges: false }],
  ['with headers hidden', { cors: 'hidden' }],
])('is fetched by its tensor list, %s, checked by md5, and opens', async (_, options) => {
  await serve(FILES, options);
  expect(await download({ source: 'golden', licence: 'Apache-2.0' })).toMatchObject({
    state: 'ready',
    check: 'md5',
  });
  const model = storedModel('m', store);
  await openModelDirectory(model);
  for (const [path, bytes] of Object.entries(FILES)) {
    expect(sha256(await model.read(path, 0, bytes.length)), path).toBe(sha256(bytes));
  }
  const manifest = parseManifest(JSON.parse((await store.manifest('m')) ?? ''));
  expect(manifest).toMatchObject({ scheme: 'q4f16_1', source: 'golden', licence: 'Apache-2.0' });
  for (const { path, sha256: told } of manifest.files) expect(told, path).toBe(sha256(FILES[path]!));
  const before = shardsAsked();
  await download();
  expect(shardsAsked()).toBe(before);
});

test('reads the older name of the tensor list, and says where only lengths were compared', async () => {
  const { 'tensor-cache.json': list, ...rest } = FILES;
  expect(list).toBeDefined();
  await serve({ ...rest, 'ndarray-cache.json': encode(withoutMd5()) });
  expect(await download()).toMatchObject({ state: 'ready', check: 'size' });
});

test('a damaged shard is found by its md5: fetched again, refused when wrong twice, never readable', async () => {
  const damaged = FILES[SHARD]!.slice();
  damaged[9]! ^= 1;
  await serve({ ...FILES, [SHARD]: damaged });
  const error = await refused(download());
  expect(error).toMatchObject({
    reason: 'hash-mismatch',
    details: { file: SHARD, expected: expect.stringMatching(/^[0-9a-f]{32}$/) as string },
  });
  expect(await storedModel('m', store).size(SHARD)).toBeUndefined();
  host.put(SHARD, FILES[SHARD]!);
  expect(await download()).toMatchObject({ state: 'ready' });
});

test.each<[string, Record<string, Uint8Array>, string]>([
  [
    'another architecture',
    { 'mlc-chat-config.json': config({ model_type: 'qwen2' }) },
    'architecture-unsupported',
  ],
  ['another scheme', { 'mlc-chat-config.json': config({ quantization: 'q4f16_0' }) }, 'scheme-unsupported'],
  [
    'other shapes',
    {
      'tensor-cache.json': encode({
        records: cache().records.map((shard) => ({
          ...shard,
          records: shard.records.map((tensor) =>
            tensor.name === 'model.norm.weight' ? { ...tensor, name: 'model.norm.other' } : tensor,
          ),
        })),
      }),
    },
    'tensor-missing',
  ],
  ['no tokenizer', { 'tokenizer.json': undefined as unknown as Uint8Array }, 'file-missing'],
])('%s is refused before a shard is asked for', async (_, change, reason) => {
  const files = Object.fromEntries(Object.entries({ ...FILES, ...change }).filter(([, bytes]) => bytes));
  await serve(files);
  expect(await refused(download())).toMatchObject({ reason });
  expect(shardsAsked()).toBe(0);
});

test('a pinned manifest that is gone is no leave to take what else lies there', async () => {
  await serve(FILES);
  expect(await refused(download({ manifestSha256: 'a'.repeat(64) }))).toMatchObject({
    reason: 'http-status',
    details: { status: 404 },
  });
  expect(host.requests).toHaveLength(1);
});

const listing = (files: Record<string, Uint8Array>): Uint8Array =>
  encode({
    sha: SHA,
    siblings: Object.entries(files).map(([rfilename, bytes]) => ({
      rfilename,
      size: bytes.length,
      ...(rfilename.endsWith('.bin') ? { lfs: { sha256: sha256(bytes), size: bytes.length } } : {}),
    })),
  });
const repository = (files: Record<string, Uint8Array>, listed = files): Record<string, Uint8Array> => ({
  ...under('owner/name/resolve/main/', files),
  ...under(`owner/name/resolve/${SHA}/`, files),
  'api/models/owner/name/revision/main': listing(listed),
});
const fromRepository = (): ReturnType<typeof downloadModel> =>
  download({ base: `${host.url}owner/name/resolve/main/` });

test('a repository that lists itself is fetched at its commit and checked by sha256', async () => {
  await serve(repository(FILES), { redirect: true });
  expect(await fromRepository()).toMatchObject({ state: 'ready', check: 'sha256' });
  const shards = host.requests.filter(({ path }) => path.endsWith('.bin'));
  expect(shards.every(({ path }) => path.startsWith(`owner/name/resolve/${SHA}/`))).toBe(true);
});

test('a listing that contradicts the tensor list is refused before a shard is asked for', async () => {
  await serve(repository(FILES, { ...FILES, [SHARD]: new Uint8Array(5) }));
  expect(await refused(fromRepository())).toMatchObject({
    reason: 'size-mismatch',
    details: { file: SHARD },
  });
  expect(shardsAsked()).toBe(0);
});

test('a repository without a listing is fetched all the same', async () => {
  await serve(under('owner/name/resolve/main/', FILES));
  expect(await fromRepository()).toMatchObject({ state: 'ready', check: 'md5' });
});

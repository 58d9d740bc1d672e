// A model that somebody names, looked at before anything large is fetched, at a host that behaves like the hub.

import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EMPTY_TOKENIZER, encodeJson, goldenFiles } from '../../tests/host/golden-files.ts';
import type { Files } from '../../tests/host/golden-files.ts';
import { COMMIT, pageFetch, startHub } from '../../tests/host/hub.ts';
import type { Hub, Repository } from '../../tests/host/hub.ts';
import { manifestOf } from '../../tests/host/model.ts';
import type { EngineError } from '../failures.ts';
import { openShards } from '../storage/shards.ts';
import { downloadModel } from './download.ts';
import { HOST } from './host.ts';
import type { Host } from './host.ts';
import { inspectModel } from './inspect.ts';

const TIED: Files = { ...goldenFiles('gqa-tied/hf'), ...EMPTY_TOKENIZER };
const MLC: Files = { ...goldenFiles('gqa-tied/mlc'), ...EMPTY_TOKENIZER };
const config = (change: object): Uint8Array<ArrayBuffer> =>
  encodeJson({ ...(JSON.parse(new TextDecoder().decode(TIED['config.json'])) as object), ...change });
const TOKEN = 'hf_abcdefghijklmnop';

let hub: Hub;
beforeEach(async () => {
  const repositories: Record<string, Repository> = {
    'o/plain': { files: TIED, licence: 'apache-2.0', language: ['es', 'pt'] },
    'o/mlc': { files: MLC },
    'o/pack': { files: { ...MLC, 'manifest.json': manifestOf(MLC) } },
    'o/gpt': { files: { ...TIED, 'config.json': config({ model_type: 'gpt2' }) } },
    'o/rope': {
      files: { ...TIED, 'config.json': config({ rope_scaling: { rope_type: 'yarn', factor: 4 } }) },
    },
    'o/pickle': {
      files: {
        'config.json': TIED['config.json']!,
        'pytorch_model.bin': new Uint8Array(9),
        ...EMPTY_TOKENIZER,
      },
    },
    'o/deaf': { files: { ...goldenFiles('gqa-tied/hf') } },
    'o/empty': { files: { 'README.md': new Uint8Array(3) } },
    'o/gated': { files: TIED, licence: 'llama3.2', gate: { token: TOKEN, granted: true } },
    'o/waiting': { files: TIED, gate: { token: TOKEN, granted: false } },
  };
  hub = await startHub(repositories);
});
afterEach(() => hub.close());

const quick: Host = { ...HOST, fetch: pageFetch, idleMs: 2_000, wait: () => Promise.resolve() };
const known = (token: string): Host => ({
  ...quick,
  authorization: (origin) => (origin === hub.url ? `Bearer ${token}` : undefined),
});
const refused = (work: Promise<unknown>): Promise<EngineError> =>
  work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => error as EngineError,
  );

test('a checkpoint: what it is, at its commit, and no weight was fetched', async () => {
  const found = await inspectModel(quick, `${hub.url}/o/plain`);
  expect(found).toMatchObject({
    id: 'o-plain--q4f16_1',
    name: 'o/plain',
    base: `${hub.url}/o/plain/resolve/${COMMIT}/`,
    revision: COMMIT,
    format: 'safetensors',
    scheme: 'q4f16_1',
    licence: 'apache-2.0',
    languages: ['es', 'pt'],
    gated: false,
  });
  expect(found.bytes).toBeGreaterThan(TIED['model.safetensors']!.length);
  expect(found.bytesOnDisk).toBeLessThan(found.bytes / 2);
  for (const { path, range } of hub.requests.filter((request) => request.path.length === 64)) {
    const [from, to] = /(\d+)-(\d+)/
      .exec(range ?? '')!
      .slice(1)
      .map(Number);
    expect(to! - from!, path).toBeLessThan(100_000);
  }
  const store = openShards('inspect-plain');
  const { id, base, format, scheme } = found;
  const status = await downloadModel(store, { id, base, format, scheme }, { host: quick });
  expect(status).toMatchObject({ state: 'ready', check: 'sha256' });
});

test('a directory in MLC’s layout', async () => {
  const found = await inspectModel(quick, `${hub.url}/o/mlc`);
  expect(found).toMatchObject({ format: 'mlc', licence: null, scheme: 'q4f16_1' });
  expect(found.bytes).toBe(found.bytesOnDisk);
  // Without a card, the directory's own manifest tells the licence.
  expect(await inspectModel(quick, `${hub.url}/o/pack`)).toMatchObject({ licence: 'Apache-2.0' });
});

test.each([
  ['o/gpt', 'architecture-unsupported'],
  ['o/rope', 'rope-unsupported'],
  ['o/pickle', 'weights-foreign'],
  ['o/deaf', 'file-missing'],
  ['o/empty', 'not-a-model'],
  ['o/nobody', 'repository-missing'],
])('%s is refused by name (%s), with nothing large fetched', async (repository, reason) => {
  expect(await refused(inspectModel(quick, `${hub.url}/${repository}`))).toMatchObject({ reason });
  expect(hub.requests.filter(({ at, range }) => at === 'cdn' && range === undefined)).toEqual([]);
});

test('a gate: asked who it is, refused, waiting for permission, and let in', async () => {
  const gated = `${hub.url}/o/gated`;
  expect(await refused(inspectModel(quick, gated))).toMatchObject({
    reason: 'access-needed',
    details: { status: 401, host: '127.0.0.1' },
  });
  expect(await refused(inspectModel(known('hf_wrong'), gated))).toMatchObject({
    reason: 'access-refused',
    details: { status: 401, identified: true },
  });
  expect(await refused(inspectModel(known(TOKEN), `${hub.url}/o/waiting`))).toMatchObject({
    reason: 'access-refused',
    details: { status: 403 },
  });
  const found = await inspectModel(known(TOKEN), gated);
  expect(found).toMatchObject({ gated: true, licence: 'llama3.2' });
  const store = openShards('inspect-gated');
  const { id, base, format } = found;
  expect(await downloadModel(store, { id, base, format }, { host: known(TOKEN) })).toMatchObject({
    state: 'ready',
  });
});

test('a token goes to its own host and nowhere else, and into no error', async () => {
  await inspectModel(known(TOKEN), `${hub.url}/o/gated`);
  const at = (where: 'hub' | 'cdn') => hub.requests.filter((request) => request.at === where);
  expect(at('hub').every(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true);
  expect(at('cdn').length).toBeGreaterThan(0);
  expect(at('cdn').every(({ authorization }) => authorization === undefined)).toBe(true);
  const error = await refused(inspectModel(known(TOKEN), `${hub.url}/o/waiting`));
  expect(JSON.stringify([error.message, error.details])).not.toContain(TOKEN);
});

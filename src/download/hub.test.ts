// Downloads from a host that behaves like the hub, seen as a page sees it: signed addresses that expire, tags that differ, a
// listing that is down, names that changed, bytes that were damaged on their way.

import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EMPTY_TOKENIZER, encodeJson, goldenFiles } from '../../tests/host/golden-files.ts';
import type { Files } from '../../tests/host/golden-files.ts';
import { COMMIT, pageFetch, startHub } from '../../tests/host/hub.ts';
import type { Hub, HubOptions, HubRequest, Repository } from '../../tests/host/hub.ts';
import { sha256 } from '../../tests/host/model.ts';
import type { EngineError } from '../failures.ts';
import type { ModelSource } from '../format/model-source.ts';
import type * as Bytes from '../storage/bytes.ts';
import { openShards } from '../storage/shards.ts';
import type { ShardStore } from '../storage/shards.ts';
import { storedModel } from '../storage/stored-model.ts';
import { downloadModel } from './download.ts';
import type { DownloadJob } from './download.ts';
import { HOST } from './host.ts';
import type { Host } from './host.ts';
import { inspectModel } from './inspect.ts';

vi.mock('../storage/bytes.ts', async (original) => ({
  ...(await original<typeof Bytes>()),
  CHUNK_BYTES: 16 * 1024,
  PIECE_BYTES: 8 * 16 * 1024,
}));

const MLC: Files = { ...goldenFiles('gqa-tied/mlc'), ...EMPTY_TOKENIZER };
const CHECKPOINT: Files = { ...goldenFiles('gqa-tied/hf'), ...EMPTY_TOKENIZER };
const SHARDS = Object.keys(MLC).filter((path) => path.endsWith('.bin'));
const SUM = new Map(Object.entries({ ...MLC, ...CHECKPOINT }).map(([path, bytes]) => [path, sha256(bytes)]));

/** The same tensors in two files, as large models come. */
function inTwoFiles(files: Files): Files {
  const { 'model.safetensors': whole, ...rest } = files;
  const headerBytes = Number(new DataView(whole!.buffer).getBigUint64(0, true));
  type Header = Record<string, { data_offsets: [number, number] }>;
  const header = JSON.parse(new TextDecoder().decode(whole!.subarray(8, 8 + headerBytes))) as Header;
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  const half = Math.floor(names.length / 2);
  const map: Record<string, string> = {};
  const out: Files = { ...rest };
  for (const [i, part] of [names.slice(0, half), names.slice(half)].entries()) {
    const file = `model-0000${i + 1}-of-00002.safetensors`;
    const entries: Header = {};
    const data: Uint8Array[] = [];
    let at = 0;
    for (const name of part) {
      const [from, to] = header[name]!.data_offsets;
      entries[name] = { ...header[name], data_offsets: [at, at + to - from] };
      data.push(whole!.subarray(8 + headerBytes + from, 8 + headerBytes + to));
      at += to - from;
      map[name] = file;
    }
    const head = encodeJson(entries);
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(head.length), true);
    out[file] = new Uint8Array(Buffer.concat([length, head, ...data]));
  }
  return { ...out, 'model.safetensors.index.json': encodeJson({ weight_map: map }) };
}
const TWO = inTwoFiles(CHECKPOINT);

let hub: Hub;
let store: ShardStore;
let name = '';
let count = 0;
/** Pauses asked for, in milliseconds. */
let pauses: number[] = [];
beforeEach(() => {
  name = `hub-${++count}`;
  store = openShards(name);
  pauses = [];
});
afterEach(() => hub.close());

const host: Host = {
  ...HOST,
  fetch: pageFetch,
  idleMs: 2_000,
  wait: (ms) => {
    pauses.push(ms);
    return Promise.resolve();
  },
};
const serve = async (repositories: Record<string, Repository>, options: HubOptions = {}): Promise<void> => {
  hub = await startHub(repositories, options);
};
const source = (repository: string, more: Partial<ModelSource> = {}): ModelSource => ({
  id: 'm',
  base: `${hub.url}/${repository}/resolve/main/`,
  ...more,
});
const fetchMlc = (task: DownloadJob = {}, repository = 'o/mlc') =>
  downloadModel(store, source(repository), { host, ...task });
const convert = (task: DownloadJob = {}, repository = 'o/two') =>
  downloadModel(store, source(repository, { format: 'safetensors', scheme: 'q4f16_1' }), {
    host,
    sliceBytes: 64 * 1024,
    shardBytes: 80 * 1024,
    ...task,
  });
const refused = (work: Promise<unknown>): Promise<EngineError> =>
  work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => error as EngineError,
  );
const asked = (at: 'hub' | 'cdn', path: RegExp): HubRequest[] =>
  hub.requests.filter((request) => request.at === at && path.test(request.path));

async function sound(files: Files, paths = SHARDS): Promise<void> {
  const model = storedModel('m', openShards(name));
  for (const path of paths) {
    const bytes = files[path]!;
    expect(sha256(await model.read(path, 0, bytes.length)), path).toBe(sha256(bytes));
  }
}

describe('refusals', () => {
  test('a signed address that expires is asked for again', async () => {
    await serve({ 'o/mlc': { files: MLC } });
    // One in two: whatever was signed for an earlier request is not good any more.
    hub.options.refuse = ({ at }, times) => (at === 'cdn' && times % 2 === 0 ? { status: 403 } : undefined);
    expect(await fetchMlc()).toMatchObject({ state: 'ready' });
    await sound(MLC);
    expect(asked('cdn', /./).filter(({ status }) => status === 403).length).toBeGreaterThan(0);
  });

  test.each([400, 401, 403, 404, 410])(
    '%i of the server behind, again and again, is named as its',
    async (status) => {
      await serve({ 'o/mlc': { files: MLC } });
      hub.options.refuse = ({ at }) => (at === 'cdn' ? { status } : undefined);
      const error = await refused(fetchMlc());
      expect(error).toMatchObject({ reason: 'delivery-refused', details: { status, host: '127.0.0.1' } });
      // Some times, not the quarter of an hour of a line that is down.
      expect(asked('cdn', /./)).toHaveLength(5);
    },
  );

  test.each<[string, Repository | undefined, string]>([
    ['gated', { files: MLC, gate: { token: 't', granted: true } }, 'access-needed'],
    ['mistyped', undefined, 'repository-missing'],
    ['disabled', { files: MLC, disabled: true }, 'repository-disabled'],
  ])('%s is said by its own reason', async (_, repository, reason) => {
    await serve(repository ? { 'o/x': repository } : {});
    expect(await refused(inspectModel(host, `${hub.url}/o/x`))).toMatchObject({ reason });
    expect(await refused(fetchMlc({}, 'o/x'))).toMatchObject({ reason });
  });

  test('a version that is not there', async () => {
    await serve({ 'o/x': { files: MLC } });
    const error = await refused(inspectModel(host, `${hub.url}/o/x/tree/v9`));
    expect(error).toMatchObject({ reason: 'revision-missing' });
  });

  test('451 is final', async () => {
    await serve({ 'o/mlc': { files: MLC } });
    hub.options.refuse = ({ at }) => (at === 'cdn' ? { status: 451 } : undefined);
    expect(await refused(fetchMlc())).toMatchObject({ reason: 'http-status', details: { status: 451 } });
    expect(asked('cdn', /./)).toHaveLength(1);
  });

  test.each<[string, Record<string, string>, number]>([
    ['seconds', { 'Retry-After': '40' }, 40_000],
    [
      'a date by its own clock',
      { 'Retry-After': 'Wed, 01 Jan 2020 00:00:50 GMT', Date: 'Wed, 01 Jan 2020 00:00:00 GMT' },
      50_000,
    ],
  ])('Retry-After in %s is kept to', async (_, headers, ms) => {
    await serve({ 'o/mlc': { files: MLC } });
    const exposed = { 'Access-Control-Expose-Headers': 'Retry-After, Date' };
    hub.options.refuse = ({ at }, times) =>
      at === 'cdn' && times === 0 ? { status: 429, headers: { ...exposed, ...headers } } : undefined;
    await fetchMlc();
    expect(Math.max(...pauses)).toBe(ms);
  });
});

describe('tags', () => {
  test('decide nothing where a sha256 is known', async () => {
    await serve({ 'o/mlc': { files: MLC } }, { edges: 3 });
    expect(await fetchMlc()).toMatchObject({ state: 'ready', check: 'sha256' });
    for (const path of SHARDS) {
      const asks = asked('cdn', new RegExp(SUM.get(path)!));
      expect(asks.length, path).toBe(Math.ceil(MLC[path]!.length / (16 * 1024)));
    }
  });

  test.each([undefined, { status: 504 }])('nor at a commit: a conversion reads on', async (api) => {
    await serve({ 'o/two': { files: TWO } }, { edges: 3, ...(api ? { api } : {}) });
    const control = new AbortController();
    const stop = refused(
      convert({
        signal: control.signal,
        onProgress: ({ phase, committedBytes }) => {
          if (phase === 'convert' && committedBytes > 300_000) control.abort();
        },
      }),
    );
    expect(await stop).toMatchObject({ reason: 'aborted' });
    const before = hub.requests.length;
    store = openShards(name);
    expect(await convert()).toMatchObject({ state: 'ready', check: api ? 'size' : 'sha256' });
    const first = sha256(TWO['model-00001-of-00002.safetensors']!);
    const wide = hub.requests
      .slice(before)
      .filter(({ path, range }) => path === first && Number(/-(\d+)$/.exec(range ?? '')?.[1]) > 200_000);
    expect(wide.every(({ range }) => !range?.startsWith('bytes=0-'))).toBe(true);
  });
});

describe('a listing that is down', () => {
  test.each([
    { status: 504 },
    { status: 429, headers: { 'Retry-After': '290' } },
    { status: 429, headers: { RateLimit: '"api";r=0;t=290' } },
  ])('$status holds nothing up, and the commit comes from a file', async (api) => {
    await serve({ 'o/mlc': { files: MLC } }, { api });
    expect(await fetchMlc()).toMatchObject({ state: 'ready', check: 'md5' });
    await sound(MLC);
    expect(asked('hub', /^api\/models\//)).toHaveLength(3);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(2_000);
    expect(await store.note('m')).toMatchObject({ pinned: `${hub.url}/o/mlc/resolve/${COMMIT}/` });
    expect(asked('hub', /params_shard/).every(({ path }) => path.includes(COMMIT))).toBe(true);
  });

  test('a look says which check remains', async () => {
    await serve({ 'o/two': { files: TWO } }, { api: { status: 504 } });
    expect(await inspectModel(host, `${hub.url}/o/two`)).toMatchObject({ revision: COMMIT, check: 'size' });
  });

  test('what it told at the start holds when it is silent later', async () => {
    await serve({ 'o/two': { files: TWO } });
    const control = new AbortController();
    const onProgress: DownloadJob['onProgress'] = ({ phase, committedBytes }) => {
      if (phase === 'convert' && committedBytes > 300_000) control.abort();
    };
    await refused(convert({ signal: control.signal, onProgress }));
    hub.options.api = { status: 504 };
    expect(await convert()).toMatchObject({ state: 'ready', check: 'sha256' });
  });
});

describe('a damaged source file', () => {
  const [first = '', second = ''] = Object.keys(TWO).filter((path) => path.endsWith('.safetensors'));
  const isWeights = ({ at, path, range }: HubRequest, file: string): boolean => {
    const [from = 0, to = 0] = (/(\d+)-(\d+)/.exec(range ?? '') ?? []).slice(1).map(Number);
    return at === 'cdn' && path === sha256(TWO[file]!) && to - from > 100_000;
  };

  test('is fetched again by itself, and alone', async () => {
    await serve({ 'o/two': { files: TWO } });
    let times = 0;
    hub.options.flip = (request) => (isWeights(request, second) && times++ === 0 ? 200_000 : undefined);
    expect(await convert()).toMatchObject({ state: 'ready', check: 'sha256' });
    expect(hub.requests.filter((request) => isWeights(request, first))).toHaveLength(1);
    expect(hub.requests.filter((request) => isWeights(request, second))).toHaveLength(2);
    const made = storedModel('m', openShards(name));
    const whole = `${name}-whole`;
    hub.options.flip = undefined as never;
    const other = openShards(whole);
    await downloadModel(other, source('o/two', { format: 'safetensors', scheme: 'q4f16_1' }), {
      host,
      sliceBytes: 64 * 1024,
      shardBytes: 80 * 1024,
    });
    for (const { path, bytes } of (await other.status('m')).files) {
      const read = storedModel('m', other).read(path, 0, bytes);
      expect(sha256(await made.read(path, 0, bytes)), path).toBe(sha256(await read));
    }
  });

  test('twice wrong is refused, and what was right is kept', async () => {
    await serve({ 'o/two': { files: TWO } });
    hub.options.flip = (request) => (isWeights(request, second) ? 200_000 : undefined);
    expect(await refused(convert())).toMatchObject({ reason: 'hash-mismatch', details: { file: second } });
    hub.options.flip = () => undefined;
    store = openShards(name);
    expect(await convert()).toMatchObject({ state: 'ready', check: 'sha256' });
    expect(hub.requests.filter((request) => isWeights(request, first))).toHaveLength(1);
  });
});

describe('names and versions', () => {
  test('a renamed repository is followed once, and asked under its new name', async () => {
    await serve({ 'o/old': { files: {}, renamedTo: 'p/new' }, 'p/new': { files: MLC } });
    const found = await inspectModel(host, `${hub.url}/o/old`);
    expect(found).toMatchObject({ name: 'p/new', base: `${hub.url}/p/new/resolve/${COMMIT}/` });
    expect(asked('hub', /o\/old/)).toHaveLength(1);
    hub.options.api = { status: 504 };
    const again = await inspectModel(host, `${hub.url}/o/old`);
    expect(again.base).toBe(`${hub.url}/p/new/resolve/${COMMIT}/`);
  });

  test('a look names every host that the download will need', async () => {
    await serve({ 'o/mlc': { files: MLC }, 'o/two': { files: TWO } });
    const elsewhere = (url: string): string =>
      url.replace(hub.cdn, hub.cdn.replace('127.0.0.1', 'localhost'));
    const away: Host = {
      ...host,
      fetch: async (url, init) => {
        const response = await pageFetch(url, init);
        const { url: at } = response;
        Object.defineProperty(response, 'url', { value: elsewhere(at) });
        return response;
      },
    };
    for (const repository of ['o/mlc', 'o/two']) {
      const { hosts } = await inspectModel(away, `${hub.url}/${repository}`);
      expect(hosts, repository).toEqual(['127.0.0.1', 'localhost']);
    }
  });

  test('what was begun at a commit goes on there; what is new is an update', async () => {
    const changed = { ...MLC, [SHARDS[0]!]: MLC[SHARDS[0]!]!.slice() };
    changed[SHARDS[0]!]![5]! ^= 1;
    await serve({ 'o/mlc': { files: MLC } });
    const control = new AbortController();
    const onProgress: DownloadJob['onProgress'] = ({ phase, committedBytes }) => {
      if (phase === 'download' && committedBytes > 40_000) control.abort();
    };
    await refused(fetchMlc({ signal: control.signal, onProgress }));
    const later = 'e'.repeat(40);
    hub.repositories['o/mlc'] = { files: changed, commit: later, older: { [COMMIT]: MLC } };
    expect(await fetchMlc()).toMatchObject({ state: 'ready' });
    await sound(MLC);
    expect((await store.note('m')).pinned).toContain(COMMIT);
    expect(await fetchMlc({ newest: true })).toMatchObject({ state: 'ready' });
    expect((await store.note('m')).pinned).toContain(later);
  });

  test('a history that was rewritten leaves what is there now', async () => {
    await serve({ 'o/mlc': { files: MLC } });
    await fetchMlc();
    await store.markDamaged('m', SHARDS[0]!, [0]);
    hub.repositories['o/mlc'] = { files: MLC, commit: 'e'.repeat(40) };
    expect(await fetchMlc()).toMatchObject({ state: 'ready' });
  });
});

// Several ranges at once, several places to ask, and the speed held down.

import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ModelSource } from '../format/model-source.ts';
import { mirrorOf } from '../../tests/host/mirror.ts';
import { sha256, testModel } from '../../tests/host/model.ts';
import { startModelHost } from '../../tests/host/model-host.ts';
import type { HostOptions, ModelHost } from '../../tests/host/model-host.ts';
import type { EngineError } from '../failures.ts';
import type * as Bytes from '../storage/bytes.ts';
import { openShards } from '../storage/shards.ts';
import type { ShardStore } from '../storage/shards.ts';
import { storedModel } from '../storage/stored-model.ts';
import { downloadModel } from './download.ts';
import type { DownloadJob } from './download.ts';
import { HOST } from './host.ts';
import { createLimiter } from './limiter.ts';
import type { DownloadProgress } from '../format/model-status.ts';

const CHUNK = 16 * 1024;
vi.mock('../storage/bytes.ts', async (original) => ({
  ...(await original<typeof Bytes>()),
  CHUNK_BYTES: 16 * 1024,
  PIECE_BYTES: 8 * 16 * 1024,
}));

const SHARD = 'params_shard_0.bin';
const MODEL = testModel(3, { 'config.json': 700, [SHARD]: CHUNK * 14 + 5, 'params_shard_1.bin': CHUNK * 3 });

let hosts: ModelHost[];
let store: ShardStore;
let name = '';
let count = 0;
beforeEach(() => {
  hosts = [];
  name = `places-${++count}`;
  store = openShards(name);
});
afterEach(() => Promise.all(hosts.map((host) => host.close())));

async function serve(
  options: HostOptions = {},
  files: Record<string, Uint8Array> = MODEL.served,
): Promise<ModelHost> {
  const host = await startModelHost(files, options);
  hosts.push(host);
  return host;
}
const quick = { ...HOST, idleMs: 500, wait: () => Promise.resolve() };
const download = (
  source: Omit<ModelSource, 'id'>,
  task: DownloadJob = {},
): ReturnType<typeof downloadModel> => downloadModel(store, { id: 'm', ...source }, { host: quick, ...task });
const refused = (work: Promise<unknown>): Promise<EngineError> =>
  work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => error as EngineError,
  );
async function sound(): Promise<void> {
  const reader = storedModel('m', openShards(name));
  for (const [path, bytes] of Object.entries(MODEL.files)) {
    expect(await reader.size(path), path).toBe(bytes.length);
    expect(sha256(await reader.read(path, 0, bytes.length)), path).toBe(sha256(bytes));
  }
}
const shardsSent = ({ requests }: ModelHost): number =>
  requests
    .filter(({ path }) => path.length > 20 || path.endsWith('.bin'))
    .reduce((sum, { sent }) => sum + sent, 0);

test('a swift line gets up to three ranges at once, each asked for once, committed in order', async () => {
  let open = 0;
  let most = 0;
  const host = await serve();
  const counting: typeof quick = {
    ...quick,
    fetch: async (url, init) => {
      most = Math.max(most, ++open);
      try {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return await fetch(url, init);
      } finally {
        open--;
      }
    },
  };
  const seen: number[] = [];
  const task = { host: counting, onProgress: (now: DownloadProgress) => seen.push(now.committedBytes) };
  expect(await download({ base: host.url }, task)).toMatchObject({ state: 'ready' });
  await sound();
  expect(most).toBe(3);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  const starts = host.requests.filter(({ path }) => path === SHARD).map(({ range }) => range?.from);
  expect(starts.length).toBe(15);
  expect(new Set(starts).size).toBe(15);
});

test('a chunk that fails among others is asked again alone; what came early is not', async () => {
  let failed = false;
  const host = await serve({
    fault: ({ path, range }) => {
      if (path !== SHARD || range?.from !== CHUNK * 6 || failed) return undefined;
      failed = true;
      return { kind: 'reset', after: 4_000 };
    },
  });
  await download({ base: host.url });
  await sound();
  const starts = host.requests.filter(({ path }) => path === SHARD).map(({ range }) => range!.from / CHUNK);
  expect(starts.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
});

test('stopped among parallel ranges and gone on with, no committed byte is fetched again', async () => {
  const host = await serve();
  const control = new AbortController();
  const onProgress = ({ committedBytes }: DownloadProgress): void => {
    if (committedBytes > CHUNK * 5) control.abort();
  };
  expect(await refused(download({ base: host.url }, { signal: control.signal, onProgress }))).toMatchObject({
    reason: 'aborted',
  });
  const committed = (await store.file('m', SHARD))?.committed ?? 0;
  expect(committed).toBeGreaterThan(0);
  const before = host.requests.length;
  await download({ base: host.url });
  const again = host.requests
    .slice(before)
    .filter(({ path, range }) => path === SHARD && range!.from < committed);
  expect(again).toEqual([]);
  await sound();
});

test('a host that stops having ranges in the middle is followed', async () => {
  const host = await serve();
  host.options.fault = ({ path, range }) => {
    if (path === SHARD && range?.from === CHUNK * 7) host.options.ranges = false;
    return undefined;
  };
  expect(await download({ base: host.url })).toMatchObject({ state: 'ready' });
  await sound();
});

test('a mirror of the directory takes over where the first place fails, and in the middle', async () => {
  const first = await serve();
  const second = await serve();
  let asked = 0;
  first.options.fault = ({ path }) =>
    path === SHARD && ++asked > 4 ? { kind: 'status', status: 503 } : undefined;
  const waits: unknown[] = [];
  const host = { ...quick, wait: () => (waits.push(0), Promise.resolve()) };
  await download({ base: first.url, mirrors: [second.url] }, { host });
  await sound();
  expect(waits).toEqual([]);
  expect(shardsSent(first)).toBeGreaterThan(0);
  expect(shardsSent(second)).toBeGreaterThan(0);
  expect(shardsSent(first) + shardsSent(second)).toBeLessThan(CHUNK * 21);
});

test('the first place may be gone altogether', async () => {
  const first = await serve();
  const second = await serve();
  await first.close();
  hosts.shift();
  await download({ base: first.url, mirrors: [second.url], manifestSha256: MODEL.manifestSha256 });
  await sound();
});

test('what comes wrong from one place comes right from another', async () => {
  const first = await serve({ fault: ({ path }) => (path === SHARD ? { kind: 'flip', at: 9 } : undefined) });
  const second = await serve();
  await download({ base: first.url, mirrors: [second.url] });
  await sound();
});

test('a school’s mirror is asked first, by content; the model’s own host is not asked at all', async () => {
  const own = await serve();
  const school = await serve({}, mirrorOf('m', MODEL));
  await download({ base: own.url, roots: [school.url], manifestSha256: MODEL.manifestSha256 });
  await sound();
  expect(own.requests).toEqual([]);
  expect(
    school.requests.every(({ path }) => path === 'mirror.json' || /^sha256\/[0-9a-f]{64}$/.test(path)),
  ).toBe(true);
});

test.each<[string, HostOptions, Record<string, Uint8Array>]>([
  ['does not list the model', {}, mirrorOf('another', MODEL)],
  ['is a login page', { fault: () => ({ kind: 'portal' }) }, {}],
  ['answers 503', { fault: () => ({ kind: 'status', status: 503 }) }, {}],
  ['has another manifest than the pinned one', {}, mirrorOf('m', testModel(9, { 'config.json': 4 }))],
  ['has a broken index', {}, { 'mirror.json': new TextEncoder().encode('{"version":2}') }],
  ['lacks the files it lists', {}, { 'mirror.json': mirrorOf('m', MODEL)['mirror.json']! }],
])('a mirror that %s is passed over', async (_, options, files) => {
  const own = await serve();
  const school = await serve(options, files);
  await download({ base: own.url, roots: [school.url], manifestSha256: MODEL.manifestSha256 });
  await sound();
  expect(shardsSent(own)).toBeGreaterThan(0);
});

test('a checkpoint that a mirror has converted is not converted here', async () => {
  const school = await serve({}, mirrorOf('m', MODEL));
  const status = await download({ base: 'http://127.0.0.1:9/', format: 'safetensors', roots: [school.url] });
  expect(status.state).toBe('ready');
  await sound();
});

test('says what it waits for, and when it goes on', async () => {
  let asked = 0;
  const host = await serve({
    fault: ({ path }) =>
      path === SHARD && asked++ === 2 ? { kind: 'status', status: 503, retryAfter: 9 } : undefined,
  });
  const waits: DownloadProgress['waiting'][] = [];
  await download(
    { base: host.url },
    { host: { ...quick, lanes: 1 }, onProgress: ({ waiting }) => waits.push(waiting) },
  );
  const first = waits.findIndex((waiting) => waiting !== undefined);
  expect(waits[first]).toMatchObject({ reason: 'http-status', details: { status: 503 }, seconds: 9 });
  expect(waits[first + 1]).toBeUndefined();
});

test('the limit holds all downloads together to a speed, and may change meanwhile', async () => {
  let clock = 0;
  const limiter = createLimiter(
    (ms) => {
      clock += ms;
      return Promise.resolve();
    },
    () => clock,
  );
  await limiter.pass(5_000_000, undefined);
  expect(clock).toBe(0);
  limiter.set(1_000);
  for (let i = 0; i < 10; i++) await limiter.pass(500, undefined);
  expect(clock).toBe(5_000);
  limiter.set(null);
  await limiter.pass(5_000_000, undefined);
  expect(clock).toBe(5_000);
  const host = await serve();
  limiter.set(1_000_000);
  await download({ base: host.url }, { host: { ...quick, pass: limiter.pass } });
  const total = Object.values(MODEL.served).reduce((sum, { length }) => sum + length, 0);
  expect(clock - 5_000).toBeCloseTo(total / 1_000, 3);
});

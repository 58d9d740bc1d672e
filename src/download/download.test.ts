import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { manifestOf, sha256, testModel } from '../../tests/host/model.ts';
import { startModelHost } from '../../tests/host/model-host.ts';
import type { Fault, HostOptions, HostRequest, ModelHost } from '../../tests/host/model-host.ts';
import type { EngineError } from '../failures.ts';
import type * as Bytes from '../storage/bytes.ts';
import { openDatabase, requested } from '../storage/database.ts';
import { openShards } from '../storage/shards.ts';
import type { ShardStore } from '../storage/shards.ts';
import { storedModel } from '../storage/stored-model.ts';
import { downloadModel, repairModel } from './download.ts';
import type { DownloadJob } from './download.ts';
import { HOST } from './host.ts';
import type { DownloadProgress } from '../format/model-status.ts';
import { verifyModel } from './verify.ts';

// The same code with chunks of 16 KiB: what matters is where the borders are.
const CHUNK = 16 * 1024;
vi.mock('../storage/bytes.ts', async (original) => ({
  ...(await original<typeof Bytes>()),
  CHUNK_BYTES: 16 * 1024,
  PIECE_BYTES: 8 * 16 * 1024,
}));

const MODEL = testModel(1, {
  'config.json': 700,
  'params_shard_0.bin': CHUNK * 11 + 123,
  'params_shard_1.bin': CHUNK * 2,
  'empty.txt': 0,
});
const SHARD = 'params_shard_0.bin';

let host: ModelHost;
let name = '';
let store: ShardStore;
let count = 0;
beforeEach(() => {
  name = `download-${++count}`;
  store = openShards(name);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await host.close();
});

const serveModel = async (options: HostOptions = {}, model = MODEL): Promise<void> => {
  host = await startModelHost(model.served, options);
};

const pauses: number[] = [];
// One lane, so that requests come in order.
const quick = { ...HOST, lanes: 1, idleMs: 500, wait: (ms: number) => (pauses.push(ms), Promise.resolve()) };
const download = (task: DownloadJob = {}, pinned = MODEL.manifestSha256): Promise<unknown> =>
  downloadModel(store, { id: 'm', base: host.url, manifestSha256: pinned }, { host: quick, ...task });

const refused = (work: Promise<unknown>): Promise<EngineError> =>
  work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => error as EngineError,
  );

/** Every file that can be read is right; all of them can where `whole`. */
async function sound(model = MODEL, whole = true): Promise<void> {
  const reader = storedModel('m', openShards(name));
  for (const [path, bytes] of Object.entries(model.files)) {
    const size = await reader.size(path);
    if (whole) expect(size, path).toBe(bytes.length);
    if (size !== undefined) expect(sha256(await reader.read(path, 0, size)), path).toBe(sha256(bytes));
  }
}

/** Bytes of shards that went over the line. */
const sentOf = (path: string): number =>
  host.requests.filter((request) => request.path === path).reduce((sum, { sent }) => sum + sent, 0);

/** The fault for the n-th request of one file, none otherwise. */
function nth(path: string, faults: Record<number, Fault>): (request: HostRequest) => Fault | undefined {
  let seen = -1;
  return (request) => (request.path === path ? faults[++seen] : undefined);
}

test('fetches everything once, verified, and counts what is committed', async () => {
  await serveModel();
  const progress: DownloadProgress[] = [];
  expect(await download({ onProgress: (now) => progress.push(now) })).toMatchObject({ state: 'ready' });
  await sound();
  const total = Object.values(MODEL.files).reduce((sum, { length }) => sum + length, 0);
  expect(host.requests.reduce((sum, { sent }) => sum + sent, 0)).toBe(
    total + (MODEL.served['manifest.json']?.length ?? 0),
  );
  const counts = progress.filter(({ phase }) => phase === 'download').map((each) => each.committedBytes);
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
  expect(counts.at(-1)).toBe(total);
  expect(await openShards(name).manifest('m')).toBe(new TextDecoder().decode(MODEL.served['manifest.json']));
});

test('asks before it stores more than was told, and only then', async () => {
  await serveModel();
  const listed = Object.values(MODEL.files).reduce((sum, { length }) => sum + length, 0);
  const told = (bytes: number): Promise<unknown> =>
    downloadModel(store, { id: 'm', base: host.url, told: bytes }, { host: quick });
  expect(await refused(told(100_000))).toMatchObject({
    reason: 'download-larger',
    details: { told: 100_000, actual: listed },
  });
  expect(host.requests.map(({ path }) => path)).toEqual(['manifest.json']);
  expect((await store.status('m')).state).toBe('absent');
  expect(await told(listed)).toMatchObject({ state: 'ready' });
  // What was begun goes on: it was agreed to.
  expect(await told(100_000)).toMatchObject({ state: 'ready' });
});

test('a second download of a stored model asks for the manifest only', async () => {
  await serveModel();
  await download();
  const before = host.requests.length;
  await download();
  expect(host.requests.slice(before).map(({ path }) => path)).toEqual(['manifest.json']);
});

test.each<[string, HostOptions]>([
  ['no range support', { ranges: false }],
  ['headers hidden by CORS', { cors: 'hidden' }],
  ['no tags', { etag: 'none' }],
  ['weak tags', { etag: 'weak' }],
  ['redirects', { redirect: true }],
])('a host with %s serves as well', async (_, options) => {
  await serveModel(options);
  expect(await download()).toMatchObject({ state: 'ready' });
  await sound();
});

test.each<[string, Fault]>([
  ['a dropped line', { kind: 'reset', after: 5_000 }],
  ['a line dropped at once', { kind: 'reset', after: 0 }],
  ['an answer cut short', { kind: 'cut', after: 5_000 }],
  ['a line that falls silent', { kind: 'stall', after: 5_000 }],
  ['a 503', { kind: 'status', status: 503 }],
  ['a 429', { kind: 'status', status: 429, retryAfter: 7 }],
])('%s is asked again, the committed chunks are not', async (_, fault) => {
  pauses.length = 0;
  await serveModel({ fault: nth(SHARD, { 3: fault }) });
  expect(await download()).toMatchObject({ state: 'ready' });
  await sound();
  const starts = host.requests.filter(({ path }) => path === SHARD).map(({ range }) => range?.from ?? 0);
  expect(starts).toEqual([0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((index) => index * CHUNK));
  expect(pauses).toHaveLength(1);
  if ('retryAfter' in fault) expect(pauses[0]).toBe(7_000);
});

test('gives up after some failures in a row, with longer and longer pauses', async () => {
  pauses.length = 0;
  await serveModel({ fault: ({ path }) => (path === SHARD ? { kind: 'status', status: 502 } : undefined) });
  const error = await refused(download());
  expect(error).toMatchObject({ reason: 'http-status', details: { status: 502, file: SHARD } });
  expect(pauses).toHaveLength(HOST.attempts - 1);
  expect(pauses.at(-1)).toBeGreaterThan((pauses[0] ?? 0) * 4);
  await sound(MODEL, false);
});

test('a host without ranges resumes by skipping what is committed', async () => {
  await serveModel({ ranges: false, fault: nth(SHARD, { 0: { kind: 'reset', after: CHUNK * 6 } }) });
  const seen: number[] = [];
  await download({ onProgress: ({ committedBytes }) => seen.push(committedBytes) });
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(host.requests.filter(({ path }) => path === SHARD)).toHaveLength(2);
  await sound();
});

test.each([
  [404, 'http-status'],
  [410, 'http-status'],
  [401, 'access-needed'],
  [403, 'access-refused'],
])('%i is final and named', async (status, reason) => {
  await serveModel({ fault: nth(SHARD, { 2: { kind: 'status', status } }) });
  expect(await refused(download())).toMatchObject({
    reason,
    details: { file: SHARD, status },
  });
  expect((await store.file('m', SHARD))?.committed).toBe(CHUNK * 2);
});

test.each(['portal', 'portal-redirect'] as const)(
  'a captive portal (%s) is named, in shards and manifest',
  async (kind) => {
    await serveModel({ fault: nth(SHARD, { 2: { kind } }) });
    expect(await refused(download())).toMatchObject({ reason: 'captive-portal', details: { file: SHARD } });
    expect((await store.file('m', SHARD))?.committed).toBe(CHUNK * 2);
    host.options.fault = ({ path }) => (path === 'manifest.json' ? { kind } : undefined);
    expect(await refused(download())).toMatchObject({ reason: 'captive-portal' });
    host.options.fault = () => undefined;
    await download();
    await sound();
  },
);

test('stopping keeps what is committed; going on fetches only the rest', async () => {
  await serveModel();
  const control = new AbortController();
  const stopped = download({
    signal: control.signal,
    onProgress: ({ committedBytes }) => {
      if (committedBytes > CHUNK * 7) control.abort();
    },
  });
  expect((await refused(stopped)).reason).toBe('aborted');
  const kept = (await store.status('m')).committedBytes;
  expect(kept).toBeGreaterThan(CHUNK * 7);
  const before = host.requests.length;
  await download();
  const later = host.requests.slice(before).filter(({ path }) => path !== 'manifest.json');
  const total = Object.values(MODEL.files).reduce((sum, { length }) => sum + length, 0);
  expect(later.reduce((sum, { sent }) => sum + sent, 0)).toBe(total - kept);
  await sound();
});

test('stopping while a chunk is committed ends it, though all bytes have come', async () => {
  await serveModel({ ranges: false });
  for (const at of [3, 7, 11]) {
    const control = new AbortController();
    const stopped = download({
      signal: control.signal,
      onProgress: ({ committedBytes }) => {
        if (committedBytes > CHUNK * at) control.abort();
      },
    });
    expect((await refused(stopped)).reason).toBe('aborted');
  }
  await download();
  await sound();
});

test('a disk that is slow once, for longer than a line may be silent, is no dead line', async () => {
  pauses.length = 0;
  await serveModel({ ranges: false });
  const slow: ShardStore = {
    ...store,
    commit: async (modelId, path, chunk) => {
      if (path === SHARD && chunk.index === 2) await new Promise((resolve) => setTimeout(resolve, 2_500));
      return store.commit(modelId, path, chunk);
    },
  };
  await downloadModel(slow, { id: 'm', base: host.url }, { host: { ...quick, idleMs: 2_000 } });
  expect(pauses).toEqual([]);
  await sound();
});

test('a hash state of another build is not trusted: the bytes are hashed again', async () => {
  await serveModel({ fault: nth(SHARD, { 4: { kind: 'status', status: 404 } }) });
  await refused(download());
  await openDatabase(name, 1).write(async (raw) => {
    const key = ['file', 'm', SHARD];
    const line = await requested<Record<string, unknown>>(raw.get(key));
    await requested(raw.put({ ...line, hashState: new Uint8Array(116).fill(9) }, key));
  });
  const before = sentOf(SHARD);
  await download();
  expect(sentOf(SHARD) - before).toBe((MODEL.files[SHARD]?.length ?? 0) - 4 * CHUNK);
  await sound();
});

test('a file that changes at the host is found out by its sum, and fetched again alone', async () => {
  const other = {
    ...MODEL.files,
    [SHARD]: testModel(2, { x: CHUNK * 11 + 123 }).files.x ?? new Uint8Array(),
  };
  await serveModel();
  host.put(SHARD, other[SHARD] ?? new Uint8Array());
  const right = MODEL.files[SHARD] ?? new Uint8Array();
  host.options.fault = (request) => {
    if (request.path === SHARD && request.range?.from === CHUNK * 5) host.put(SHARD, right);
    return undefined;
  };
  await download();
  await sound();
  const starts = host.requests
    .filter(({ path }) => path === SHARD)
    .map(({ range }) => (range?.from ?? 0) / CHUNK);
  const whole = Array.from({ length: 12 }, (_, i) => i);
  // Tags decide nothing where a sum is known: several edges of one network give several.
  expect(starts).toEqual([...whole, ...whole]);
  expect(sentOf('params_shard_1.bin')).toBe(CHUNK * 2);
});

test('a file that never stays the same is given up by name', async () => {
  await serveModel();
  let version = 10;
  host.options.fault = (request) => {
    if (request.path === SHARD && request.range?.from === CHUNK) {
      host.put(SHARD, testModel(++version, { x: CHUNK * 11 + 123 }).files.x ?? new Uint8Array());
    }
    return undefined;
  };
  expect(await refused(download())).toMatchObject({ reason: 'hash-mismatch', details: { file: SHARD } });
  await sound(MODEL, false);
});

test.each([CHUNK, CHUNK * 20])(
  'a host with a file of another length (%i) is refused by name',
  async (length) => {
    await serveModel();
    host.put(SHARD, new Uint8Array(length));
    expect(await refused(download())).toMatchObject({ reason: 'file-changed', details: { file: SHARD } });
    await sound(MODEL, false);
  },
);

test('one flipped bit: fetched again; flipped twice: refused, and nothing of it left', async () => {
  await serveModel({ fault: nth(SHARD, { 3: { kind: 'flip', at: 99 } }) });
  await download();
  await sound();
  await store.remove('m');
  host.options.fault = ({ path, range }) =>
    path === SHARD && range?.from === 0 ? { kind: 'flip', at: 99 } : undefined;
  expect(await refused(download())).toMatchObject({ reason: 'hash-mismatch', details: { file: SHARD } });
  expect(await store.file('m', SHARD)).toMatchObject({ state: 'missing', committed: 0 });
  await sound(MODEL, false);
});

test('a manifest other than the pinned one is refused before anything is fetched', async () => {
  await serveModel();
  host.put('manifest.json', manifestOf({ 'evil.bin': new Uint8Array(3) }));
  expect(await refused(download())).toMatchObject({
    reason: 'hash-mismatch',
    details: { file: 'manifest.json', expected: MODEL.manifestSha256 },
  });
  expect(host.requests).toHaveLength(1);
  expect((await store.status('m')).state).toBe('absent');
});

test.each<[string, string, string]>([
  ['no JSON', '{"version": 1', 'json-invalid'],
  ['a path that climbs', '{"version":1,"files":[{"path":"../x","bytes":1}]}', 'manifest-invalid'],
  ['too long', ' '.repeat(5 * 2 ** 20), 'limit-exceeded'],
])('a manifest that is %s is refused by name', async (_, text, reason) => {
  await serveModel();
  const bytes = new TextEncoder().encode(text);
  host.put('manifest.json', bytes);
  expect(await refused(download({}, sha256(bytes)))).toMatchObject({ reason });
});

test('a full disk says what is needed and what was kept, and it goes on later', async () => {
  await serveModel();
  const put = IDBObjectStore.prototype.put;
  let chunks = 0;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, key) {
    if (Array.isArray(key) && key[0] === 'chunk' && ++chunks > 9) {
      throw new DOMException('full', 'QuotaExceededError');
    }
    return put.call(this, value, key);
  });
  const error = await refused(download());
  const { committedBytes, totalBytes } = await store.status('m');
  expect(error).toMatchObject({
    reason: 'quota-exceeded',
    details: { kept: committedBytes, needed: totalBytes - committedBytes },
  });
  vi.restoreAllMocks();
  const before = sentOf(SHARD) + sentOf('params_shard_1.bin');
  await download();
  await sound();
  expect(sentOf(SHARD) + sentOf('params_shard_1.bin') - before).toBeLessThan(CHUNK * 12);
});

test('too little room is said before anything is fetched', async () => {
  await serveModel();
  const room = () => Promise.resolve({ usage: 900_000, quota: 1_000_000, persisted: null });
  expect(await refused(download({ estimate: room }))).toMatchObject({
    reason: 'quota-exceeded',
    details: { available: 100_000 },
  });
  expect(host.requests).toHaveLength(1);
});

test('one job a model: a second one is told so', async () => {
  await serveModel();
  const first = download();
  expect((await refused(download())).reason).toBe('download-busy');
  await first;
  await sound();
});

test('a model deleted under the download ends it by name', async () => {
  await serveModel();
  let deleted: Promise<void> | undefined;
  const error = await refused(
    download({
      onProgress: ({ committedBytes }) => {
        if (committedBytes > CHUNK * 4) deleted ??= store.remove('m');
      },
    }),
  );
  await deleted;
  expect(error.reason).toBe('model-not-stored');
});

test('repair fetches only what is damaged', async () => {
  await serveModel();
  await download();
  // One bit flips inside a piece, another piece is lost.
  await openDatabase(name, 1).write(async (raw) => {
    const key = ['piece', 'm', SHARD, 0];
    const right = MODEL.files[SHARD]?.slice(0, CHUNK * 8) ?? new Uint8Array();
    right[CHUNK * 5 + 77] = (right[CHUNK * 5 + 77] ?? 0) ^ 1;
    await requested(raw.put(new Blob([right]), key));
    await requested(raw.delete(['piece', 'm', 'params_shard_1.bin', 0]));
  });
  expect(await verifyModel(store, 'm')).toMatchObject({
    state: 'corrupt',
    files: [
      { path: 'empty.txt', state: 'verified' },
      { path: 'config.json', state: 'verified' },
      { path: 'params_shard_1.bin', state: 'corrupt' },
      { path: SHARD, state: 'corrupt' },
    ],
  });
  expect(await storedModel('m', store).size(SHARD)).toBeUndefined();
  const before = host.requests.length;
  await repairModel(store, { id: 'm', base: host.url }, { host: quick });
  const repaired = host.requests.slice(before).filter(({ path }) => path !== 'manifest.json');
  expect(repaired.map(({ path, range }) => [path, (range?.from ?? 0) / CHUNK])).toEqual([
    ['params_shard_1.bin', 0],
    ['params_shard_1.bin', 1],
    [SHARD, 5],
  ]);
  await sound();
});

test('a repair from a host that has other bytes starts the file over, and refuses what is wrong', async () => {
  await serveModel();
  await download();
  await store.markDamaged('m', SHARD, [2]);
  host.put(SHARD, testModel(7, { x: CHUNK * 11 + 123 }).files.x ?? new Uint8Array());
  expect(await refused(download())).toMatchObject({ reason: 'hash-mismatch', details: { file: SHARD } });
  await sound(MODEL, false);
});

test('committed chunks that the browser lost start the file over', async () => {
  await serveModel({ fault: nth(SHARD, { 4: { kind: 'status', status: 404 } }) });
  await refused(download());
  await openDatabase(name, 1).write((raw) => requested(raw.delete(['chunk', 'm', SHARD, 1])));
  await download();
  await sound();
});

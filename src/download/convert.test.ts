// Checkpoints converted on the way in equal what the command line makes of them, whatever happens on the way.

import 'fake-indexeddb/auto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ModelSource } from '../format/model-source.ts';
import { sha256 } from '../../tests/host/model.ts';
import { startModelHost } from '../../tests/host/model-host.ts';
import type { HostOptions, ModelHost } from '../../tests/host/model-host.ts';
import { random } from '../../tests/host/random.ts';
import { convertCheckpoint } from '../convert/convert.ts';
import type { ModelSink } from '../convert/sink.ts';
import type { EngineError } from '../failures.ts';
import { memorySource } from '../format/memory-source.ts';
import { SCHEMES } from '../format/schemes.ts';
import type * as Bytes from '../storage/bytes.ts';
import { openDatabase, requested } from '../storage/database.ts';
import { openShards } from '../storage/shards.ts';
import type { ShardStore } from '../storage/shards.ts';
import { storedModel } from '../storage/stored-model.ts';
import { downloadModel, repairModel } from './download.ts';
import type { DownloadJob } from './download.ts';
import { HOST } from './host.ts';
import type { DownloadProgress } from '../format/model-status.ts';

vi.mock('../storage/bytes.ts', async (original) => ({
  ...(await original<typeof Bytes>()),
  CHUNK_BYTES: 16 * 1024,
  PIECE_BYTES: 8 * 16 * 1024,
}));
vi.setConfig({ testTimeout: 60_000 });
const SLICE = 64 * 1024;
const SHARD = 80 * 1024;
const SEED = Number(process.env.YUPANA_SEED ?? Math.floor(Math.random() * 2 ** 32));

const encode = (json: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(json));
type Files = Record<string, Uint8Array<ArrayBuffer>>;

function checkpoint(name: string): Files {
  const folder = new URL(`../../tests/golden/${name}/hf/`, import.meta.url);
  const read = (file: string): [string, Uint8Array<ArrayBuffer>] => [
    file,
    new Uint8Array(readFileSync(new URL(file, folder))),
  ];
  return {
    'tokenizer.json': encode({ model: {} }),
    'tokenizer_config.json': encode({ chat_template: '' }),
    ...Object.fromEntries(readdirSync(folder).map(read)),
    LICENSE: encode('a licence'),
  };
}

/** The same tensors over two files, the first without its order changed. */
function inTwoFiles(files: Files): Files {
  const { 'model.safetensors': whole, ...rest } = files;
  if (!whole) throw new Error('no weights');
  const headerBytes = Number(new DataView(whole.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(whole.subarray(8, 8 + headerBytes))) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  const half = Math.floor(names.length / 2);
  const map: Record<string, string> = {};
  const made = [names.slice(0, half), names.slice(half)].map((part, i) => {
    const file = `model-0000${i + 1}-of-00002.safetensors`;
    const entries: typeof header = {};
    const data: Uint8Array[] = [];
    let at = 0;
    for (const name of part) {
      const {
        data_offsets: [from, to],
        ...entry
      } = header[name]!;
      entries[name] = { ...entry, data_offsets: [at, at + to - from] };
      data.push(whole.subarray(8 + headerBytes + from, 8 + headerBytes + to));
      at += to - from;
      map[name] = file;
    }
    const head = encode(entries);
    const out = new Uint8Array(8 + head.length + at);
    new DataView(out.buffer).setBigUint64(0, BigInt(head.length), true);
    out.set(head, 8);
    let offset = 8 + head.length;
    for (const bytes of data) {
      out.set(bytes, offset);
      offset += bytes.length;
    }
    return [file, out] as const;
  });
  return {
    ...rest,
    ...Object.fromEntries(made),
    'model.safetensors.index.json': encode({ weight_map: map }),
  };
}

const SOURCE = { source: 'golden', licence: 'Apache-2.0' };

/** What `npm run convert` writes. */
async function byCommandLine(files: Files, scheme: keyof typeof SCHEMES): Promise<Files> {
  const out: Files = {};
  const sink: ModelSink = {
    create(path, bytes) {
      const file = new Uint8Array(bytes);
      let at = 0;
      out[path] = file;
      return Promise.resolve({
        write: (chunk) => {
          file.set(chunk, at);
          at += chunk.length;
          return Promise.resolve();
        },
        close: () => Promise.resolve(),
      });
    },
  };
  const options = { ...SOURCE, scheme: SCHEMES[scheme], shardBytes: SHARD };
  await convertCheckpoint(memorySource(files, 'golden'), sink, options);
  return out;
}

let host: ModelHost;
let store: ShardStore;
let name = '';
let count = 0;
beforeEach(() => {
  name = `convert-${++count}`;
  store = openShards(name);
});
afterEach(() => host.close());

const serve = async (files: Files, options: HostOptions = {}): Promise<void> => {
  host = await startModelHost(files, options);
};
const convert = (
  task: DownloadJob = {},
  source: Partial<ModelSource> = {},
  run = downloadModel,
): ReturnType<typeof downloadModel> =>
  run(
    store,
    { id: 'm', base: host.url, format: 'safetensors', scheme: 'q4f16_1', ...SOURCE, ...source },
    {
      host: { ...HOST, idleMs: 2_000, wait: () => Promise.resolve() },
      sliceBytes: SLICE,
      shardBytes: SHARD,
      ...task,
    },
  );
const refused = (work: Promise<unknown>): Promise<EngineError> =>
  work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => error as EngineError,
  );
const sentOf = (file: string): number =>
  host.requests.filter(({ path }) => path === file).reduce((sum, { sent }) => sum + sent, 0);

async function equals(expected: Files): Promise<void> {
  const model = storedModel('m', openShards(name));
  const { 'manifest.json': manifest, ...files } = expected;
  expect(await store.manifest('m')).toBe(new TextDecoder().decode(manifest));
  for (const [path, bytes] of Object.entries(files)) {
    expect(await model.size(path), path).toBe(bytes.length);
    expect(sha256(await model.read(path, 0, bytes.length)), path).toBe(sha256(bytes));
  }
  const keys = await openDatabase(name, 1).read((data) => requested(data.getAllKeys()));
  const left = keys.filter((key) => Array.isArray(key) && ['segment', 'conversion'].includes(String(key[0])));
  expect(left).toEqual([]);
}

const TIED = checkpoint('gqa-tied');
const UNTIED = checkpoint('mha-untied-tail');

test.each<[string, Files, keyof typeof SCHEMES, HostOptions]>([
  ['gqa-tied', TIED, 'q4f16_1', {}],
  ['mha-untied-tail', UNTIED, 'q3f16_1', { redirect: true }],
  ['mha-untied-tail', UNTIED, 'q4f32_1', { cors: 'hidden' }],
  ['gqa-tied in two files', inTwoFiles(TIED), 'q0f16', { ranges: false }],
])('%s becomes what the command line makes of it', async (_, files, scheme, options) => {
  await serve(files, options);
  const progress: DownloadProgress[] = [];
  const status = await convert({ onProgress: (now) => progress.push(now) }, { scheme });
  expect(status).toMatchObject({ state: 'ready', check: 'size' });
  await equals(await byCommandLine(files, scheme));
  const last = progress.findLast(({ phase }) => phase === 'convert');
  expect(last?.committedBytes).toBeGreaterThan(0);
  expect(last?.committedBytes).toBeLessThanOrEqual(last?.totalBytes ?? 0);
  const before = host.requests.length;
  expect(await convert()).toMatchObject({ state: 'ready' });
  expect(host.requests.length).toBe(before);
});

test('semilla, with its own tokenizer, too', async () => {
  const files = checkpoint('semilla');
  await serve(files);
  await convert({ sliceBytes: 2 ** 20 });
  await equals(await byCommandLine(files, 'q4f16_1'));
});

test.each(['model.safetensors', 'two files'])(
  'killed again and again, it repeats no stored slice: %s',
  async (kind) => {
    const files = kind === 'two files' ? inTwoFiles(UNTIED) : UNTIED;
    const weights = Object.keys(files).filter((path) => path.endsWith('.safetensors'));
    const dice = random(SEED);
    await serve(files);
    let reached = 0;
    let kills = 0;
    for (; kills < 8; kills++) {
      store = openShards(name);
      const control = new AbortController();
      const stopAt = reached + 1 + dice.below(300_000);
      let first: number | undefined;
      const onProgress = ({ phase, committedBytes }: DownloadProgress): void => {
        if (phase !== 'convert') return;
        first ??= committedBytes;
        reached = committedBytes;
        if (committedBytes >= stopAt) control.abort();
      };
      const before = reached;
      const end = await convert({ signal: control.signal, onProgress }).catch((error: unknown) => error);
      // The first report of a run is of a slice after all that were stored.
      if (before > 0 && first !== undefined) expect(first, `seed ${SEED}`).toBeGreaterThan(before);
      if (!(end instanceof Error)) break;
      expect(end, `seed ${SEED}`).toMatchObject({ reason: 'aborted' });
    }
    store = openShards(name);
    await convert();
    await equals(await byCommandLine(files, 'q4f16_1'));
    // Every try asks for the header again; of the weights, no stored byte twice beyond what a broken line has in flight.
    expect(kills, `seed ${SEED}`).toBeGreaterThan(0);
    const starts = host.requests.flatMap(({ path, range }) =>
      weights[0] === path && range && range.to - range.from > 100_000 ? [range.from] : [],
    );
    expect(starts, `seed ${SEED}`).toEqual([...starts].sort((a, b) => a - b));
  },
  60_000,
);

test('a broken line goes on where it broke, whole or not', async () => {
  let times = 0;
  await serve(TIED, {
    fault: ({ path, range }) =>
      path === 'model.safetensors' && range && range.to - range.from > 100_000 && times++ < 4
        ? { kind: times % 2 ? 'reset' : 'cut', after: 130_000 }
        : undefined,
  });
  expect(await convert()).toMatchObject({ state: 'ready' });
  await equals(await byCommandLine(TIED, 'q4f16_1'));
});

const repository = (files: Files, sums = files): Files => ({
  ...Object.fromEntries(
    Object.entries(files).map(([path, bytes]) => [`o/n/resolve/${'c'.repeat(40)}/${path}`, bytes]),
  ),
  'api/models/o/n/revision/main': encode({
    sha: 'c'.repeat(40),
    siblings: Object.entries(files).map(([rfilename, bytes]) => ({
      rfilename,
      size: bytes.length,
      ...(rfilename.endsWith('.safetensors') ? { lfs: { sha256: sha256(sums[rfilename] ?? bytes) } } : {}),
    })),
  }),
});

test('the sha256 that a repository tells is compared with all that was read', async () => {
  await serve(repository(TIED));
  expect(await convert({}, { base: `${host.url}o/n/resolve/main/` })).toMatchObject({
    state: 'ready',
    check: 'sha256',
  });
  await equals(await byCommandLine(TIED, 'q4f16_1'));
});

test('a source with another sha256 becomes no file', async () => {
  const other = TIED['model.safetensors']!.slice();
  other[other.length - 3]! ^= 1;
  await serve(repository(TIED, { ...TIED, 'model.safetensors': other }));
  const error = await refused(convert({}, { base: `${host.url}o/n/resolve/main/` }));
  expect(error).toMatchObject({ reason: 'hash-mismatch', details: { file: 'model.safetensors' } });
  const { state, files } = await store.status('m');
  expect(state).toBe('partial');
  expect(files.filter((file) => file.path.endsWith('.bin') && file.state !== 'missing')).toEqual([]);
});

test('asks before it fetches a checkpoint that is larger than was told', async () => {
  await serve(TIED);
  const actual = TIED['model.safetensors']?.length ?? 0;
  expect(await refused(convert({}, { told: 1000 }))).toMatchObject({
    reason: 'download-larger',
    details: { told: 1000, actual },
  });
  expect((await store.status('m')).state).toBe('absent');
  expect(await convert({}, { told: actual })).toMatchObject({ state: 'ready' });
});

test('a file that changes between two tries is converted anew', async () => {
  await serve(TIED);
  const control = new AbortController();
  const onProgress = ({ phase, committedBytes }: DownloadProgress): void => {
    if (phase === 'convert' && committedBytes > 300_000) control.abort();
  };
  expect(await refused(convert({ signal: control.signal, onProgress }))).toMatchObject({ reason: 'aborted' });
  const changed = { ...TIED, 'model.safetensors': TIED['model.safetensors']!.slice() };
  changed['model.safetensors'][changed['model.safetensors'].length - 3]! ^= 1;
  host.put('model.safetensors', changed['model.safetensors']);
  expect(await convert()).toMatchObject({ state: 'ready' });
  await equals(await byCommandLine(changed, 'q4f16_1'));
});

test('a damaged shard is made again of what it needs, and judged by its own sum', async () => {
  await serve(UNTIED);
  await convert();
  const before = sentOf('model.safetensors');
  await store.markDamaged('m', 'params_shard_1.bin', [0]);
  expect(await convert({}, {}, repairModel)).toMatchObject({ state: 'ready' });
  await store.markDamaged('m', 'tensor-cache.json', [0]);
  expect(await convert()).toMatchObject({ state: 'ready' });
  await equals(await byCommandLine(UNTIED, 'q4f16_1'));
  expect(sentOf('model.safetensors') - before).toBeLessThan(before);
});

test.each<[string, Files, string]>([
  ['another architecture', { 'config.json': encode({ model_type: 'qwen2' }) }, 'architecture-unsupported'],
  ['no tokenizer', { 'tokenizer.json': undefined as unknown as Uint8Array<ArrayBuffer> }, 'file-missing'],
])('%s is refused before weights are asked for', async (_, change, reason) => {
  await serve(Object.fromEntries(Object.entries({ ...TIED, ...change }).filter(([, bytes]) => bytes)));
  expect(await refused(convert())).toMatchObject({ reason });
  const asked = host.requests.filter(({ path }) => path.endsWith('.safetensors'));
  expect(asked.every(({ range }) => range && range.to - range.from < 10_000)).toBe(true);
});

test('no room is said before weights are asked for', async () => {
  await serve(TIED);
  const room = () => Promise.resolve({ usage: 0, quota: 10_000, persisted: null });
  expect(await refused(convert({ estimate: room }))).toMatchObject({ reason: 'quota-exceeded' });
});

// Models carried by hand: out of one store, into a folder or a file, into another store. And everything that a folder of
// strange origin may hold.

import 'fake-indexeddb/auto';
import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { memoryFolder } from '../../tests/host/memory-folder.ts';
import { manifestOf, sha256 } from '../../tests/host/model.ts';
import { random } from '../../tests/host/random.ts';
import { convertCheckpoint } from '../convert/convert.ts';
import type { ModelSink } from '../convert/sink.ts';
import type { EngineError } from '../failures.ts';
import { schemeNamed } from '../format/schemes.ts';
import { tarHeader } from '../format/tar.ts';
import { CHUNK_BYTES } from '../storage/bytes.ts';
import { openShards } from '../storage/shards.ts';
import type { ShardStore } from '../storage/shards.ts';
import { storedModel } from '../storage/stored-model.ts';
import type { LocalFile, LocalModel } from '../format/local-model.ts';
import { localSource } from './local-host.ts';
import { importLocal } from './local-import.ts';
import { inspectLocal } from './local-inspect.ts';
import { exportPack } from './pack-export.ts';
import { packFiles } from './pack-file.ts';

const encode = (json: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(json));
const read = (path: string): Record<string, Uint8Array<ArrayBuffer>> => {
  const folder = new URL(`../../tests/golden/${path}/`, import.meta.url);
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(new URL(name, folder)))]),
  );
};
const SMALL = { 'tokenizer.json': encode({ model: {} }), 'tokenizer_config.json': encode({}) };
const MODEL: Record<string, Uint8Array<ArrayBuffer>> = { ...read('gqa-tied/mlc'), ...SMALL };
const PACK: Record<string, Uint8Array<ArrayBuffer>> & Record<'manifest.json', Uint8Array<ArrayBuffer>> = {
  ...MODEL,
  'manifest.json': manifestOf(MODEL),
  'pack.json': encode({ format: 'yupana-pack', version: 1, id: 'tiny-q4f16_1', name: 'Tiny' }),
};
const SHARD = 'params_shard_1.bin';
const WITH_MANIFEST = { ...MODEL, 'manifest.json': PACK['manifest.json'] };

let store: ShardStore;
let count = 0;
beforeEach(() => {
  store = openShards(`local-${++count}`);
});

const under = (folder: string, files: Record<string, Uint8Array<ArrayBuffer>>): LocalFile[] =>
  Object.entries(files).map(([path, bytes]) => ({
    path: folder === '' ? path : `${folder}/${path}`,
    file: new Blob([bytes]),
  }));

async function only(chosen: readonly LocalFile[], pins = {}): Promise<LocalModel> {
  const { models, faults } = await inspectLocal(store, chosen, pins);
  expect(faults).toEqual([]);
  expect(models).toHaveLength(1);
  return models[0]!;
}
const refusal = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'accepted',
    (error: EngineError) => error.reason,
  );
const reasonOf = async (chosen: readonly LocalFile[]): Promise<string | undefined> => {
  const { models, faults } = await inspectLocal(store, chosen, {});
  expect(models).toEqual([]);
  return faults[0]?.error.reason;
};

async function expectStored(id: string, files: Record<string, Uint8Array>): Promise<void> {
  const source = storedModel(id, store);
  for (const [path, bytes] of Object.entries(files)) {
    const found = await source.read(path, 0, (await source.size(path)) ?? -1);
    expect(sha256(found), path).toBe(sha256(bytes));
  }
}

/** A model of three chunks' length, stored and whole; its content is of no concern to packs. */
async function largeModel(id: string): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const { bytes } = random(7);
  const files = { 'a.json': bytes(500), 'params_shard_0.bin': bytes(2 * CHUNK_BYTES + 1234) };
  const chosen = under('', { ...files, 'manifest.json': manifestOf(files) });
  const choice = {
    folder: '',
    kind: 'pack',
    id,
    name: id,
    scheme: 'q4f16_1',
    licence: '',
    manifestSha256: '',
  };
  await importLocal(store, { ...choice, kind: 'pack' }, chosen);
  return files;
}

test('a pack goes from one store into a folder, and from there into another store, bit for bit', async () => {
  const model = await only(under('', PACK));
  await importLocal(store, model, under('', PACK));
  const stick = memoryFolder();
  const { folder, bytes } = await exportPack(store, { id: model.id, name: 'Tiny' }, stick);
  expect(folder).toBe('tiny-q4f16_1');
  expect(bytes).toBe(Object.values(MODEL).reduce((sum, file) => sum + file.length, 0));
  expect(stick.written.slice(-2)).toEqual(['pack.json', 'manifest.json']);

  store = openShards(`local-other-${count}`);
  const found = await only(stick.chosen());
  expect(found).toMatchObject({
    kind: 'pack',
    id: 'tiny-q4f16_1',
    name: 'Tiny',
    vouched: 'pack',
    missing: [],
  });
  const { status, account } = await importLocal(store, found, stick.chosen());
  expect(account).toEqual({ missing: [], damaged: [] });
  expect(status.state).toBe('ready');
  await expectStored(model.id, MODEL);
  expect(sha256(new TextEncoder().encode(await store.manifest(model.id)))).toBe(
    sha256(PACK['manifest.json']),
  );
});

test('long files are carried in parts, and one that is missing is told', async () => {
  const files = await largeModel('large');
  const stick = memoryFolder();
  await exportPack(store, { id: 'large', name: 'Large' }, stick, { partBytes: CHUNK_BYTES });
  const parts = [...stick.files.keys()].filter((path) => path.includes('.bin.'));
  expect(parts.sort()).toEqual([1, 2, 3].map((n) => `large/params_shard_0.bin.00${n}`));
  const choice = {
    folder: 'large',
    kind: 'pack' as const,
    id: 'again',
    name: '',
    scheme: '',
    licence: '',
    manifestSha256: '',
  };
  const without = stick.chosen().filter(({ path }) => !path.endsWith('.002'));
  const first = await importLocal(store, choice, without);
  expect(first.account).toEqual({ missing: ['params_shard_0.bin'], damaged: [] });
  expect(first.status.state).toBe('partial');
  const { status } = await importLocal(store, choice, stick.chosen());
  expect(status.state).toBe('ready');
  await expectStored('again', files);
});

test('a pack as one file, cut in parts, is a tar that comes in again', async () => {
  const files = await largeModel('large');
  const saved = await packFiles(store, { id: 'large', name: 'Large' }, { partBytes: CHUNK_BYTES });
  expect(saved.map(({ name }) => name)).toEqual([1, 2, 3].map((n) => `large.yupana.00${n}`));
  const chosen = saved.map(({ name, blob }) => ({ path: name, file: blob }));
  const choice = {
    folder: 'large/large',
    kind: 'pack' as const,
    id: 'again',
    name: '',
    scheme: '',
    licence: '',
    manifestSha256: '',
  };
  const { status } = await importLocal(store, choice, chosen);
  expect(status.state).toBe('ready');
  await expectStored('again', files);
});

test('a folder is left as it is where another model has the name; a stopped export goes on', async () => {
  await largeModel('large');
  const stick = memoryFolder();
  stick.files.set('large/manifest.json', encode({ another: 'model' }));
  const note = { id: 'large', name: 'Large' };
  stick.room = CHUNK_BYTES + 1000;
  expect(await refusal(exportPack(store, note, stick))).toBe('target-full');
  expect(stick.files.has('large-2/manifest.json')).toBe(false);
  stick.room = Number.POSITIVE_INFINITY;
  const { folder, kept } = await exportPack(store, note, stick);
  expect(folder).toBe('large-2');
  expect(kept).toBe(500);
  expect(new TextDecoder().decode(stick.files.get('large/manifest.json'))).toBe('{"another":"model"}');
  // What is on the stick is read again, not believed.
  stick.files.get('large-2/params_shard_0.bin')![5]! ^= 1;
  expect((await exportPack(store, note, stick)).kept).toBe(500);
  expect((await exportPack(store, note, stick)).kept).toBe(500 + 2 * CHUNK_BYTES + 1234);
});

test('what is missing or damaged is accounted for, and what is verified is not read again', async () => {
  const shard = PACK[SHARD]!.slice();
  shard[3]! ^= 0xff;
  const rest = Object.fromEntries(Object.entries(PACK).filter(([path]) => path !== 'params_shard_2.bin'));
  const broken = { ...rest, [SHARD]: shard };
  const model = await only(under('stick', broken));
  expect(model.missing).toEqual(['params_shard_2.bin']);
  const { status, account } = await importLocal(store, model, under('stick', broken));
  expect(account).toEqual({ missing: ['params_shard_2.bin'], damaged: [SHARD] });
  expect(status.state).toBe('partial');
  expect(await storedModel(model.id, store).size(SHARD)).toBeUndefined();

  const asked: string[] = [];
  const watched = under('stick', PACK).map(({ path, file }) => ({
    path,
    file: Object.assign(file, {
      slice: (...args: [number, number]) => {
        asked.push(path);
        return Blob.prototype.slice.apply(file, args);
      },
    }),
  }));
  const second = await importLocal(store, model, watched);
  expect(second.status.state).toBe('ready');
  expect([...new Set(asked)].sort()).toEqual([
    'stick/manifest.json',
    `stick/${SHARD}`,
    'stick/params_shard_2.bin',
  ]);
  await expectStored(model.id, MODEL);
});

test('a pack speaks for no model of the library that is pinned, and takes the place of none that is stored', async () => {
  const pinned = sha256(PACK['manifest.json']);
  expect(await only(under('', PACK), { 'tiny-q4f16_1': pinned })).toMatchObject({
    id: 'tiny-q4f16_1',
    vouched: 'catalog',
  });
  const other = await only(under('', PACK), { 'tiny-q4f16_1': 'ab'.repeat(32) });
  expect(other).toMatchObject({ id: `tiny-q4f16_1-${pinned.slice(0, 8)}`, vouched: 'pack' });
  await importLocal(store, await only(under('', PACK)), under('', PACK));
  const changed = { ...MODEL, 'tokenizer.json': encode({ model: { other: true } }) };
  const impostor = { ...PACK, ...changed, 'manifest.json': manifestOf(changed) };
  expect((await only(under('', impostor))).id).toBe(
    `tiny-q4f16_1-${sha256(impostor['manifest.json']).slice(0, 8)}`,
  );
  expect((await only(under('', PACK))).stored).toBe('ready');
  // An MLC folder without pack.json has no say about the library's ids at all.
  const folder = under('tiny-q4f16_1', WITH_MANIFEST);
  expect((await only(folder, { 'tiny-q4f16_1': null })).id).toBe(`tiny-q4f16_1-${pinned.slice(0, 8)}`);
});

test('a folder in the layout of MLC without a manifest is added, by its md5 sums', async () => {
  const model = await only(under('mi modelo', MODEL));
  expect(model).toMatchObject({ kind: 'mlc', id: 'mi-modelo', name: 'mi modelo', vouched: 'nobody' });
  const { status } = await importLocal(store, model, under('mi modelo', MODEL));
  expect(status).toMatchObject({ state: 'ready', check: 'md5' });
  await expectStored('mi-modelo', MODEL);
  // Chosen again it is the same model, whose files are there; another folder of that name is not.
  expect(await only(under('mi modelo', MODEL))).toMatchObject({
    id: 'mi-modelo',
    stored: 'ready',
    missing: [],
  });
  const list = MODEL['tensor-cache.json']!;
  const other = { ...MODEL, 'tensor-cache.json': new Uint8Array([...list, 32]) };
  expect((await only(under('mi modelo', other))).id).toMatch(/^mi-modelo-[0-9a-f]{8}$/);
});

test('a checkpoint goes through the converter, to the bytes the converter makes', async () => {
  const files = { ...read('gqa-tied/hf'), ...SMALL };
  const model = await only(under('mi punto', files));
  expect(model).toMatchObject({ kind: 'checkpoint', scheme: 'q4f16_1', vouched: 'nobody' });
  const phases = new Set<string>();
  const { status } = await importLocal(store, model, under('mi punto', files), {
    onProgress: ({ phase }) => phases.add(phase),
  });
  expect(status.state).toBe('ready');
  expect([...phases]).toEqual(['plan', 'importConvert']);
  const made: Record<string, Uint8Array<ArrayBuffer>> = {};
  const sink: ModelSink = {
    create(path) {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      return Promise.resolve({
        write: (chunk) => Promise.resolve(void parts.push(chunk.slice())),
        close: async () => {
          made[path] = new Uint8Array(await new Blob(parts).arrayBuffer());
        },
      });
    },
  };
  const blobs = new Map(Object.entries(files).map(([path, bytes]) => [path, new Blob([bytes])]));
  const scheme = schemeNamed('q4f16_1', '');
  await convertCheckpoint(localSource('mi punto', blobs), sink, {
    scheme,
    source: 'mi punto',
    licence: 'unknown',
  });
  const { 'manifest.json': manifest, ...content } = made;
  await expectStored(model.id, content);
  expect(await store.manifest(model.id)).toContain('"source": "mi punto"');
  expect(manifest?.length).toBeGreaterThan(0);
});

test('what is no model, cannot run, or would be code, is refused by name', async () => {
  expect(await refusal(inspectLocal(store, under('', { 'letter.json': encode({}) }), {}))).toBe(
    'nothing-to-add',
  );
  const gpt2 = { ...read('gqa-tied/hf'), 'config.json': encode({ model_type: 'gpt2' }) };
  expect(await reasonOf(under('', gpt2))).toBe('architecture-unsupported');
  const script = { ...MODEL, 'run.js': encode('alert(1)') };
  expect(await reasonOf(under('', { ...PACK, 'manifest.json': manifestOf(script) }))).toBe('pack-invalid');
  const wasm = { ...MODEL, 'lib.wasm': encode('') };
  expect(await reasonOf(under('', { ...PACK, 'manifest.json': manifestOf(wasm) }))).toBe('pack-invalid');
  const escape = JSON.parse(new TextDecoder().decode(PACK['manifest.json'])) as { files: { path: string }[] };
  escape.files[0]!.path = '../outside.json';
  expect(await reasonOf(under('', { ...PACK, 'manifest.json': encode(escape) }))).toBe('manifest-invalid');
  const strange = encode({ format: 'yupana-pack', version: 1, id: '../x', name: 'x' });
  expect(await reasonOf(under('', { ...PACK, 'pack.json': strange }))).toBe('pack-invalid');
});

test('a tar that leaves its folder, links, or is cut, is refused or accounted for', async () => {
  const entry = (path: string, bytes: Uint8Array<ArrayBuffer>): Blob => {
    const header = tarHeader('x', bytes.length);
    header.fill(0, 0, 100);
    header.set(new TextEncoder().encode(path));
    header.set(new TextEncoder().encode('        '), 148);
    const sum = header.reduce((a, b) => a + b, 0);
    header.set(new TextEncoder().encode(sum.toString(8).padStart(6, '0')), 148);
    return new Blob([header, bytes]);
  };
  for (const path of ['../x.json', '/etc/passwd', 'a/../../b', 'c:\\x'])
    expect(
      await refusal(inspectLocal(store, [{ path: 'p.yupana', file: entry(path, encode(1)) }], {})),
      path,
    ).toBe('pack-invalid');
  const noTar = [{ path: 'p.yupana', file: new Blob([random(1).bytes(2048)]) }];
  expect(await refusal(inspectLocal(store, noTar, {}))).toBe('pack-invalid');
});

test('a stick pulled out while it is read is said so, and the import goes on afterwards', async () => {
  const model = await only(under('', PACK));
  const gone = under('', PACK).map(({ path, file }) => ({
    path,
    file:
      path === SHARD
        ? Object.assign(file, {
            slice: () => ({
              stream: () =>
                new ReadableStream({
                  start: (control) => control.error(new DOMException('gone', 'NotReadableError')),
                }),
            }),
          })
        : file,
  }));
  // Response takes what is a Blob only, so the fault comes as a failing body.
  const RealResponse = globalThis.Response;
  globalThis.Response = class extends RealResponse {
    constructor(body?: BodyInit | null, init?: ResponseInit) {
      const odd = body as { stream?: () => BodyInit } | null | undefined;
      super(body instanceof Blob || !odd?.stream ? body : odd.stream(), init);
    }
  };
  try {
    expect(await refusal(importLocal(store, model, gone))).toBe('file-unreadable');
  } finally {
    globalThis.Response = RealResponse;
  }
  expect((await importLocal(store, model, under('', PACK))).status.state).toBe('ready');
});

import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import { random } from '../../tests/host/random.ts';
import type * as Bytes from './bytes.ts';
import { openDatabase, requested } from './database.ts';
import type { FileRecord } from './ledger.ts';
import { openShards } from './shards.ts';
import type { ShardStore } from './shards.ts';
import { storedModel } from './stored-model.ts';

// The same code with small units: what matters is where the borders are.
const CHUNK = 64;
vi.mock('./bytes.ts', async (original) => ({
  ...(await original<typeof Bytes>()),
  CHUNK_BYTES: 64,
  PIECE_BYTES: 64 * 8,
}));

afterEach(() => {
  vi.restoreAllMocks();
});

const SHA = 'a'.repeat(64);
const seed = Math.floor(Math.random() * 2 ** 32);
const { bytes: randomBytes, below } = random(seed);

let count = 0;
const plan = (files: Record<string, number>, modelId = 'm') => ({
  modelId,
  manifest: '{}',
  files: Object.entries(files).map(([path, bytes]) => ({ path, bytes, sha256: SHA })),
});

async function fill(
  store: ShardStore,
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  upTo = Infinity,
): Promise<FileRecord> {
  let file: FileRecord | undefined;
  for (let index = 0; index * CHUNK < Math.min(bytes.length, upTo); index++) {
    file = await store.commit('m', path, {
      index,
      bytes: bytes.slice(index * CHUNK, (index + 1) * CHUNK),
      crc: `crc${index}`,
      hashState: new Uint8Array([index]),
      etag: '"v1"',
    });
  }
  if (!file) throw new Error('nothing to fill');
  return file;
}

const keysOf = async (name: string): Promise<string[]> => {
  const keys = await openDatabase(name, 1).read((store) => requested(store.getAllKeys()));
  return keys.filter(Array.isArray).map((key) => key.join('/'));
};

test('a file can be read only once it is sealed, and then at any offset', async () => {
  const store = openShards(`shards-${++count}`);
  const bytes = randomBytes(CHUNK * 19 + 5);
  await store.adopt(plan({ a: bytes.length }));
  const model = storedModel('m', store);
  await fill(store, 'a', bytes);
  expect(await model.size('a')).toBeUndefined();
  await expect(model.read('a', 0, 1)).rejects.toMatchObject({ reason: 'file-missing' });
  await store.seal('m', 'a');
  expect(await model.size('a')).toBe(bytes.length);
  for (let i = 0; i < 200; i++) {
    const from = below(bytes.length + 1);
    const length = below(bytes.length - from + 1);
    expect(await model.read('a', from, length), `seed ${seed}: [${from}, +${length})`).toEqual(
      bytes.slice(from, from + length),
    );
  }
  await expect(model.read('a', bytes.length, 1)).rejects.toMatchObject({ reason: 'tensor-bounds' });
  await expect(model.read('a', -1, 1)).rejects.toMatchObject({ reason: 'tensor-bounds' });
  await expect(model.read('b', 0, 1)).rejects.toMatchObject({ reason: 'file-missing' });
});

test('chunks are merged as soon as a piece is whole; none is left twice', async () => {
  const name = `shards-${++count}`;
  const store = openShards(name);
  const bytes = randomBytes(CHUNK * 10);
  await store.adopt(plan({ a: bytes.length }));
  await fill(store, 'a', bytes, CHUNK * 9);
  expect(await keysOf(name)).toEqual(['chunk/m/a/8', 'file/m/a', 'model/m', 'piece/m/a/0']);
  const rest = {
    index: 9,
    bytes: bytes.slice(9 * CHUNK),
    crc: 'x',
    hashState: new Uint8Array(1),
    etag: null,
  };
  await store.commit('m', 'a', rest);
  await store.seal('m', 'a');
  expect(await keysOf(name)).toEqual(['file/m/a', 'model/m', 'piece/m/a/0', 'piece/m/a/1']);
  expect(await storedModel('m', store).read('a', 0, bytes.length)).toEqual(bytes);
});

test('a chunk out of turn is refused: a second tab cannot write over the first', async () => {
  const store = openShards(`shards-${++count}`);
  const bytes = randomBytes(CHUNK * 4);
  await store.adopt(plan({ a: bytes.length }));
  await fill(store, 'a', bytes, CHUNK * 2);
  const again = {
    index: 1,
    bytes: bytes.slice(0, CHUNK),
    crc: 'x',
    hashState: new Uint8Array(1),
    etag: null,
  };
  await expect(store.commit('m', 'a', again)).rejects.toMatchObject({ reason: 'storage-failed' });
  await expect(store.commit('m', 'a', { ...again, index: 3 })).rejects.toMatchObject({
    reason: 'storage-failed',
  });
  await expect(
    store.commit('m', 'a', { ...again, index: 2, bytes: bytes.slice(0, 3) }),
  ).rejects.toMatchObject({ reason: 'size-mismatch' });
  await expect(store.seal('m', 'a')).rejects.toMatchObject({ reason: 'storage-failed' });
  expect(await store.file('m', 'a')).toMatchObject({ committed: CHUNK * 2, etag: '"v1"', state: 'partial' });
});

test('a full disk while a chunk is written leaves neither chunk nor line', async () => {
  const name = `shards-${++count}`;
  const store = openShards(name);
  const bytes = randomBytes(CHUNK * 4);
  await store.adopt(plan({ a: bytes.length }));
  await fill(store, 'a', bytes, CHUNK);
  const before = await keysOf(name);
  const put = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, key) {
    if (Array.isArray(key) && key[0] === 'file') throw new DOMException('full', 'QuotaExceededError');
    return put.call(this, value, key);
  });
  const next = {
    index: 1,
    bytes: bytes.slice(CHUNK, 2 * CHUNK),
    crc: 'x',
    hashState: new Uint8Array(1),
    etag: null,
  };
  await expect(store.commit('m', 'a', next)).rejects.toMatchObject({ reason: 'quota-exceeded' });
  vi.restoreAllMocks();
  expect(await keysOf(name)).toEqual(before);
  expect(await store.file('m', 'a')).toMatchObject({ committed: CHUNK });
  await store.commit('m', 'a', next);
});

test('a new manifest keeps files that are the same and forgets the others', async () => {
  const name = `shards-${++count}`;
  const store = openShards(name);
  const bytes = randomBytes(CHUNK);
  await store.adopt(plan({ same: CHUNK, longer: CHUNK, dropped: CHUNK }));
  for (const path of ['same', 'longer', 'dropped']) {
    await fill(store, path, bytes);
    await store.seal('m', path);
  }
  expect((await store.status('m')).state).toBe('ready');
  const files = await store.adopt(plan({ longer: CHUNK * 2, same: CHUNK }));
  expect(files.map(({ path, state }) => [path, state])).toEqual([
    ['longer', 'missing'],
    ['same', 'verified'],
  ]);
  expect(await keysOf(name)).toEqual(['file/m/longer', 'file/m/same', 'model/m', 'piece/m/same/0']);
  expect(await store.status('m')).toMatchObject({
    state: 'partial',
    check: 'sha256',
    committedBytes: CHUNK,
    totalBytes: CHUNK * 3,
  });
});

test('deleting a model leaves nothing of it, and everything of others', async () => {
  const name = `shards-${++count}`;
  const store = openShards(name);
  const bytes = randomBytes(CHUNK * 9);
  await store.adopt(plan({ a: bytes.length, b: 5 }));
  await store.adopt(plan({ a: 5 }, 'm2'));
  await fill(store, 'a', bytes);
  expect((await store.list()).map(({ modelId }) => modelId)).toEqual(['m', 'm2']);
  await store.remove('m');
  expect(await keysOf(name)).toEqual(['file/m2/a', 'model/m2']);
  expect(await store.status('m')).toEqual({
    modelId: 'm',
    state: 'absent',
    check: 'sha256',
    committedBytes: 0,
    totalBytes: 0,
    files: [],
  });
  await expect(fill(store, 'a', bytes)).rejects.toMatchObject({ reason: 'model-not-stored' });
});

test('bytes that the browser lost: the file is hidden and its chunks named', async () => {
  const name = `shards-${++count}`;
  const store = openShards(name);
  const bytes = randomBytes(CHUNK * 12);
  await store.adopt(plan({ a: bytes.length }));
  await fill(store, 'a', bytes);
  await store.seal('m', 'a');
  await openDatabase(name, 1).write((raw) => requested(raw.delete(['piece', 'm', 'a', 1])));
  const model = storedModel('m', store);
  expect(await model.read('a', 0, CHUNK)).toEqual(bytes.slice(0, CHUNK));
  await expect(model.read('a', CHUNK * 8, 3)).rejects.toMatchObject({
    reason: 'size-mismatch',
    details: { file: 'a' },
  });
  expect(await store.file('m', 'a')).toMatchObject({ state: 'corrupt', damaged: [8, 9, 10, 11] });
  expect(await model.size('a')).toBeUndefined();
  expect((await store.status('m')).committedBytes).toBe(CHUNK * 8);
  // Mended chunk by chunk, in any order, and published again.
  for (const index of [10, 8, 11, 9]) {
    await store.mend('m', 'a', index, bytes.slice(index * CHUNK, (index + 1) * CHUNK), 'crc');
  }
  await store.seal('m', 'a');
  expect(await storedModel('m', store).read('a', 0, bytes.length)).toEqual(bytes);
});

test('a mended chunk keeps the sound rest of its piece', async () => {
  const store = openShards(`shards-${++count}`);
  const bytes = randomBytes(CHUNK * 8);
  await store.adopt(plan({ a: bytes.length }));
  await fill(store, 'a', bytes);
  await store.seal('m', 'a');
  await store.markDamaged('m', 'a', [3]);
  const fresh = randomBytes(CHUNK);
  await store.mend('m', 'a', 3, fresh, 'new');
  await store.seal('m', 'a');
  const expected = bytes.slice();
  expected.set(fresh, 3 * CHUNK);
  expect(await storedModel('m', store).read('a', 0, bytes.length)).toEqual(expected);
  expect((await store.file('m', 'a'))?.crcs[3]).toBe('new');
});

// What the first release wrote. It must be read by every later one: add fixtures, never change this one.
test('schema 1, as first released, is read', async () => {
  const name = `shards-${++count}`;
  await openDatabase(name, 1).write((raw) =>
    Promise.all([
      requested(raw.put({ id: 'm', manifest: '{"v":1}', paths: ['w', 'p'], addedAt: 1 }, ['model', 'm'])),
      requested(
        raw.put(
          {
            path: 'w',
            bytes: 70,
            sha256: SHA,
            state: 'verified',
            committed: 70,
            crcs: ['00000001', '00000002'],
            hashState: null,
            etag: '"v1"',
            damaged: [],
          },
          ['file', 'm', 'w'],
        ),
      ),
      requested(raw.put(new Blob([new Uint8Array(70).fill(7)]), ['piece', 'm', 'w', 0])),
      requested(
        raw.put(
          {
            path: 'p',
            bytes: 100,
            sha256: SHA,
            state: 'partial',
            committed: 64,
            crcs: ['00000003'],
            hashState: new Uint8Array(116),
            etag: null,
            damaged: [],
          },
          ['file', 'm', 'p'],
        ),
      ),
      requested(raw.put(new Blob([new Uint8Array(64).fill(9)]), ['chunk', 'm', 'p', 0])),
    ]),
  );
  const store = openShards(name);
  expect(await store.manifest('m')).toBe('{"v":1}');
  expect(await store.status('m')).toEqual({
    modelId: 'm',
    state: 'partial',
    check: 'sha256',
    committedBytes: 134,
    totalBytes: 170,
    files: [
      { path: 'w', bytes: 70, state: 'verified' },
      { path: 'p', bytes: 100, state: 'partial' },
    ],
  });
  expect(await storedModel('m', store).read('w', 60, 10)).toEqual(new Uint8Array(10).fill(7));
  const partial = await store.file('m', 'p');
  expect(partial && (await store.chunk('m', partial, 0))).toEqual(new Uint8Array(64).fill(9));
});

import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { openDatabase, requested } from './database.ts';
import { MAX_PREFIX_BYTES, MAX_PREFIXES_BYTES, openPrefixes } from './prefixes.ts';
import type { PrefixKey } from './prefixes.ts';

const KEY: PrefixKey = {
  modelId: 'm',
  files: [{ path: 'a.bin', sha256: '11' }],
  layout: 'halves',
  tokens: [1, 2, 3],
};
const bytes = (length: number, value = 7): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(value);

test('what was kept comes back for the very same model, layout and tokens, and for no other', async () => {
  const prefixes = openPrefixes('prefixes-a');
  expect(await prefixes.load(KEY)).toBeNull();
  await prefixes.save(KEY, bytes(12));
  expect(await prefixes.load(KEY)).toEqual(bytes(12));
  const others: Partial<PrefixKey>[] = [
    { modelId: 'n' },
    { files: [{ path: 'a.bin', sha256: '12' }] },
    { layout: 'codes' },
    { tokens: [1, 2, 4] },
    { tokens: [1, 2] },
  ];
  for (const other of others) expect(await prefixes.load({ ...KEY, ...other })).toBeNull();
});

test('damage is found out and deleted', async () => {
  const prefixes = openPrefixes('prefixes-b');
  const raw = openDatabase('prefixes-b', 1);
  const spoil = (change: (old: Uint8Array) => unknown) =>
    raw.write(async (store) => {
      const key = (await requested(store.getAllKeys())).find((each) => (each as string[])[0] === 'bytes')!;
      const old = await requested<Uint8Array>(store.get(key));
      await requested(store.put(change(old), key));
    });
  for (const change of [
    (old: Uint8Array) => old.with(5, 8),
    (old: Uint8Array) => old.slice(1),
    () => 'no bytes',
  ]) {
    await prefixes.save(KEY, bytes(12));
    await spoil(change);
    expect(await prefixes.load(KEY)).toBeNull();
    expect(await raw.read((store) => requested(store.getAllKeys()))).toEqual(['schema']);
  }
});

test('bounded: the ones unused longest make room, one too large is not kept', async () => {
  let time = 0;
  const prefixes = openPrefixes('prefixes-c', () => ++time);
  const third = Math.floor(MAX_PREFIXES_BYTES / 3);
  const keys = [1, 2, 3, 4].map((token) => ({ ...KEY, tokens: [token] }));
  for (const key of keys.slice(0, 3)) await prefixes.save(key, bytes(third));
  expect((await prefixes.load(keys[0]!))?.length).toBe(third);
  await prefixes.save(keys[3]!, bytes(third));
  const held = await Promise.all(keys.map(async (key) => (await prefixes.load(key)) !== null));
  expect(held).toEqual([true, false, true, true]);
  await prefixes.save({ ...KEY, tokens: [9] }, new Uint8Array(MAX_PREFIX_BYTES + 1));
  expect(await prefixes.load({ ...KEY, tokens: [9] })).toBeNull();
});

test('goes with its model, with another content of it, and with everything', async () => {
  const prefixes = openPrefixes('prefixes-d');
  const raw = openDatabase('prefixes-d', 1);
  const other = { ...KEY, modelId: 'n' };
  await prefixes.save(KEY, bytes(4));
  await prefixes.save(other, bytes(4));
  await prefixes.removeModel('m');
  expect([await prefixes.load(KEY), (await prefixes.load(other))?.length]).toEqual([null, 4]);
  await prefixes.save({ ...other, layout: 'codes' }, bytes(4));
  expect(await prefixes.load(other)).toBeNull();
  await prefixes.clear();
  expect(await raw.read((store) => requested(store.getAllKeys()))).toEqual(['schema']);
});

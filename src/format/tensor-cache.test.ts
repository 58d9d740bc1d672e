import { expect, test } from 'vitest';
import { parseTensorCache } from './tensor-cache.ts';

const tensor = (name: string, byteOffset: number) => ({
  name,
  shape: [4],
  dtype: 'float32',
  format: 'raw',
  nbytes: 16,
  byteOffset,
});
const cache = (...shards: object[][]) => ({
  records: shards.map((records, i) => ({ dataPath: `params_shard_${i}.bin`, nbytes: 64, records })),
});

test('tensors side by side, in any order, are taken', () => {
  const read = parseTensorCache(
    cache([tensor('b', 16), tensor('a', 0)], [tensor('c', 0)]),
    'tensor-cache.json',
  );
  expect([...read.tensors.keys()]).toEqual(['b', 'a', 'c']);
});

test.each([
  ['one over another', [tensor('a', 0), tensor('b', 8)]],
  ['two in one place', [tensor('a', 16), tensor('b', 16)]],
  ['in another order', [tensor('a', 8), tensor('b', 0)]],
])('%s is refused by name', (_, records) => {
  expect(() => parseTensorCache(cache(records), 'tensor-cache.json')).toThrow(
    /begins at \d+, [ab] before it ends/,
  );
});

test('a name that objects have already is a name like any other', () => {
  const read = parseTensorCache(
    cache([tensor('__proto__', 0), tensor('constructor', 16)]),
    'tensor-cache.json',
  );
  expect(read.tensors.get('__proto__')).toMatchObject({ byteOffset: 0 });
  expect(read.tensors.has('toString')).toBe(false);
  expect(({} as Record<string, unknown>)['byteOffset']).toBeUndefined();
});

import { describe, expect, it } from 'vitest';
import { Bytes, makeGguf } from '../../tests/host/gguf.ts';
import type { MadeTensor } from '../../tests/host/gguf.ts';
import { EngineError } from '../failures.ts';
import { readGgufFile } from './gguf-file.ts';
import { memorySource } from './memory-source.ts';

const read = (bytes: Uint8Array): ReturnType<typeof readGgufFile> =>
  readGgufFile(memorySource({ 'a.gguf': bytes }), 'a.gguf');
const tensor = (name: string, more: Partial<MadeTensor> = {}): MadeTensor => ({
  name,
  type: 0,
  dims: [4, 2],
  bytes: new Uint8Array(32),
  ...more,
});

describe('readGgufFile', () => {
  it('reads keys of every kind and where tensors lie, in both versions', async () => {
    for (const version of [2, 3]) {
      const file = makeGguf(
        [
          ['general.architecture', 'string', 'llama'],
          ['big', 'u64', 2n ** 63n],
          ['small', 'u64', 7],
          ['list', '[string]', ['a', '__proto__']],
          ['__proto__', 'i32', -3],
          ['yes', 'bool', true],
        ],
        [tensor('a'), tensor('b', { type: 8, dims: [64, 1], bytes: new Uint8Array(68) })],
        { version },
      );
      const { metadata, tensors } = await read(file);
      expect([...metadata]).toEqual([
        ['general.architecture', 'llama'],
        ['big', 2n ** 63n],
        ['small', 7],
        ['list', ['a', '__proto__']],
        ['__proto__', -3],
        ['yes', true],
      ]);
      expect(
        tensors.map(({ name, shape, type, byteLength }) => [name, shape, type.name, byteLength]),
      ).toEqual([
        ['a', [2, 4], 'F32', 32],
        ['b', [1, 64], 'Q8_0', 68],
      ]);
      expect(tensors[1]!.byteOffset).toBe(file.length - 96);
    }
  });

  it('takes another alignment, and reads on where a header is longer than the first read', async () => {
    const long = 'x'.repeat(1_500_000);
    const file = makeGguf(
      [
        ['general.alignment', 'u32', 64],
        ['long', 'string', long],
      ],
      [tensor('a')],
      { alignment: 64 },
    );
    const { metadata, tensors } = await read(file);
    expect(metadata.get('long')).toBe(long);
    expect(tensors[0]!.byteOffset % 64).toBe(0);
  });

  const head = (tensors: bigint, keys: bigint): Bytes =>
    new Bytes().raw(0x47, 0x47, 0x55, 0x46).number(3, 4).number(tensors, 8).number(keys, 8);
  const huge = 2n ** 60n;
  it.each<[string, string, Uint8Array]>([
    ['another magic', 'gguf-invalid', new Bytes().raw(0x50, 0x4b, 3, 4).number(0, 8).number(0, 8).done()],
    ['nothing', 'gguf-invalid', new Uint8Array(0)],
    ['version 1', 'gguf-invalid', makeGguf([], [tensor('a')], { version: 1 })],
    ['the other byte order', 'gguf-invalid', makeGguf([], [tensor('a')], { version: 0x03000000 })],
    ['more tensors than memory', 'limit-exceeded', head(huge, 0n).done()],
    ['more keys than memory', 'limit-exceeded', head(0n, huge).done()],
    ['more keys than the file', 'gguf-invalid', head(0n, 90_000n).done()],
    [
      'a string longer than the file',
      'gguf-invalid',
      head(0n, 1n).number(1000, 8).number(0, 8).number(0, 8).done(),
    ],
    ['a string longer than memory', 'limit-exceeded', head(0n, 1n).number(huge, 8).number(0, 8).done()],
    ['a key without a name', 'gguf-invalid', makeGguf([['', 'u32', 1]], [])],
    [
      'a key twice',
      'gguf-invalid',
      makeGguf(
        [
          ['a', 'u32', 1],
          ['a', 'u32', 1],
        ],
        [],
      ),
    ],
    [
      'a list of lists',
      'gguf-invalid',
      head(0n, 1n).text('a').number(9, 4).number(9, 4).number(1, 8).number(0, 8).done(),
    ],
    [
      'an endless list',
      'limit-exceeded',
      head(0n, 1n).text('a').number(9, 4).number(4, 4).number(huge, 8).done(),
    ],
    ['a value of no type', 'gguf-invalid', head(0n, 1n).text('a').number(77, 4).number(0, 8).done()],
    ['a bool of 2', 'gguf-invalid', makeGguf([['a', 'bool', 2]], [])],
    ['an alignment of 0', 'gguf-invalid', makeGguf([['general.alignment', 'u32', 0]], [tensor('a')])],
    ['an alignment of 48', 'gguf-invalid', makeGguf([['general.alignment', 'u32', 48]], [tensor('a')])],
    ['five dimensions', 'limit-exceeded', makeGguf([], [tensor('a', { dims: [1, 1, 1, 1, 1] })])],
    ['no dimension', 'limit-exceeded', makeGguf([], [tensor('a', { dims: [] })])],
    ['a dimension of 0', 'gguf-invalid', makeGguf([], [tensor('a', { dims: [0, 4] })])],
    ['dimensions that wrap', 'gguf-invalid', makeGguf([], [tensor('a', { dims: [2 ** 32, 2 ** 32] })])],
    ['a negative dimension', 'gguf-invalid', makeGguf([], [tensor('a', { dims: [2n ** 64n - 32n] })])],
    ['a retired type', 'dtype-unsupported', makeGguf([], [tensor('a', { type: 4 })])],
    ['rows that are no blocks', 'gguf-invalid', makeGguf([], [tensor('a', { type: 8, dims: [33, 2] })])],
    ['dimensions larger than the data', 'tensor-bounds', makeGguf([], [tensor('a', { dims: [4096, 4096] })])],
    ['an offset past the end', 'tensor-bounds', makeGguf([], [tensor('a', { offset: 2 ** 40 })])],
    ['an offset that wraps', 'gguf-invalid', makeGguf([], [tensor('a', { offset: 2n ** 64n - 32n })])],
    ['an offset off the alignment', 'gguf-invalid', makeGguf([], [tensor('a', { offset: 8 }), tensor('b')])],
    ['two tensors of one name', 'gguf-invalid', makeGguf([], [tensor('a'), tensor('a')])],
    ['two tensors in one place', 'gguf-invalid', makeGguf([], [tensor('a'), tensor('b', { offset: 0 })])],
  ])('refuses %s', async (_, reason, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject({ reason });
  });

  it('names a file that ends early, wherever it ends', async () => {
    const whole = makeGguf([['list', '[string]', ['a', 'b', 'c']]], [tensor('a'), tensor('b')]);
    for (let length = 0; length < whole.length; length++) {
      const error: unknown = await read(whole.slice(0, length)).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error, `at ${length}`).toBeInstanceOf(EngineError);
    }
  });

  it('refuses or reads whatever bytes come, and never fails otherwise', async () => {
    const whole = makeGguf(
      [
        ['general.architecture', 'string', 'llama'],
        ['n', 'u32', 5],
        ['list', '[f32]', [1, 2, 3]],
        ['texts', '[string]', ['a', 'bb']],
      ],
      [tensor('a'), tensor('b', { type: 12, dims: [256], bytes: new Uint8Array(144) })],
    );
    // A linear congruential generator: the same 3,000 damages each time.
    let state = 42;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let refused = 0;
    for (let i = 0; i < 3000; i++) {
      const bytes = whole.slice();
      for (let n = 0; n <= random(3); n++)
        bytes[random(300)] = [0, 1, 127, 128, 255, random(256)][random(6)]!;
      const outcome: unknown = await read(bytes).catch((error: unknown) => error);
      if (outcome instanceof Error) {
        expect(outcome).toBeInstanceOf(EngineError);
        refused++;
      } else
        for (const each of (outcome as Awaited<ReturnType<typeof read>>).tensors)
          expect(each.byteOffset + each.byteLength).toBeLessThanOrEqual(whole.length);
    }
    expect(refused).toBeGreaterThan(500);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeFloat16 } from '../format/float16.ts';
import { dequantize, SCHEMES } from '../format/schemes.ts';
import type { SchemeName } from '../format/schemes.ts';
import { castToModel } from './cast.ts';
import { quantizeRows } from './quantize.ts';

interface Golden {
  name: string;
  shape: [number, number];
  float32: number[];
  float16: number[];
  schemes: Record<
    'q4f16_1' | 'q4f32_1' | 'q3f16_1',
    { words: number[]; wordsPerRow: number; scales: number[]; groupsPerRow: number }
  >;
}

const goldens = (
  JSON.parse(readFileSync('tests/golden/quantization/golden.json', 'utf8')) as { cases: Golden[] }
).cases;

function bytesOf(words: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(words).buffer);
}

function quantize(golden: Golden, scheme: SchemeName) {
  const [rows, columns] = golden.shape;
  const values = castToModel(bytesOf(golden.float32), 'F32', SCHEMES[scheme].scaleType);
  return quantizeRows(values, rows, columns, SCHEMES[scheme]);
}

describe.each(['q4f16_1', 'q4f32_1', 'q3f16_1'] as const)('%s', (scheme) => {
  it.each(goldens)('gives the golden words and scales: $name', (golden) => {
    const { words, scales } = quantize(golden, scheme);
    expect(Array.from(scales)).toEqual(golden.schemes[scheme].scales);
    expect(Array.from(words)).toEqual(golden.schemes[scheme].words);
  });
});

describe('q4f16_1', () => {
  it('is as worked by hand: W[0,i] = (i - 16) / 16', () => {
    const values = Float32Array.from({ length: 32 }, (_, i) => (i - 16) / 16);
    const { words, scales } = quantizeRows(values, 1, 32, SCHEMES.q4f16_1);
    expect(Array.from(words)).toEqual([0x33221100, 0x76655444, 0xaa998877, 0xeddccbba]);
    expect(Array.from(scales)).toEqual([0x3092]);
  });

  it('dequantises to within half a step, and a tail to nothing', () => {
    const seed = Date.now() % 2 ** 31;
    const values = Float32Array.from({ length: 2 * 50 }, (_, i) => Math.sin(seed + i * i));
    const { words, scales } = quantizeRows(values, 2, 50, SCHEMES.q4f32_1);
    const decoded = Float32Array.from(
      scales,
      (half) => new Float32Array(Uint32Array.of(half << 16).buffer)[0] ?? NaN,
    );
    const back = dequantize(SCHEMES.q4f32_1, words, decoded, 2, 50);
    const worst = Math.max(...values.map((value, i) => Math.abs(value - (back[i] ?? NaN))));
    expect(worst, `seed ${seed}`).toBeLessThan(0.5 / 7 + 0.01);
    // 50 values fill six words and two codes of a seventh; the eighth is the group's tail.
    expect(words[7]).toBe(0);
    expect((words[6] ?? 0) >>> 8).toBe(0);
  });
});

describe('castToModel', () => {
  it.each(goldens)('rounds to the halves that numpy gives: $name', (golden) => {
    const values = castToModel(bytesOf(golden.float32), 'F32', 'float16');
    expect(Array.from(values, encodeFloat16)).toEqual(golden.float16);
  });

  it('rounds every float32 near a half as one rounding of its value does', () => {
    const words: number[] = [];
    for (let word = 0; word < 0x47900000; word += 0x1fff7) words.push(word, word + 0x80000000);
    const exact = new Float32Array(Uint32Array.from(words).buffer);
    const cast = castToModel(bytesOf(words), 'F32', 'float16');
    expect(Array.from(cast, encodeFloat16)).toEqual(Array.from(exact, encodeFloat16));
  });

  it('widens bfloat16 and float16', () => {
    expect(Array.from(castToModel(Uint8Array.of(0x80, 0x3f, 0x49, 0xc0), 'BF16', 'float32'))).toEqual([
      1, -3.140625,
    ]);
    expect(Array.from(castToModel(Uint8Array.of(0x01, 0x3c, 0xff, 0x7b), 'F16', 'float32'))).toEqual([
      1 + 2 ** -10,
      65504,
    ]);
  });

  it('makes infinite what no half holds, for the caller to refuse', () => {
    const bytes = new Uint8Array(Float32Array.of(70000, -1e30, NaN).buffer);
    expect(Array.from(castToModel(bytes, 'F32', 'float16'))).toEqual([Infinity, -Infinity, NaN]);
  });
});

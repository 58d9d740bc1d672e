import { describe, expect, it } from 'vitest';
import { decodeFloat16, encodeBfloat16, encodeFloat16, roundFloat16, roundToEven } from './float16.ts';

describe('float16', () => {
  it('survives a round trip for every finite half', () => {
    const isNan = (half: number) => (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
    const halves = Array.from({ length: 0x10000 }, (_, half) => half).filter((half) => !isNan(half));
    expect(halves.filter((half) => encodeFloat16(decodeFloat16(half)) !== half)).toEqual([]);
  });

  // IEEE 754-2019, table 3.5 and section 4.3.1.
  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [-Infinity, 0xfc00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -25 * 1.0001, 0x0001],
    [-0, 0x8000],
    [1 + 1 / 2048, 0x3c00],
    [1 + 3 / 2048, 0x3c02],
    [2 - 1 / 4096, 0x4000],
  ])('encodes %d as %i', (value, half) => {
    expect(encodeFloat16(value)).toBe(half);
    expect(roundFloat16(value)).toBe(decodeFloat16(half));
  });

  it('keeps NaN a NaN', () => {
    expect(decodeFloat16(encodeFloat16(NaN))).toBeNaN();
    expect(roundFloat16(NaN)).toBeNaN();
  });
});

describe('bfloat16', () => {
  it.each([
    [1, 0x3f80],
    [1 + 2 ** -8, 0x3f80],
    [1 + 2 ** -7 + 2 ** -8, 0x3f82],
    [-3.14159, 0xc049],
    [3.4e38, 0x7f80],
    [Infinity, 0x7f80],
    [NaN, 0x7fc0],
  ])('encodes %d as %i', (value, word) => {
    expect(encodeBfloat16(value)).toBe(word);
  });
});

it('rounds ties to even', () => {
  expect([-1.5, -0.5, 0.5, 1.5, 2.5, 2.51].map(roundToEven)).toEqual([-2, 0, 0, 2, 2, 3]);
});

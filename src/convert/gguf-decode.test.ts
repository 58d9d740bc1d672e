import { describe, expect, it } from 'vitest';
import { decodeFloat16, encodeFloat16 } from '../format/float16.ts';
import { dequantize, SCHEMES } from '../format/schemes.ts';
import { GGUF_QUANTS, GGUF_TYPES } from '../format/gguf-types.ts';
import type { GgufQuant } from '../format/gguf-types.ts';
import { encodeGgufRows } from './gguf-blocks.ts';
import { decodeGgufBlocks } from './gguf-decode.ts';
import { repackQ4 } from './gguf-repack.ts';

/** Value e of a block at `b`, by the published formulas, one weight at a time and in float64. */
type Formula = (u8: (at: number) => number, e: number) => number;
type Byte = (at: number) => number;

const d = (u8: Byte, at: number): number => decodeFloat16(u8(at) | (u8(at + 1) << 8));
const u32 = (u8: Byte, at: number): number =>
  (u8(at) | (u8(at + 1) << 8) | (u8(at + 2) << 16) | (u8(at + 3) << 24)) >>> 0;
const nibble = (u8: Byte, at: number, e: number): number => (e < 16 ? u8(at + e) & 15 : u8(at + e - 16) >> 4);
const fifth = (u8: Byte, at: number, e: number): number => ((u32(u8, at) >>> e) & 1) << 4;
const i8 = (byte: number): number => (byte > 127 ? byte - 256 : byte);
function k4(u8: Byte, at: number, j: number): { scale: number; min: number } {
  return j < 4
    ? { scale: u8(at + j) & 63, min: u8(at + j + 4) & 63 }
    : {
        scale: (u8(at + j + 4) & 15) | ((u8(at + j - 4) >> 6) << 4),
        min: (u8(at + j + 4) >> 4) | ((u8(at + j) >> 6) << 4),
      };
}
const KVALUES = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

const FORMULAS: Record<GgufQuant, Formula> = {
  Q4_0: (u8, e) => d(u8, 0) * (nibble(u8, 2, e) - 8),
  Q4_1: (u8, e) => d(u8, 0) * nibble(u8, 4, e) + d(u8, 2),
  Q5_0: (u8, e) => d(u8, 0) * ((nibble(u8, 6, e) | fifth(u8, 2, e)) - 16),
  Q5_1: (u8, e) => d(u8, 0) * (nibble(u8, 8, e) | fifth(u8, 4, e)) + d(u8, 2),
  Q8_0: (u8, e) => d(u8, 0) * i8(u8(2 + e)),
  Q2_K: (u8, e) => {
    const [h, s, l] = [Math.floor(e / 128), Math.floor(e / 32) % 4, e % 32];
    const sc = u8(Math.floor(e / 16));
    const q = (u8(16 + 32 * h + l) >> (2 * s)) & 3;
    return d(u8, 80) * (sc & 15) * q - d(u8, 82) * (sc >> 4);
  },
  Q3_K: (u8, e) => {
    const [h, s, l] = [Math.floor(e / 128), Math.floor(e / 32) % 4, e % 32];
    const q = ((u8(32 + 32 * h + l) >> (2 * s)) & 3) - (((u8(l) >> (4 * h + s)) & 1) === 1 ? 0 : 4);
    const i = Math.floor(e / 16);
    const low = i < 8 ? u8(96 + i) & 15 : u8(96 + i - 8) >> 4;
    const high = (u8(96 + 8 + (i % 4)) >> (2 * Math.floor(i / 4))) & 3;
    return d(u8, 108) * (low + 16 * high - 32) * q;
  },
  Q4_K: (u8, e) => {
    const [g, n, l] = [Math.floor(e / 64), Math.floor(e / 32) % 2, e % 32];
    const { scale, min } = k4(u8, 4, 2 * g + n);
    return d(u8, 0) * scale * ((u8(16 + 32 * g + l) >> (4 * n)) & 15) - d(u8, 2) * min;
  },
  Q5_K: (u8, e) => {
    const [g, n, l] = [Math.floor(e / 64), Math.floor(e / 32) % 2, e % 32];
    const j = 2 * g + n;
    const { scale, min } = k4(u8, 4, j);
    const q = ((u8(48 + 32 * g + l) >> (4 * n)) & 15) + 16 * ((u8(16 + l) >> j) & 1);
    return d(u8, 0) * scale * q - d(u8, 2) * min;
  },
  Q6_K: (u8, e) => {
    const [h, s, l] = [Math.floor(e / 128), Math.floor(e / 32) % 4, e % 32];
    const low = (u8(64 * h + 32 * (s % 2) + l) >> (4 * Math.floor(s / 2))) & 15;
    const high = (u8(128 + 32 * h + l) >> (2 * s)) & 3;
    return d(u8, 208) * i8(u8(192 + Math.floor(e / 16))) * (low + 16 * high - 32);
  },
  IQ4_NL: (u8, e) => d(u8, 0) * KVALUES[nibble(u8, 2, e)]!,
};

/** Where halves lie in a block: random bytes there would be no numbers. */
const HALVES: Record<GgufQuant, number[]> = {
  Q4_0: [0],
  Q4_1: [0, 2],
  Q5_0: [0],
  Q5_1: [0, 2],
  Q8_0: [0],
  Q2_K: [80, 82],
  Q3_K: [108],
  Q4_K: [0, 2],
  Q5_K: [0, 2],
  Q6_K: [208],
  IQ4_NL: [0],
};

let state = 7;
const random = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

function blocks(type: GgufQuant, count: number): Uint8Array {
  const size = [...GGUF_TYPES.values()].find(({ name }) => name === type)!.bytes;
  const bytes = Uint8Array.from({ length: count * size }, () => Math.floor(random() * 256));
  for (let block = 0; block < count; block++)
    for (const at of HALVES[type]) {
      const value = encodeFloat16((random() - 0.5) * 2 ** Math.floor(random() * 20 - 16));
      bytes.set([value & 255, value >> 8], block * size + at);
    }
  return bytes;
}

describe('decodeGgufBlocks', () => {
  it.each(GGUF_QUANTS)('%s: each weight is the float32 nearest to the published formula', (type) => {
    const info = [...GGUF_TYPES.values()].find(({ name }) => name === type)!;
    const bytes = blocks(type, 40);
    const found = decodeGgufBlocks(bytes, type);
    expect(found).toHaveLength(40 * info.weights);
    const wanted = Float32Array.from(found, (_, i) => {
      const at = Math.floor(i / info.weights) * info.bytes;
      return FORMULAS[type]((offset) => bytes[at + offset]!, i % info.weights);
    });
    expect(found).toEqual(wanted);
    expect(new Set(found).size).toBeGreaterThan(20);
  });
});

describe('repackQ4', () => {
  /** Rows of 64 columns as the engines read them back. */
  const values = (bytes: Uint8Array): Float64Array => {
    const packed = repackQ4(bytes)!;
    const scales = Float64Array.from(packed.scales, decodeFloat16);
    return dequantize(SCHEMES.q4f16_1, packed.words, scales, bytes.length / 36, 64);
  };

  it('keeps every weight of every block, also the -8 that our own codes have no name for', () => {
    const bytes = blocks('Q4_0', 200);
    const found = values(bytes);
    // Zeros have no sign here: -0 and 0 are one weight.
    expect(Float32Array.from(found, (v) => v + 0)).toEqual(decodeGgufBlocks(bytes, 'Q4_0').map((v) => v + 0));
    expect(Math.min(...bytes.filter((_, i) => i % 18 > 1).map((byte) => byte & 15))).toBe(0);
  });

  it("gives our own files' codes back as they were", () => {
    const weights = Float32Array.from({ length: 64 * 8 }, () => random() - 0.5);
    weights.fill(0, 64, 128);
    const bytes = encodeGgufRows('Q4_0', weights, 8, 64);
    const again = encodeGgufRows('Q4_0', Float32Array.from(values(bytes)), 8, 64);
    expect(again).toEqual(bytes);
  });

  it('refuses scales that are no numbers, or make weights beyond a half', () => {
    for (const half of [0x7c00, 0x7e00, 0xfc00, encodeFloat16(9000)])
      expect(
        repackQ4(Uint8Array.from({ length: 18 }, (_, i) => [half & 255, half >> 8][i] ?? 0)),
      ).toBeUndefined();
  });
});

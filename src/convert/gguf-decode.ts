// Blocks of a GGUF file -> float32, with ggml's own arithmetic: every product here is exact in float64, so that one rounding to
// float32 gives ggml's value to the bit. Source: ggml-quants.c, dequantize_row_*.

import { decodeFloat16 } from '../format/float16.ts';
import { GGUF_TYPES } from '../format/gguf-types.ts';
import type { GgufQuant } from '../format/gguf-types.ts';

/** One block: `at` its first byte, `to` where its first value goes. */
type DecodeBlock = (bytes: Uint8Array, at: number, out: Float32Array, to: number) => void;

const half = (bytes: Uint8Array, at: number): number => decodeFloat16(bytes[at]! | (bytes[at + 1]! << 8));
const signed = (byte: number): number => (byte << 24) >> 24;

/** Byte i holds value i low and value i + 16 high. */
function nibbles(
  bytes: Uint8Array,
  at: number,
  out: Float32Array,
  to: number,
  value: (code: number) => number,
): void {
  for (let i = 0; i < 16; i++) {
    const byte = bytes[at + i]!;
    out[to + i] = value(byte & 15);
    out[to + i + 16] = value(byte >> 4);
  }
}

/** Nibbles with a fifth bit of each value in the 32 bits at `high`. */
function fiveBits(
  bytes: Uint8Array,
  high: number,
  at: number,
  out: Float32Array,
  to: number,
  value: (code: number) => number,
): void {
  for (let i = 0; i < 16; i++) {
    const byte = bytes[at + i]!;
    const low = (bytes[high + (i >> 3)]! >> (i & 7)) & 1;
    const upper = (bytes[high + 2 + (i >> 3)]! >> (i & 7)) & 1;
    out[to + i] = value((byte & 15) | (low << 4));
    out[to + i + 16] = value((byte >> 4) | (upper << 4));
  }
}

/** Scale and minimum, 6 bits each, of group j of 8 in Q4_K's and Q5_K's 12 bytes. */
function scaleAndMin(bytes: Uint8Array, at: number, j: number): [number, number] {
  if (j < 4) return [bytes[at + j]! & 63, bytes[at + j + 4]! & 63];
  const both = bytes[at + j + 4]!;
  return [(both & 15) | ((bytes[at + j - 4]! >> 6) << 4), (both >> 4) | ((bytes[at + j]! >> 6) << 4)];
}

const q2k: DecodeBlock = (bytes, at, out, to) => {
  const [d, min] = [half(bytes, at + 80), half(bytes, at + 82)];
  for (let e = 0; e < 256; e++) {
    const scale = bytes[at + (e >> 4)]!;
    const code = (bytes[at + 16 + 32 * (e >> 7) + (e & 31)]! >> (2 * ((e >> 5) & 3))) & 3;
    out[to + e] = d * (scale & 15) * code - min * (scale >> 4);
  }
};

const q3k: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at + 108);
  const scales = at + 96;
  for (let e = 0; e < 256; e++) {
    const i = e >> 4;
    const low = i < 8 ? bytes[scales + i]! & 15 : bytes[scales + i - 8]! >> 4;
    const high = (bytes[scales + 8 + (i & 3)]! >> (2 * (i >> 2))) & 3;
    const code = (bytes[at + 32 + 32 * (e >> 7) + (e & 31)]! >> (2 * ((e >> 5) & 3))) & 3;
    const kept = (bytes[at + (e & 31)]! >> (e >> 5)) & 1;
    out[to + e] = d * ((low | (high << 4)) - 32) * (code - (kept ? 0 : 4));
  }
};

const q4k: DecodeBlock = (bytes, at, out, to) => {
  const [d, min] = [half(bytes, at), half(bytes, at + 2)];
  for (let j = 0; j < 8; j++) {
    const [scale, least] = scaleAndMin(bytes, at + 4, j);
    const [factor, below] = [d * scale, min * least];
    const codes = at + 16 + 32 * (j >> 1);
    const shift = 4 * (j & 1);
    for (let l = 0; l < 32; l++) out[to + 32 * j + l] = factor * ((bytes[codes + l]! >> shift) & 15) - below;
  }
};

const q5k: DecodeBlock = (bytes, at, out, to) => {
  const [d, min] = [half(bytes, at), half(bytes, at + 2)];
  for (let j = 0; j < 8; j++) {
    const [scale, least] = scaleAndMin(bytes, at + 4, j);
    const [factor, below] = [d * scale, min * least];
    const codes = at + 48 + 32 * (j >> 1);
    const shift = 4 * (j & 1);
    for (let l = 0; l < 32; l++) {
      const code = ((bytes[codes + l]! >> shift) & 15) | (((bytes[at + 16 + l]! >> j) & 1) << 4);
      out[to + 32 * j + l] = factor * code - below;
    }
  }
};

const q6k: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at + 208);
  for (let e = 0; e < 256; e++) {
    const [h, s, l] = [e >> 7, (e >> 5) & 3, e & 31];
    const low = (bytes[at + 64 * h + 32 * (s & 1) + l]! >> (4 * (s >> 1))) & 15;
    const high = (bytes[at + 128 + 32 * h + l]! >> (2 * s)) & 3;
    out[to + e] = d * signed(bytes[at + 192 + (e >> 4)]!) * ((low | (high << 4)) - 32);
  }
};

const NONLINEAR = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

const DECODE: Readonly<Record<GgufQuant, DecodeBlock>> = {
  Q4_0: (bytes, at, out, to) => {
    const d = half(bytes, at);
    nibbles(bytes, at + 2, out, to, (code) => d * (code - 8));
  },
  Q4_1: (bytes, at, out, to) => {
    const [d, min] = [half(bytes, at), half(bytes, at + 2)];
    nibbles(bytes, at + 4, out, to, (code) => d * code + min);
  },
  Q5_0: (bytes, at, out, to) => {
    const d = half(bytes, at);
    fiveBits(bytes, at + 2, at + 6, out, to, (code) => d * (code - 16));
  },
  Q5_1: (bytes, at, out, to) => {
    const [d, min] = [half(bytes, at), half(bytes, at + 2)];
    fiveBits(bytes, at + 4, at + 8, out, to, (code) => d * code + min);
  },
  Q8_0: (bytes, at, out, to) => {
    const d = half(bytes, at);
    for (let i = 0; i < 32; i++) out[to + i] = d * signed(bytes[at + 2 + i]!);
  },
  Q2_K: q2k,
  Q3_K: q3k,
  Q4_K: q4k,
  Q5_K: q5k,
  Q6_K: q6k,
  IQ4_NL: (bytes, at, out, to) => {
    const d = half(bytes, at);
    nibbles(bytes, at + 2, out, to, (code) => d * NONLINEAR[code]!);
  },
};

const BLOCKS = new Map([...GGUF_TYPES.values()].map((type) => [type.name, type]));

/** @param bytes whole blocks @returns their values, in order */
export function decodeGgufBlocks(bytes: Uint8Array, type: GgufQuant): Float32Array<ArrayBuffer> {
  const block = BLOCKS.get(type)!;
  const count = bytes.length / block.bytes;
  const out = new Float32Array(count * block.weights);
  const decode = DECODE[type];
  for (let i = 0; i < count; i++) decode(bytes, i * block.bytes, out, i * block.weights);
  return out;
}

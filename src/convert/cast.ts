// Weights of a checkpoint cast to the model dtype, as the first step of every scheme. Values travel as float32, which holds
// every float16 and bfloat16 exactly.

import { decodeFloat16 } from '../format/float16.ts';
import { isGgufQuant } from '../format/gguf-types.ts';
import type { GgufQuant } from '../format/gguf-types.ts';
import type { QuantScheme } from '../format/schemes.ts';
import type { SourceType } from '../format/safetensors.ts';
import { sourceWidth } from '../format/safetensors.ts';
import { decodeGgufBlocks } from './gguf-decode.ts';

let halves: Float32Array | undefined;

/** Value of every half: faster than decoding each weight. */
function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 0x10000 }, (_, half) => decodeFloat16(half));
  return halves;
}

/** Little-endian values, or GGUF's blocks, as float32. */
export function decodeWeights(bytes: Uint8Array, dtype: SourceType | GgufQuant): Float32Array<ArrayBuffer> {
  if (isGgufQuant(dtype)) return decodeGgufBlocks(bytes, dtype);
  const count = bytes.length / sourceWidth(dtype);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = new Float32Array(count);
  if (dtype === 'F32') {
    for (let i = 0; i < count; i++) values[i] = view.getFloat32(i * 4, true);
  } else if (dtype === 'F16') {
    const table = halfTable();
    for (let i = 0; i < count; i++) values[i] = table[view.getUint16(i * 2, true)]!;
  } else {
    const words = new Uint32Array(values.buffer);
    for (let i = 0; i < count; i++) words[i] = view.getUint16(i * 2, true) << 16;
  }
  return values;
}

/** 2^-14, the smallest normal half, and 65520, from where a half is infinite, as float32 words without their sign. */
const SMALLEST_NORMAL = 0x38800000;
const INFINITE_FROM = 0x477ff000;
const INFINITY = 0x7f800000;

/** Rounds each value to the nearest half, ties to even, in place. NaN stays NaN. */
export function roundToFloat16(values: Float32Array<ArrayBuffer>): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const magnitude = word & 0x7fffffff;
    if (magnitude >= INFINITE_FROM) {
      if (magnitude <= INFINITY) words[i] = (word & 0x80000000) | INFINITY;
    } else if (magnitude >= SMALLEST_NORMAL) {
      // 13 bits go; the carry may walk into the exponent, as it should.
      words[i] = (word + 0xfff + ((word >>> 13) & 1)) & ~0x1fff;
    } else {
      // Between 0.5 and 1 a float32 counts in 2^-24, as subnormal halves do: adding 0.5 rounds.
      const rounded = Math.fround(Math.abs(values[i]!) + 0.5) - 0.5;
      values[i] = word >>> 31 ? -rounded : rounded;
    }
  }
}

/** Weights of a checkpoint in the scheme's model dtype. */
export function castToModel(
  bytes: Uint8Array,
  from: SourceType | GgufQuant,
  to: QuantScheme['scaleType'],
): Float32Array<ArrayBuffer> {
  const values = decodeWeights(bytes, from);
  if (to === 'float16') roundToFloat16(values);
  return values;
}

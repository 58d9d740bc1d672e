// Group quantisation as MLC's "_1" schemes do it: groups along the input dimension, symmetric, low bits first.

import { EngineError } from '../failures.ts';
import type { LlamaTensor } from '../llama/tensors.ts';

export type SchemeName = 'q4f16_1' | 'q4f32_1' | 'q3f16_1' | 'q0f16';

export interface QuantScheme {
  name: SchemeName;
  /** Bits of a code; 16 where nothing is quantised. */
  bits: number;
  /** Values that share a scale; 0 where nothing is quantised. */
  group: number;
  /** Codes a u32 holds; 0 where nothing is quantised. */
  perWord: number;
  /** M: the code that stands for zero; codes are 0..2M, the scale is max|W| / M. */
  zero: number;
  /** The model's dtype: scales and what is not quantised. float32 lies on disk as bfloat16. */
  scaleType: 'float16' | 'float32';
}

export const SCHEMES: Readonly<Record<SchemeName, QuantScheme>> = {
  q4f16_1: { name: 'q4f16_1', bits: 4, group: 32, perWord: 8, zero: 7, scaleType: 'float16' },
  q4f32_1: { name: 'q4f32_1', bits: 4, group: 32, perWord: 8, zero: 7, scaleType: 'float32' },
  q3f16_1: { name: 'q3f16_1', bits: 3, group: 40, perWord: 10, zero: 3, scaleType: 'float16' },
  q0f16: { name: 'q0f16', bits: 16, group: 0, perWord: 0, zero: 0, scaleType: 'float16' },
};

/** The scheme of that name; throws "scheme-unsupported". */
export function schemeNamed(name: unknown, file: string): QuantScheme {
  if (typeof name === 'string' && Object.hasOwn(SCHEMES, name)) return SCHEMES[name as SchemeName];
  const actual = typeof name === 'string' ? name.slice(0, 40) : String(typeof name);
  const expected = Object.keys(SCHEMES).join(', ');
  throw new EngineError(
    'scheme-unsupported',
    `${file}: quantisation ${actual} is not supported (only ${expected})`,
    {
      file,
      expected,
      actual,
      ...(typeof name === 'string' && { name: actual }),
    },
  );
}

export interface StoredTensor {
  name: string;
  shape: readonly number[];
  dtype: 'uint32' | 'float16' | 'float32';
}

/** Groups a row of `columns` values has; the last may be short. */
export function groupsOf(scheme: QuantScheme, columns: number): number {
  return Math.ceil(columns / scheme.group);
}

/** u32 words a row of `columns` values takes: whole groups, so that every group starts on a word. */
export function wordsOf(scheme: QuantScheme, columns: number): number {
  return (groupsOf(scheme, columns) * scheme.group) / scheme.perWord;
}

/** How a tensor lies on disk: names with their suffix, shapes, dtypes. */
export function storedTensors(scheme: QuantScheme, tensor: LlamaTensor): StoredTensor[] {
  const [rows, columns] = tensor.shape;
  if (tensor.kind === 'norm' || columns === undefined || scheme.group === 0) {
    return [{ name: `${tensor.name}.weight`, shape: tensor.shape, dtype: scheme.scaleType }];
  }
  return [
    { name: `${tensor.name}.q_weight`, shape: [rows, wordsOf(scheme, columns)], dtype: 'uint32' },
    { name: `${tensor.name}.q_scale`, shape: [rows, groupsOf(scheme, columns)], dtype: scheme.scaleType },
  ];
}

/**
 * Dequantised weights [rows, columns], row-major, for tests and the float64 oracle: (code - M) * scale.
 * @param words [rows, wordsOf(columns)]
 * @param scales [rows, groupsOf(columns)], decoded
 */
export function dequantize(
  scheme: QuantScheme,
  words: Uint32Array,
  scales: Float32Array | Float64Array,
  rows: number,
  columns: number,
): Float64Array<ArrayBuffer> {
  const perRow = wordsOf(scheme, columns);
  const groups = groupsOf(scheme, columns);
  const mask = (1 << scheme.bits) - 1;
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const word = words[row * perRow + Math.floor(column / scheme.perWord)] ?? 0;
      const code = (word >>> ((column % scheme.perWord) * scheme.bits)) & mask;
      const scale = scales[row * groups + Math.floor(column / scheme.group)] ?? 0;
      values[row * columns + column] = (code - scheme.zero) * scale;
    }
  }
  return values;
}

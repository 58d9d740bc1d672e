// Random quantised weights as they lie on disk, and their values in float64.

import { decodeFloat16, encodeBfloat16, encodeFloat16 } from '../../src/format/float16.ts';
import { dequantize, groupsOf, SCHEMES, wordsOf } from '../../src/format/schemes.ts';
import type { SchemeName } from '../../src/format/schemes.ts';
import { packsOf, WEIGHT_FORMATS } from '../../src/gpu/kernels/dequant.ts';
import type { Random } from './random.ts';

export interface TestMatrix {
  rows: number;
  columns: number;
  /** For the kernel's first two bindings. */
  weights: Uint32Array<ArrayBuffer>;
  scales: Uint16Array<ArrayBuffer>;
  /** [rows, columns] */
  values: Float64Array<ArrayBuffer>;
}

/** Weights of about unit variance over `columns`, so that products are of the order of their input. */
export function randomMatrix(random: Random, scheme: SchemeName, rows: number, columns: number): TestMatrix {
  const quant = SCHEMES[scheme];
  const size = 1 / Math.sqrt(columns);
  if (quant.group === 0) {
    const packs = packsOf(WEIGHT_FORMATS[scheme], columns);
    const halves = new Uint16Array(rows * packs * 8);
    const values = new Float64Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const half = encodeFloat16((random.next() - 0.5) * 3 * size);
        halves[row * packs * 8 + column] = half;
        values[row * columns + column] = decodeFloat16(half);
      }
    }
    const weights = new Uint32Array(halves.buffer);
    return { rows, columns, weights, scales: new Uint16Array(2), values };
  }
  const groups = groupsOf(quant, columns);
  const perRow = wordsOf(quant, columns);
  const words = new Uint32Array(rows * perRow);
  const last = 2 * quant.zero;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * perRow + Math.floor(column / quant.perWord);
      words[at] = (words[at]! | (random.integer(0, last) << ((column % quant.perWord) * quant.bits))) >>> 0;
    }
  }
  const scales = new Uint16Array(rows * groups);
  const decoded = new Float64Array(rows * groups);
  const asFloat = new Float32Array(1);
  const asWord = new Uint32Array(asFloat.buffer);
  for (let i = 0; i < scales.length; i++) {
    const scale = (0.2 + random.next()) * (size / quant.zero) * 2;
    if (quant.scaleType === 'float32') {
      scales[i] = encodeBfloat16(scale);
      asWord[0] = scales[i]! << 16;
      decoded[i] = asFloat[0]!;
    } else {
      scales[i] = encodeFloat16(scale);
      decoded[i] = decodeFloat16(scales[i]!);
    }
  }
  return { rows, columns, weights: words, scales, values: dequantize(quant, words, decoded, rows, columns) };
}

/** y = W x and, beside it, the scale of each sum: the sum of its terms' magnitudes. */
export function matvec(matrix: TestMatrix, x: ArrayLike<number>): { y: Float64Array; scale: Float64Array } {
  const { rows, columns, values } = matrix;
  const y = new Float64Array(rows);
  const scale = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const term = values[row * columns + column]! * x[column]!;
      y[row]! += term;
      scale[row]! += Math.abs(term);
    }
  }
  return { y, scale };
}

/** `values` with zeros up to `length`. */
export function padded(values: ArrayLike<number>, length: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(length);
  result.set(values);
  return result;
}

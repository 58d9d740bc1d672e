// Group quantisation, bit for bit as MLC's "_1" schemes do it: each step is rounded to the model dtype.

import { encodeBfloat16, encodeFloat16, roundFloat16, roundToEven } from '../format/float16.ts';
import type { QuantScheme } from '../format/schemes.ts';
import { groupsOf, wordsOf } from '../format/schemes.ts';

export interface QuantizedRows {
  /** [rows, wordsOf(columns)] */
  words: Uint32Array<ArrayBuffer>;
  /** [rows, groupsOf(columns)]: halves, or bfloat16 where the model dtype is float32 */
  scales: Uint16Array<ArrayBuffer>;
}

type Round = (value: number) => number;

/** One operation's rounding in the model dtype. */
function rounding(scheme: QuantScheme): Round {
  return scheme.scaleType === 'float16' ? roundFloat16 : Math.fround;
}

/**
 * More than the roundings of `w / scale` and `+ M` can move a value below the last boundary between codes: at most 2^-9 (a
 * quotient below 8) + 2^-8 (a sum below 16) in float16. Only nearer to a boundary do they matter.
 */
const DOUBT = 2 ** -7;

/**
 * clamp(round(round(w / scale) + M), 0, 2M), each in the model dtype, ties to even. Codes only change at half-integers of
 * w / scale + M, so away from those one plain rounding gives the same.
 */
function codeOf(value: number, scale: number, zero: number, round: Round): number {
  const shifted = value / scale + zero + 0.5;
  let code = Math.floor(shifted);
  const rest = shifted - code;
  if (!(rest > DOUBT && rest < 1 - DOUBT)) code = roundToEven(round(round(value / scale) + zero));
  return Math.min(2 * zero, Math.max(0, code));
}

/**
 * Quantises whole rows.
 * @param values [rows, columns] finite, in the model dtype (`castToModel`)
 */
export function quantizeRows(
  values: Float32Array,
  rows: number,
  columns: number,
  scheme: QuantScheme,
): QuantizedRows {
  const { bits, group, perWord, zero } = scheme;
  const round = rounding(scheme);
  const encode = scheme.scaleType === 'float16' ? encodeFloat16 : encodeBfloat16;
  const perRow = wordsOf(scheme, columns);
  const groups = groupsOf(scheme, columns);
  const words = new Uint32Array(rows * perRow);
  const scales = new Uint16Array(rows * groups);
  for (let row = 0; row < rows; row++) {
    for (let g = 0; g < groups; g++) {
      const start = g * group;
      const end = Math.min(columns, start + group);
      let largest = 0;
      for (let c = start; c < end; c++) largest = Math.max(largest, Math.abs(values[row * columns + c]!));
      const scale = round(largest / zero);
      scales[row * groups + g] = encode(scale);
      let at = row * perRow + start / perWord;
      for (let c = start; c < end; at++) {
        let word = 0;
        const wordEnd = Math.min(end, c + perWord);
        for (let shift = 0; c < wordEnd; c++, shift += bits) {
          const value = values[row * columns + c]!;
          // A group of zeros, or too small for a scale: the code that stands for zero where the value is zero.
          const code = value === 0 ? zero : codeOf(value, scale, zero, round);
          word |= code << shift;
        }
        words[at] = word;
      }
    }
  }
  return { words, scales };
}

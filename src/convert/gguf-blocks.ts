// Rows of weights as GGUF's tensor types keep them (ggml's block layouts): F32, F16, Q8_0, Q4_0.

import { decodeFloat16, encodeFloat16 } from '../format/float16.ts';
import { SCHEMES } from '../format/schemes.ts';
import { roundToFloat16 } from './cast.ts';
import { quantizeRows } from './quantize.ts';

export type GgufType = 'F32' | 'F16' | 'Q8_0' | 'Q4_0';

/** ggml's numbers for them. */
export const GGUF_TYPE_IDS: Readonly<Record<GgufType, number>> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 8 };

/** Values that share a scale. */
export const GGUF_BLOCK = 32;
const Q8_BYTES = 2 + GGUF_BLOCK;
const Q4_BYTES = 2 + GGUF_BLOCK / 2;

/** Bytes of a row. Quantised rows are whole blocks. */
export function ggufRowBytes(type: GgufType, columns: number): number {
  if (type === 'F32') return columns * 4;
  if (type === 'F16') return columns * 2;
  return (columns / GGUF_BLOCK) * (type === 'Q8_0' ? Q8_BYTES : Q4_BYTES);
}

/** Per block: the scale as a half, then 32 signed bytes. The scale is max|w| / 127. */
function encodeQ8(values: Float32Array, out: DataView): void {
  for (let start = 0, at = 0; start < values.length; start += GGUF_BLOCK, at += Q8_BYTES) {
    let largest = 0;
    for (let i = 0; i < GGUF_BLOCK; i++) largest = Math.max(largest, Math.abs(values[start + i]!));
    const half = encodeFloat16(largest / 127);
    const scale = decodeFloat16(half);
    out.setUint16(at, half, true);
    for (let i = 0; i < GGUF_BLOCK; i++) {
      const code = scale === 0 ? 0 : Math.round(values[start + i]! / scale);
      out.setInt8(at + 2 + i, Math.min(127, Math.max(-127, code)));
    }
  }
}

/**
 * Per block: the scale as a half, then 16 bytes; byte i holds value i low and value i + 16 high, as code - 8. The codes are
 * those of q4f16_1 plus one (there zero is 7), so both files hold the same weights.
 */
function encodeQ4(values: Float32Array<ArrayBuffer>, rows: number, columns: number, out: DataView): void {
  roundToFloat16(values);
  const { words, scales } = quantizeRows(values, rows, columns, SCHEMES.q4f16_1);
  const code = (block: number, i: number): number =>
    ((words[block * 4 + (i >>> 3)]! >>> ((i & 7) * 4)) & 0xf) + 1;
  for (let block = 0, at = 0; block < scales.length; block++, at += Q4_BYTES) {
    out.setUint16(at, scales[block]!, true);
    for (let i = 0; i < 16; i++) out.setUint8(at + 2 + i, code(block, i) | (code(block, i + 16) << 4));
  }
}

/** @param values [rows, columns], finite; may be rounded in place */
export function encodeGgufRows(
  type: GgufType,
  values: Float32Array<ArrayBuffer>,
  rows: number,
  columns: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(rows * ggufRowBytes(type, columns));
  const out = new DataView(bytes.buffer);
  if (type === 'F32') bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  else if (type === 'F16') values.forEach((value, i) => out.setUint16(i * 2, encodeFloat16(value), true));
  else if (type === 'Q8_0') encodeQ8(values, out);
  else encodeQ4(values, rows, columns, out);
  return bytes;
}

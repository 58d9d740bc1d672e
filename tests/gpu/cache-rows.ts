// Keys and values as the cache's kernels lay them out, written and read on the processor.

import { decodeFloat16, encodeFloat16 } from '../../src/format/float16.ts';
import { cacheRowBytes } from '../../src/gpu/kernels/attention.ts';
import type { CacheBits } from '../../src/gpu/kernels/attention.ts';

export interface CacheShape {
  kvHeads: number;
  headDim: number;
  bits: CacheBits;
}
export type CachePart = 'keys' | 'values';

/** Codes of a head, and the word behind them that has its largest magnitude. */
function headBytes({ kvHeads, headDim, bits }: CacheShape, part: CachePart): number {
  return cacheRowBytes({ kvHeads, headDim }, bits)[part] / kvHeads;
}

/** `values` [positions, kvHeads, headDim] as the cache holds them. */
export function packRows(
  values: ArrayLike<number>,
  shape: CacheShape,
  part: CachePart,
): Uint32Array<ArrayBuffer> {
  const { headDim, bits } = shape;
  const heads = values.length / headDim;
  const each = headBytes(shape, part);
  const bytes = new DataView(new ArrayBuffer(heads * each));
  for (let head = 0; head < heads; head++) {
    const row = Array.from({ length: headDim }, (_, d) => values[head * headDim + d]!);
    const largest = Math.fround(Math.max(...row.map(Math.abs)));
    for (const [d, value] of row.entries()) {
      if (bits === 16) bytes.setUint16(head * each + 2 * d, encodeFloat16(value), true);
      else bytes.setInt8(head * each + d, largest === 0 ? 0 : Math.round((value / largest) * 127));
    }
    if (bits === 8) bytes.setFloat32(head * each + headDim, largest, true);
  }
  return new Uint32Array(bytes.buffer);
}

/** What a cache's buffer stands for: [positions, kvHeads, headDim]. */
export function unpackRows(buffer: ArrayBuffer, shape: CacheShape, part: CachePart): Float64Array {
  const { headDim, bits } = shape;
  const each = headBytes(shape, part);
  const bytes = new DataView(buffer);
  const heads = Math.floor(buffer.byteLength / each);
  return Float64Array.from({ length: heads * headDim }, (_, i) => {
    const at = Math.floor(i / headDim) * each;
    const d = i % headDim;
    if (bits === 16) return decodeFloat16(bytes.getUint16(at + 2 * d, true));
    return (bytes.getInt8(at + d) / 127) * bytes.getFloat32(at + headDim, true);
  });
}

/** Largest |found - wanted| of a row, in units of what rounding to the cache's numbers may cost there. */
export function roundingError(
  found: Float64Array,
  wanted: ArrayLike<number>,
  { headDim, bits }: CacheShape,
): number {
  let largest = 0;
  for (let head = 0; head < wanted.length / headDim; head++) {
    const row = Array.from({ length: headDim }, (_, d) => wanted[head * headDim + d]!);
    const reach = Math.max(...row.map(Math.abs));
    for (const [d, value] of row.entries()) {
      // Half a step, and what f32 lost before it.
      const half = bits === 8 ? reach / 127 / 2 : Math.max(Math.abs(value), 2 ** -14) * 2 ** -11;
      const step = 1.01 * half + 1e-6 * reach;
      const error = Math.abs(found[head * headDim + d]! - value) / step;
      largest = error <= largest ? largest : error;
      if (Number.isNaN(error)) return Infinity;
    }
  }
  return largest;
}

// Prefill's projections and its norm.

import type { Constants, Grid, Kernel } from '../kernel.ts';
import { packsOf, strideOf } from './dequant.ts';
import type { WeightFormat } from './dequant.ts';
import code from './gemm.wgsl?raw';
import tileF16 from './tile-f16.wgsl?raw';
import tileF32 from './tile-f32.wgsl?raw';
import rmsNormCode from './rmsnorm.wgsl?raw';

/** What is done with x W^T: written, added to out, or multiplied with silu(out). */
export const EPILOGUE = { store: 0, add: 1, swiglu: 2 } as const;

/** What tiles hold; sums are f32 in either case. */
export type TileMath = 'f32' | 'f16';

/** Bindings: weights, scales, x, chunk, shape, out */
export function gemmKernel(format: WeightFormat, math: TileMath = 'f32'): Kernel {
  return {
    name: 'gemm',
    code: (math === 'f16' ? tileF16 : tileF32) + format.code + code,
    bindings: ['read', 'read', 'read', 'uniform', 'uniform', 'write'],
  };
}

/** bindings: x, norm, out; grid: a workgroup a token */
export const rmsNormKernel: Kernel = {
  name: 'rmsnorm',
  code: rmsNormCode,
  bindings: ['read', 'read', 'write'],
};

/** Tokens of a tile: a short prompt does not pay for 64. */
export type GemmTile = 16 | 32 | 64;

export function gemmTile(tokens: number): GemmTile {
  return tokens <= 16 ? 16 : tokens <= 32 ? 32 : 64;
}

export function gemmConstants(tile: GemmTile): Constants {
  return {
    16: { THREADS: 64, ROWS_EACH: 2 },
    32: { THREADS: 64, ROWS_EACH: 4 },
    64: { THREADS: 128, ROWS_EACH: 4 },
  }[tile];
}

/** Bytes of the uniform `shape`. */
export const GEMM_SHAPE_BYTES = 32;

/**
 * The uniform `shape` of a matrix [rows, columns].
 * @param outStride floats from one token's row of the result to the next's
 */
export function gemmShape(
  format: WeightFormat,
  rows: number,
  columns: number,
  outStride: number,
  epilogue: number,
): Uint32Array<ArrayBuffer> {
  const stride4 = strideOf(format, columns) / 4;
  return Uint32Array.of(packsOf(format, columns), rows, stride4, outStride, epilogue, 0, 0, 0);
}

export function gemmGrid(rows: number, tokens: number, tile: GemmTile): Grid {
  return [Math.ceil(rows / 64), Math.ceil(tokens / tile), 1];
}

// Prefill's projections and its norm.

import type { Constants, Grid, Kernel } from '../kernel.ts';
import { packsOf, strideOf } from './dequant.ts';
import type { WeightFormat } from './dequant.ts';
import code from './gemm.wgsl?raw';
import rmsNormCode from './rmsnorm.wgsl?raw';

/** What is done with x W^T: written, added to out, or multiplied with silu(out). */
export const EPILOGUE = { store: 0, add: 1, swiglu: 2 } as const;

/** bindings: weights, scales, x, chunk, out */
export function gemmKernel(format: WeightFormat): Kernel {
  return { name: 'gemm', code: format.code + code, bindings: ['read', 'read', 'read', 'uniform', 'write'] };
}

/** bindings: x, norm, out; grid: a workgroup a token */
export const rmsNormKernel: Kernel = {
  name: 'rmsnorm',
  code: rmsNormCode,
  bindings: ['read', 'read', 'write'],
};

/** Tokens a thread: tiles of 16, 32 or 64 tokens, so that a short prompt does not pay for 64. */
export function gemmRowsEach(tokens: number): 1 | 2 | 4 {
  return tokens <= 16 ? 1 : tokens <= 32 ? 2 : 4;
}

/** @param outStride floats from one token's row of the result to the next's */
export function gemmConstants(
  format: WeightFormat,
  rows: number,
  columns: number,
  outStride: number,
  epilogue: number,
  rowsEach: number,
): Constants {
  return {
    PACKS: packsOf(format, columns),
    ROWS: rows,
    X_STRIDE4: strideOf(format, columns) / 4,
    OUT_STRIDE: outStride,
    ROWS_EACH: rowsEach,
    EPILOGUE: epilogue,
  };
}

export function gemmGrid(rows: number, tokens: number, rowsEach: number): Grid {
  return [Math.ceil(rows / 64), Math.ceil(tokens / (16 * rowsEach)), 1];
}

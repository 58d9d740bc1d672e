// Decoding's matrix-vector products. Each returns a kernel for a weight format, and the constants for a matrix.

import { spreadGrid } from '../kernel.ts';
import type { Constants, Grid, Kernel } from '../kernel.ts';
import { packsOf } from './dequant.ts';
import type { WeightFormat } from './dequant.ts';
import blockCode from './block.wgsl?raw';
import batchCode from './gemv-batch.wgsl?raw';
import gateUpCode from './gemv-gate-up.wgsl?raw';
import mergeCode from './gemv-merge.wgsl?raw';
import code from './gemv.wgsl?raw';
import splitsCode from './splits.wgsl?raw';
import { productsCode, VARIANTS } from './variants.ts';
import type { Variant } from './variants.ts';

/** The knobs of a product. None changes what is computed, `math` apart. */
export interface GemvTuning extends Variant {
  /** Rows of W whose sums a thread holds. */
  rows: 1 | 2 | 4 | 8;
  /** Threads of a workgroup, a power of two from 32 to 256. */
  threads: number;
  /** Threads that share a row at most, a power of two. */
  lanes: number;
}

export const DEFAULT_GEMV: GemvTuning = { ...VARIANTS.base, rows: 4, threads: 64, lanes: 16 };

/** Packs of a row that each of its lanes takes at least: short rows are shared by fewer. */
const LEAST_PACKS = 4;
/** Rows times threads at most: their sums, of two matrices in gemv-gate-up, must fit 16 KiB. */
const MOST_SUMS = 1024;

/** bindings: weights, scales, x, norm, out */
export function gemvKernel(format: WeightFormat, variant: Variant = VARIANTS.base): Kernel {
  const bindings = ['read', 'read', 'read', 'read', 'write'] as const;
  return { name: 'gemv', code: productsCode(variant, format) + blockCode + code, bindings };
}

/** bindings: gate weights, gate scales, up weights, up scales, x, norm, out */
export function gemvGateUpKernel(format: WeightFormat, variant: Variant = VARIANTS.base): Kernel {
  const bindings = ['read', 'read', 'read', 'read', 'read', 'read', 'write'] as const;
  return { name: 'gemv-gate-up', code: productsCode(variant, format) + blockCode + gateUpCode, bindings };
}

/** bindings: weights, scales, parts, stats, state, out */
export function gemvMergeKernel(format: WeightFormat, variant: Variant = VARIANTS.base): Kernel {
  const bindings = ['read', 'read', 'read', 'read', 'read', 'write'] as const;
  const before = productsCode(variant, format) + blockCode + splitsCode;
  return { name: 'gemv-merge', code: before + mergeCode, bindings };
}

/** bindings: weights, scales, x, norm, batch, out */
export function gemvBatchKernel(format: WeightFormat, variant: Variant = VARIANTS.base): Kernel {
  const bindings = ['read', 'read', 'read', 'read', 'read', 'write'] as const;
  return { name: 'gemv-batch', code: productsCode(variant, format) + blockCode + batchCode, bindings };
}

/** Threads of a batch's workgroup and rows of a thread: more would not fit 16 KiB with the sums of 8 tokens. */
const BATCH_THREADS = 64;
const BATCH_ROWS = 4;

/**
 * Constants of a batch of at most `tokens` through a matrix: as many lanes a row as one token has, which keeps the order of sums.
 * @param single the constants of one token through the matrix
 */
export function gemvBatchConstants(single: Constants, tokens: number): Constants {
  const { PACKS = 0, ROWS = 0, LANES = 1 } = single;
  return { PACKS, ROWS, THREADS: BATCH_THREADS, LANES, ROWS_EACH: BATCH_ROWS, TOKENS: tokens };
}

/** Constants that the products of one token share, for a matrix [rows, columns]. */
export function gemvConstants(
  format: WeightFormat,
  rows: number,
  columns: number,
  tuning: GemvTuning = DEFAULT_GEMV,
): Constants {
  const packs = packsOf(format, columns);
  const threads = Math.min(tuning.threads, MOST_SUMS / tuning.rows);
  const shared = 2 ** Math.floor(Math.log2(Math.max(1, packs / LEAST_PACKS)));
  // A batch's workgroup, which must share rows by as many, has no more.
  const lanes = Math.min(tuning.lanes, threads, shared, BATCH_THREADS);
  return { PACKS: packs, ROWS: rows, THREADS: threads, LANES: lanes, ROWS_EACH: tuning.rows };
}

/** Workgroups for the constants of a product. */
export function gemvGrid(constants: Constants, limit: number): Grid {
  const { ROWS = 0, THREADS = 1, LANES = 1, ROWS_EACH = 1 } = constants;
  return spreadGrid(Math.ceil(ROWS / ((THREADS / LANES) * ROWS_EACH)), limit);
}

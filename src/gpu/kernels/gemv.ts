// Decoding's matrix-vector products. Each returns a kernel for a weight format, and the constants for a matrix.

import { spreadGrid } from '../kernel.ts';
import type { Constants, Grid, Kernel } from '../kernel.ts';
import { packsOf } from './dequant.ts';
import type { WeightFormat } from './dequant.ts';
import batchCode from './gemv-batch.wgsl?raw';
import gateUpCode from './gemv-gate-up.wgsl?raw';
import mergeCode from './gemv-merge.wgsl?raw';
import code from './gemv.wgsl?raw';
import lanesCode from './lanes.wgsl?raw';
import splitsCode from './splits.wgsl?raw';

/** Rows of W whose sums a thread holds. */
const ROWS_EACH = 4;

export interface GemvTuning {
  /** Threads of a workgroup, a power of two, 256 at most. */
  threads: number;
  /** Threads that share a row at most, a power of two. */
  lanes: number;
  /** Packs of a row that each of them takes at least: short rows are shared by fewer. */
  packs: number;
}

export const DEFAULT_GEMV: GemvTuning = { threads: 64, lanes: 16, packs: 4 };

/** bindings: weights, scales, x, norm, out */
export function gemvKernel(format: WeightFormat): Kernel {
  const bindings = ['read', 'read', 'read', 'read', 'write'] as const;
  return { name: 'gemv', code: format.code + lanesCode + code, bindings };
}

/** bindings: gate weights, gate scales, up weights, up scales, x, norm, out */
export function gemvGateUpKernel(format: WeightFormat): Kernel {
  const bindings = ['read', 'read', 'read', 'read', 'read', 'read', 'write'] as const;
  return { name: 'gemv-gate-up', code: format.code + lanesCode + gateUpCode, bindings };
}

/** bindings: weights, scales, parts, stats, state, out */
export function gemvMergeKernel(format: WeightFormat): Kernel {
  const bindings = ['read', 'read', 'read', 'read', 'read', 'write'] as const;
  return { name: 'gemv-merge', code: format.code + lanesCode + splitsCode + mergeCode, bindings };
}

/** bindings: weights, scales, x, norm, batch, out */
export function gemvBatchKernel(format: WeightFormat): Kernel {
  const bindings = ['read', 'read', 'read', 'read', 'read', 'write'] as const;
  return { name: 'gemv-batch', code: format.code + lanesCode + batchCode, bindings };
}

/** Threads of a batch's workgroup: more would not fit 16 KiB with the sums of 8 tokens. */
const BATCH_THREADS = 64;

/**
 * Constants of a batch of at most `tokens` through a matrix: as many lanes a row as one token has, which keeps the order of sums.
 * @param single the constants of one token through the matrix
 */
export function gemvBatchConstants(single: Constants, tokens: number): Constants {
  const { PACKS = 0, ROWS = 0, LANES = 1 } = single;
  return { PACKS, ROWS, THREADS: BATCH_THREADS, LANES, TOKENS: tokens };
}

/** Constants that the products of one token share, for a matrix [rows, columns]. */
export function gemvConstants(
  format: WeightFormat,
  rows: number,
  columns: number,
  tuning: GemvTuning = DEFAULT_GEMV,
): Constants {
  const packs = packsOf(format, columns);
  const shared = 2 ** Math.floor(Math.log2(Math.max(1, packs / tuning.packs)));
  const lanes = Math.min(tuning.lanes, tuning.threads, shared);
  return { PACKS: packs, ROWS: rows, THREADS: tuning.threads, LANES: lanes };
}

/** Workgroups for the constants of a product. */
export function gemvGrid(constants: Constants, limit: number): Grid {
  const { ROWS = 0, THREADS = 1, LANES = 1 } = constants;
  return spreadGrid(Math.ceil(ROWS / ((THREADS / LANES) * ROWS_EACH)), limit);
}

// Attention: while decoding (RoPE and append included), its merge, and prefill's append and tiles.

import type { Constants, Grid, Kernel } from '../kernel.ts';
import decodeCode from './attention-decode.wgsl?raw';
import prefillCode from './attention-prefill.wgsl?raw';
import mergeCode from './merge.wgsl?raw';
import appendCode from './rope-append.wgsl?raw';
import splitsCode from './splits.wgsl?raw';
import turnCode from './turn.wgsl?raw';

export interface HeadShape {
  heads: number;
  kvHeads: number;
  headDim: number;
}

/** bindings: qkv, keys, values, turns, state, parts, stats */
export const attentionDecodeKernel: Kernel = {
  name: 'attention-decode',
  code: turnCode + splitsCode + decodeCode,
  bindings: ['read', 'write', 'write', 'read', 'read', 'write', 'write'],
};

/** bindings: parts, stats, state, out */
export const mergeKernel: Kernel = {
  name: 'merge',
  code: splitsCode + mergeCode,
  bindings: ['read', 'read', 'read', 'write'],
};

/** bindings: qkv, keys, values, turns, chunk */
export const ropeAppendKernel: Kernel = {
  name: 'rope-append',
  code: turnCode + appendCode,
  bindings: ['write', 'write', 'write', 'read', 'uniform'],
};

/** bindings: qkv, keys, values, chunk, out */
export const attentionPrefillKernel: Kernel = {
  name: 'attention-prefill',
  code: prefillCode,
  bindings: ['read', 'read', 'read', 'uniform', 'write'],
};

/** A thread for each pair of elements of a head. */
function threadsFor(headDim: number): number {
  return headDim <= 128 ? 64 : 128;
}

export function attentionDecodeConstants({ heads, kvHeads, headDim }: HeadShape, stride: number): Constants {
  return { HEADS: heads, KV_HEADS: kvHeads, HEAD_DIM: headDim, THREADS: threadsFor(headDim), STRIDE: stride };
}

export function attentionDecodeGrid({ heads, kvHeads }: HeadShape, splits: number): Grid {
  return [kvHeads * Math.ceil(heads / kvHeads / 4), splits, 1];
}

export function ropeAppendGrid({ heads, kvHeads }: HeadShape, tokens: number): Grid {
  return [tokens, heads + 2 * kvHeads, 1];
}

/** Tokens a workgroup of prefill's attention takes. */
function tokensEach(headDim: number): number {
  return headDim <= 128 ? 16 : 8;
}

export function attentionPrefillConstants({ heads, kvHeads, headDim }: HeadShape, stride: number): Constants {
  return {
    HEADS: heads,
    KV_HEADS: kvHeads,
    HEAD_DIM: headDim,
    THREADS: threadsFor(headDim),
    NV: tokensEach(headDim) / 4,
    OUT_STRIDE: stride,
  };
}

export function attentionPrefillGrid({ heads, headDim }: HeadShape, tokens: number): Grid {
  return [Math.ceil(tokens / tokensEach(headDim)), heads, 1];
}

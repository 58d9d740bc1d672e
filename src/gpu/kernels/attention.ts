// Attention: while decoding (RoPE and append included), its merge, and prefill's append and tiles.

import type { Constants, Grid, Kernel } from '../kernel.ts';
import decodeCode from './attention-decode.wgsl?raw';
import prefillCode from './attention-prefill.wgsl?raw';
import mergeCode from './merge.wgsl?raw';
import kvF16 from './kv-f16.wgsl?raw';
import kvF16Store from './kv-f16-store.wgsl?raw';
import kvI8 from './kv-i8.wgsl?raw';
import kvI8Store from './kv-i8-store.wgsl?raw';
import appendCode from './rope-append.wgsl?raw';
import splitsCode from './splits.wgsl?raw';
import ropeAngleCode from './rope-angle.wgsl?raw';

export interface HeadShape {
  heads: number;
  kvHeads: number;
  headDim: number;
}

/** Bits of a key's or value's element in the cache: halves, or codes with a scale for each head and position. */
export type CacheBits = 16 | 8;

/** Error allowed, as LOGITS_BAR has it. */
export const CACHE_BAR: Readonly<Record<CacheBits, number>> = { 16: 2e-3, 8: 2e-2 };

const READING: Readonly<Record<CacheBits, string>> = { 16: kvF16, 8: kvI8 };
const STORING: Readonly<Record<CacheBits, string>> = { 16: kvF16 + kvF16Store, 8: kvI8 + kvI8Store };

/** Bytes of a position's keys, and of its values: what the snippets' rows take. */
export function cacheRowBytes({ kvHeads, headDim }: Omit<HeadShape, 'heads'>, bits: CacheBits) {
  return bits === 16
    ? { keys: kvHeads * headDim * 2, values: kvHeads * headDim * 2 }
    : { keys: kvHeads * (headDim + 8), values: kvHeads * (headDim + 4) };
}

/** bindings: qkv, keys, values, rope table, state, parts, stats */
export function attentionDecodeKernel(bits: CacheBits): Kernel {
  return {
    name: 'attention-decode',
    code: ropeAngleCode + splitsCode + STORING[bits] + decodeCode,
    bindings: ['read', 'write', 'write', 'read', 'read', 'write', 'write'],
  };
}

/** bindings: parts, stats, state, out */
export const mergeKernel: Kernel = {
  name: 'merge',
  code: splitsCode + mergeCode,
  bindings: ['read', 'read', 'read', 'write'],
};

/** bindings: qkv, keys, values, rope table, chunk */
export function ropeAppendKernel(bits: CacheBits): Kernel {
  return {
    name: 'rope-append',
    code: ropeAngleCode + STORING[bits] + appendCode,
    bindings: ['write', 'write', 'write', 'read', 'uniform'],
  };
}

/** bindings: qkv, keys, values, chunk, out */
export function attentionPrefillKernel(bits: CacheBits): Kernel {
  return {
    name: 'attention-prefill',
    code: READING[bits] + prefillCode,
    bindings: ['read', 'read', 'read', 'uniform', 'write'],
  };
}

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

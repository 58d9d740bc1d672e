// The baseline's kernels with a model's sizes compiled in, as TVM does it: a kernel is text, and its constants stand before it.

import type { QuantScheme } from '../../format/schemes.ts';
import { groupsOf, wordsOf } from '../../format/schemes.ts';
import type { BindingKind, Kernel } from '../../gpu/kernel.ts';
import type { LlamaConfig } from '../../llama/config.ts';
import appendCode from './append.wgsl?raw';
import attentionCode from './attention.wgsl?raw';
import dequantCode from './dequant.wgsl?raw';
import embedCode from './embed.wgsl?raw';
import gemmCode from './gemm.wgsl?raw';
import gemvCode from './gemv.wgsl?raw';
import normCode from './norm.wgsl?raw';
import ropeCode from './rope.wgsl?raw';
import swigluCode from './swiglu.wgsl?raw';

type Values = Record<string, number | boolean>;

function withConstants(name: string, values: Values, code: string, bindings: readonly BindingKind[]): Kernel {
  const lines = Object.entries(values).map(([key, value]) => {
    if (typeof value === 'boolean') return `const ${key} = ${value};\n`;
    return Number.isInteger(value) ? `const ${key} = ${value}u;\n` : `const ${key} = f32(${value});\n`;
  });
  return { name: `baseline ${name}`, code: lines.join('') + code, bindings };
}

/** Constants of dequant.wgsl. */
function matrixValues(scheme: QuantScheme, rows: number, columns: number): Values {
  const row = {
    ROWS: rows,
    COLUMNS: columns,
    WORDS: wordsOf(scheme, columns),
    GROUPS: groupsOf(scheme, columns),
  };
  return { ...row, PER_WORD: scheme.perWord, BITS: scheme.bits, GROUP: scheme.group };
}

function dequantizing(name: string, scheme: QuantScheme, values: Values, code: string): Kernel {
  const zero = `const ZERO = f32(${scheme.zero});\n`;
  return withConstants(name, values, zero + dequantCode + code, ['read', 'read', 'read', 'write', 'uniform']);
}

/** bindings: codes, scales, tokens, out, call */
export function embed(scheme: QuantScheme, first: number, rows: number, columns: number): Kernel {
  return dequantizing('embed', scheme, { ...matrixValues(scheme, rows, columns), FIRST: first }, embedCode);
}

/** bindings: codes, scales, x, out, call. @param add whether out holds a residual to add to */
export function gemv(scheme: QuantScheme, rows: number, columns: number, add: boolean): Kernel {
  return dequantizing('gemv', scheme, { ...matrixValues(scheme, rows, columns), ADD: add }, gemvCode);
}

/** bindings: codes, scales, x, out, call. @param stride floats from one token's row of out to the next's */
export function gemm(
  scheme: QuantScheme,
  rows: number,
  columns: number,
  add: boolean,
  stride: number,
): Kernel {
  const values = { ...matrixValues(scheme, rows, columns), ADD: add, STRIDE: stride };
  return dequantizing('gemm', scheme, values, gemmCode);
}

/** bindings: x, scale, out, call */
export function norm({ hiddenSize, rmsNormEps }: LlamaConfig): Kernel {
  const code = `const EPSILON = f32(${rmsNormEps});\n${normCode}`;
  return withConstants('norm', { COLUMNS: hiddenSize }, code, ['read', 'read', 'write', 'uniform']);
}

function headValues(config: LlamaConfig): Values {
  const { numAttentionHeads, numKeyValueHeads, headDim } = config;
  return { HEADS: numAttentionHeads, KV_HEADS: numKeyValueHeads, HEAD_DIM: headDim };
}

/** bindings: qkv, rope table, q, k, v, call */
export function rope(config: LlamaConfig): Kernel {
  return withConstants('rope', headValues(config), ropeCode, [
    'read',
    'read',
    'write',
    'write',
    'write',
    'uniform',
  ]);
}

/** bindings: k, v, keys, values, call */
export function append(config: LlamaConfig): Kernel {
  return withConstants('append', headValues(config), appendCode, [
    'read',
    'read',
    'write',
    'write',
    'uniform',
  ]);
}

/** Tokens a workgroup of a prompt's attention takes: what fits 16 KiB of workgroup memory. */
export function attentionTokens({ headDim }: LlamaConfig): number {
  return headDim <= 160 ? 16 : 8;
}

/** bindings: q, keys, values, out, call. @param byToken for prompts; false for one token */
export function attention(config: LlamaConfig, byToken: boolean): Kernel {
  const shared = config.numAttentionHeads / config.numKeyValueHeads;
  const values = {
    ...headValues(config),
    QUERIES: byToken ? attentionTokens(config) : shared,
    TILE: config.headDim <= 128 ? 16 : 8,
    BY_TOKEN: byToken,
  };
  return withConstants('attention', values, attentionCode, ['read', 'read', 'read', 'write', 'uniform']);
}

/** bindings: gate and up, out, call */
export function swiglu({ intermediateSize }: LlamaConfig): Kernel {
  return withConstants('swiglu', { INNER: intermediateSize }, swigluCode, ['read', 'write', 'uniform']);
}

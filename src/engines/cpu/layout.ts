// Where everything lies in the CPU engine's one memory: weights, then work space, then one region a session. Plain
// numbers, so that threads get it by message.

import { EngineError } from '../../failures.ts';
import { groupsOf, type QuantScheme } from '../../format/schemes.ts';
import type { LlamaConfig } from '../../llama/config.ts';
import { llamaTensors, qkvRows } from '../../llama/tensors.ts';
import { MAX_MEMORY_BYTES } from './kernels.ts';

/** A matrix in the kernels' layout: eight rows woven together. */
export interface MatrixPlan {
  rows: number;
  /** Columns, before padding. */
  size: number;
  /** Of a row; 0 where nothing is quantised. */
  groups: number;
  /** Rows / 8, rounded up. */
  octets: number;
  codes: number;
  scales: number;
}

export interface LayerPlan {
  inputNorm: number;
  qkv: MatrixPlan;
  o: MatrixPlan;
  postAttentionNorm: number;
  gate: MatrixPlan;
  up: MatrixPlan;
  down: MatrixPlan;
}

export interface CpuPlan {
  config: LlamaConfig;
  scheme: QuantScheme;
  contextLength: number;
  threads: number;
  /** Tokens of a prompt that go through the layers together. */
  batch: number;
  embed: MatrixPlan;
  layers: LayerPlan[];
  norm: number;
  /** The embedding itself where tied. */
  lmHead: MatrixPlan;
  /** f32 a row of each work buffer: zero from the row's end to here, so that whole groups can be read. */
  strides: { hidden: number; qkv: number; attended: number; inner: number };
  work: {
    /** i32 words that threads talk through. */
    control: number;
    /** Token ids [batch]. */
    tokens: number;
    /** Cosines [batch, headDim / 2], then sines. */
    angles: number;
    /** Residual stream [batch, hidden]. */
    x: number;
    qkv: number;
    attended: number;
    gate: number;
    up: number;
    /** Columns of codes for the product at work [batch]. */
    columns: number;
  };
  /** Each thread's own room: `at + thread * bytes`, with these offsets inside. */
  scratch: {
    at: number;
    bytes: number;
    normed: number;
    column: number;
    tile: number;
    /** For two queries, `apart` bytes one from the other. */
    attention: number;
    apart: number;
  };
  /** First byte of the first session; each is `session.bytes`, with these offsets inside. */
  sessions: number;
  session: { bytes: number; keys: number; values: number; logits: number };
}

export const CONTROL_WORDS = 16;
const LINE = 64;
/** Bytes of a group in a column of codes, and of its unpacked octet. */
const RECORD = { 3: 88, 4: 72 } as const;
const TILE = { 3: 640, 4: 512 } as const;

/** Bytes of one column of `size` activations, as the products read it. */
export function columnBytes(scheme: QuantScheme, size: number): number {
  if (scheme.bits === 16) return Math.ceil(size / 8) * 32;
  return groupsOf(scheme, size) * RECORD[scheme.bits === 3 ? 3 : 4];
}

function strideOf(scheme: QuantScheme, size: number): number {
  const multiple = scheme.bits === 16 ? 8 : scheme.group;
  return Math.ceil(size / multiple) * multiple;
}

/** Products that a thread computes in about half a second: an abort waits for one batch. */
const BATCH_PRODUCTS = 12e9;

/** Tokens a batch: a multiple of four, as gemmTile takes columns. Beyond 32 unpacking weights costs nothing any more. */
function batchFor(config: LlamaConfig, contextLength: number): number {
  const weights = llamaTensors(config).reduce((sum, { shape: [rows, size = 1] }) => sum + rows * size, 0);
  const tokens = Math.min(Math.max(BATCH_PRODUCTS / weights, 8), 32, contextLength);
  return Math.ceil(tokens / 4) * 4;
}

function lay(config: LlamaConfig, scheme: QuantScheme, contextLength: number, threads: number): CpuPlan {
  let top = 0;
  const take = (bytes: number): number => {
    const at = top;
    top += Math.ceil(bytes / LINE) * LINE;
    return at;
  };
  const matrix = (rows: number, size: number): MatrixPlan => {
    const octets = Math.ceil(rows / 8);
    const groups = scheme.bits === 16 ? 0 : groupsOf(scheme, size);
    const codes = take(octets * (scheme.bits === 16 ? size * 16 : groups * 128));
    return { rows, size, groups, octets, codes, scales: take(octets * groups * 16) };
  };
  const { hiddenSize, intermediateSize, headDim, vocabSize } = config;
  const queries = config.numAttentionHeads * headDim;
  const batch = batchFor(config, contextLength);
  const control = take(CONTROL_WORDS * 4);
  const norm = () => take(strideOf(scheme, hiddenSize) * 4);

  const embed = matrix(vocabSize, hiddenSize);
  const layers = Array.from({ length: config.numHiddenLayers }, (): LayerPlan => ({
    inputNorm: norm(),
    qkv: matrix(qkvRows(config), hiddenSize),
    o: matrix(hiddenSize, queries),
    postAttentionNorm: norm(),
    gate: matrix(intermediateSize, hiddenSize),
    up: matrix(intermediateSize, hiddenSize),
    down: matrix(hiddenSize, intermediateSize),
  }));
  const finalNorm = norm();
  const lmHead = config.tieWordEmbeddings ? embed : matrix(vocabSize, hiddenSize);

  const strides = {
    hidden: strideOf(scheme, hiddenSize),
    qkv: Math.ceil(qkvRows(config) / 8) * 8,
    attended: strideOf(scheme, queries),
    inner: strideOf(scheme, intermediateSize),
  };
  const widest = Math.max(hiddenSize, queries, intermediateSize);
  const rows = (stride: number) => take(batch * stride * 4);
  const work = {
    control,
    tokens: take(batch * 4),
    angles: take(batch * headDim * 4),
    x: rows(strides.hidden),
    qkv: rows(strides.qkv),
    attended: rows(strides.attended),
    gate: rows(strides.inner),
    up: rows(strides.inner),
    columns: take(batch * columnBytes(scheme, widest)),
  };
  const scratchAt = top;
  const normed = take(strides.hidden * 4) - scratchAt;
  const column = take(columnBytes(scheme, widest)) - scratchAt;
  const tile =
    take(scheme.bits === 16 ? 0 : groupsOf(scheme, widest) * TILE[scheme.bits === 3 ? 3 : 4]) - scratchAt;
  const attention = take((headDim + contextLength + 4) * 4) - scratchAt;
  const otherAttention = take((headDim + contextLength + 4) * 4) - scratchAt;
  const apart = otherAttention - attention;
  const scratch = { at: scratchAt, bytes: top - scratchAt, normed, column, tile, attention, apart };
  top = scratchAt + threads * scratch.bytes;

  const sessions = top;
  const cache = config.numHiddenLayers * config.numKeyValueHeads * contextLength * headDim * 2;
  const keys = take(cache) - sessions;
  const values = take(cache) - sessions;
  const logits = take(Math.ceil(vocabSize / 8) * 32) - sessions;
  return {
    ...{ config, scheme, contextLength, threads, batch, embed, layers, norm: finalNorm, lmHead },
    ...{ strides, work, scratch, sessions, session: { bytes: top - sessions, keys, values, logits } },
  };
}

/** Without a wish, no more than this: f16 keys and values of an 8B model take 131 kB a token. */
const DEFAULT_CONTEXT = 4096;
const SMALLEST_CONTEXT = 512;

/** Bytes with one session. */
export function memoryBytes(plan: CpuPlan): number {
  return plan.sessions + plan.session.bytes;
}

/**
 * Lays a model out for `contextLength` tokens, at most the model's; without it, as many as the memory allows, to 4,096.
 * Throws "model-over-4gb", "config-unsupported" (a head size the kernels do not take).
 */
export function planMemory(
  config: LlamaConfig,
  scheme: QuantScheme,
  contextLength: number | undefined,
  threads: number,
): CpuPlan {
  if (config.headDim % 8 !== 0) {
    throw new EngineError('config-unsupported', `head_dim ${config.headDim} is not a multiple of 8`, {
      field: 'head_dim',
      expected: 'a multiple of 8',
      actual: config.headDim,
    });
  }
  let context = Math.min(contextLength ?? DEFAULT_CONTEXT, config.maxPositionEmbeddings);
  for (;;) {
    const plan = lay(config, scheme, context, threads);
    const bytes = memoryBytes(plan);
    if (bytes <= MAX_MEMORY_BYTES) return plan;
    if (contextLength !== undefined || context <= SMALLEST_CONTEXT) {
      throw new EngineError(
        'model-over-4gb',
        `This model with a context of ${context} tokens takes ${bytes} bytes, WebAssembly has ${MAX_MEMORY_BYTES}`,
        { expected: MAX_MEMORY_BYTES, actual: bytes },
      );
    }
    context = Math.max(SMALLEST_CONTEXT, Math.floor(context / 2));
  }
}

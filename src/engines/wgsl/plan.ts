// Every buffer a model needs, counted before anything is allocated: what fits, in how many bindings, with how many dispatches.

import { EngineError } from '../../failures.ts';
import type { QuantScheme } from '../../format/schemes.ts';
import { cacheRowBytes } from '../../gpu/kernels/attention.ts';
import type { CacheBits } from '../../gpu/kernels/attention.ts';
import { packsOf, strideOf, WEIGHT_FORMATS } from '../../gpu/kernels/dequant.ts';
import type { WeightFormat } from '../../gpu/kernels/dequant.ts';
import { EPILOGUE, gemmShape } from '../../gpu/kernels/gemm.ts';
import { LOGPROBS_BYTES, SAMPLE_BINS, SAMPLE_BLOCK, SAMPLING_BYTES } from '../../gpu/kernels/sample.ts';
import { FEW_SPLITS, MAX_SPLITS, SPLIT, splitCount } from '../../gpu/kernels/splits.ts';
import type { LlamaConfig } from '../../llama/config.ts';
import { qkvRows } from '../../llama/tensors.ts';

export type PlanLimits = Pick<
  GPUSupportedLimits,
  'maxStorageBufferBindingSize' | 'maxBufferSize' | 'maxComputeWorkgroupsPerDimension'
>;

/** Rows of a matrix that are bound together: all of them where the binding limit allows. */
export interface PlannedChunk {
  first: number;
  rows: number;
  weightBytes: number;
  scaleBytes: number;
}

export interface PlannedMatrix {
  /** Tensor name without suffix, and its first row in that tensor (gate and up are rows of one). */
  tensor: string;
  tensorRow: number;
  rows: number;
  columns: number;
  chunks: PlannedChunk[];
}

export interface PlannedLayer {
  qkv: PlannedMatrix;
  o: PlannedMatrix;
  gate: PlannedMatrix;
  up: PlannedMatrix;
  down: PlannedMatrix;
}

export interface PlannedBuffer {
  label: string;
  kind: 'weights' | 'kv' | 'work';
  bytes: number;
}

export interface ModelPlan {
  config: LlamaConfig;
  format: WeightFormat;
  contextLength: number;
  /** Of an element of keys and values: halves, or codes of 8 bits with scales. */
  cacheBits: CacheBits;
  embed: PlannedMatrix;
  /** The embedding again where tied. */
  lmHead: PlannedMatrix;
  layers: PlannedLayer[];
  /** Splits of decoding's attention at most. */
  maxSplits: number;
  /** Tokens of a prefill chunk at most. */
  prefillTokens: number;
  /** Floats in a row of: hidden state, attention's result, MLP's inner activations, logits (with padding); QKV (without). */
  strides: { hidden: number; attention: number; inner: number; qkv: number; logits: number };
  /** Everything that is allocated with one session whose cache is full. */
  buffers: PlannedBuffer[];
  weightBytes: number;
  kvBytes: number;
  workBytes: number;
  /** Of one token at the end of the context, drawn with the full sampler. */
  dispatchesPerToken: number;
}

/** Work space for prefill stays under this (docs/budgets.md: 64 MiB apart from 5 % of weights and cache). */
const PREFILL_BYTES = 40 * 2 ** 20;
const MAX_PREFILL_TOKENS = 512;
/** A chunk of rows starts at a multiple of this, so that its part of an f32 result can be bound (offsets of 256 bytes). */
const CHUNK_ROWS = 64;
/** Tokens that one batch takes at most: drafted ones that are judged together. */
export const BATCH_TOKENS = 8;
/** Kernels of the sampler: blocks, bins, pick. */
const SAMPLER_DISPATCHES = 3;
/**
 * Embedding and logits may take so many dispatches apart from 6 a layer and the sampler's (docs/budgets.md: 6 L + 8). Where matrices in
 * many chunks take more, attention is held to few splits, whose merge needs no dispatch of its own.
 */
const SPARE_DISPATCHES = 5;
/** Where nobody says how long: the cache grows as needed up to this. */
const DEFAULT_CONTEXT = 8192;

function tooLow(
  limit: string,
  what: string,
  needed: number,
  allowed: number,
  more: { fits?: number } = {},
): EngineError {
  return new EngineError('limit-too-low', `${what} needs ${limit} ${needed}, this device has ${allowed}`, {
    limit,
    what,
    expected: needed,
    actual: allowed,
    ...more,
  });
}

function planMatrix(
  tensor: string,
  tensorRow: number,
  rows: number,
  columns: number,
  format: WeightFormat,
  limits: PlanLimits,
): PlannedMatrix {
  const packs = packsOf(format, columns);
  const rowBytes = packs * 16;
  const limit = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const fitting = Math.floor(limit / rowBytes);
  const rowsEach = fitting >= rows ? rows : Math.floor(fitting / CHUNK_ROWS) * CHUNK_ROWS;
  if (rowsEach === 0) throw tooLow('maxStorageBufferBindingSize', tensor, rowBytes * CHUNK_ROWS, limit);
  const chunks: PlannedChunk[] = [];
  for (let first = 0; first < rows; first += rowsEach) {
    const count = Math.min(rowsEach, rows - first);
    chunks.push({
      first,
      rows: count,
      weightBytes: count * rowBytes,
      scaleBytes: Math.ceil((count * packs * format.scaleBytes) / 4) * 4,
    });
  }
  return { tensor, tensorRow, rows, columns, chunks };
}

/** Most tokens whose keys, or values, of one layer fit one binding. */
export function longestContext(config: LlamaConfig, limits: PlanLimits, cacheBits: CacheBits): number {
  const limit = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  return Math.floor(limit / cacheBytes(config, 1, cacheBits).keys);
}

/** Floats of prefill's work space a token. */
function prefillFloats(strides: ModelPlan['strides']): number {
  return 2 * strides.hidden + strides.qkv + strides.attention + strides.inner;
}

function checkShape(config: LlamaConfig): void {
  const { headDim } = config;
  if (headDim % 8 !== 0 || headDim < 16 || headDim > 256) {
    throw new EngineError('config-unsupported', `head_dim ${headDim} is not a multiple of 8 from 16 to 256`, {
      field: 'head_dim',
      expected: 'a multiple of 8 from 16 to 256',
      actual: headDim,
    });
  }
}

/**
 * Plans a model for a device's limits without touching the device.
 * @param contextLength tokens; without it, as many as model and device allow up to 8,192
 * @param cacheBits of an element of keys and values
 * Throws "limit-too-low" where a binding cannot hold what must be in one, "config-unsupported" for a head_dim no kernel takes.
 */
export function planModel(
  config: LlamaConfig,
  scheme: QuantScheme,
  limits: PlanLimits,
  contextLength?: number,
  cacheBits: CacheBits = 16,
): ModelPlan {
  checkShape(config);
  const format = WEIGHT_FORMATS[scheme.name];
  const longest = Math.min(config.maxPositionEmbeddings, longestContext(config, limits, cacheBits));
  const context = Math.min(contextLength ?? Math.min(longest, DEFAULT_CONTEXT), config.maxPositionEmbeddings);
  const tokenBytes = cacheBytes(config, 1, cacheBits).keys;
  if (context > longest) {
    const allowed = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
    throw tooLow('maxStorageBufferBindingSize', `a context of ${context}`, context * tokenBytes, allowed, {
      fits: longest,
    });
  }
  const matrix = (tensor: string, tensorRow: number, rows: number, columns: number) =>
    planMatrix(tensor, tensorRow, rows, columns, format, limits);
  const { hiddenSize, intermediateSize, vocabSize, numHiddenLayers } = config;
  const attention = config.numAttentionHeads * config.headDim;
  const qkv = qkvRows(config);
  const embed = matrix('model.embed_tokens', 0, vocabSize, hiddenSize);
  const layers = Array.from({ length: numHiddenLayers }, (_, i): PlannedLayer => {
    const block = `model.layers.${i}`;
    return {
      qkv: matrix(`${block}.self_attn.qkv_proj`, 0, qkv, hiddenSize),
      o: matrix(`${block}.self_attn.o_proj`, 0, hiddenSize, attention),
      gate: matrix(`${block}.mlp.gate_up_proj`, 0, intermediateSize, hiddenSize),
      up: matrix(`${block}.mlp.gate_up_proj`, intermediateSize, intermediateSize, hiddenSize),
      down: matrix(`${block}.mlp.down_proj`, 0, hiddenSize, intermediateSize),
    };
  });
  const strides = {
    hidden: strideOf(format, hiddenSize),
    attention: strideOf(format, attention),
    inner: strideOf(format, intermediateSize),
    qkv,
    logits: Math.ceil(vocabSize / CHUNK_ROWS) * CHUNK_ROWS,
  };
  const fitting = Math.floor(PREFILL_BYTES / (prefillFloats(strides) * 4) / 64) * 64;
  const lmHead = config.tieWordEmbeddings ? embed : matrix('lm_head', 0, vocabSize, hiddenSize);
  const plan: ModelPlan = {
    config,
    format,
    contextLength: context,
    cacheBits,
    embed,
    lmHead,
    layers,
    maxSplits: embed.chunks.length + lmHead.chunks.length > SPARE_DISPATCHES ? FEW_SPLITS : MAX_SPLITS,
    prefillTokens: Math.max(64, Math.min(MAX_PREFILL_TOKENS, fitting, Math.ceil(context / 64) * 64)),
    strides,
    buffers: [],
    weightBytes: 0,
    kvBytes: 0,
    workBytes: 0,
    dispatchesPerToken: 0,
  };
  listBuffers(plan);
  plan.dispatchesPerToken = countDispatches(plan, context);
  return plan;
}

/** Uniforms of one buffer lie this far apart (minUniformBufferOffsetAlignment). */
export const GEMM_SHAPE_OFFSET = 256;

/** The uniforms of prefill's projections: for each chunk of qkv, o, gate, up, down. Every layer has the same. */
export function gemmShapes(plan: ModelPlan): Uint32Array<ArrayBuffer>[] {
  const { format, strides } = plan;
  const { qkv, o, gate, up, down } = plan.layers[0]!;
  const list = [
    [qkv, strides.qkv, EPILOGUE.store],
    [o, strides.hidden, EPILOGUE.add],
    [gate, strides.inner, EPILOGUE.store],
    [up, strides.inner, EPILOGUE.swiglu],
    [down, strides.hidden, EPILOGUE.add],
  ] as const;
  return list.flatMap(([{ columns, chunks }, outStride, epilogue]) =>
    chunks.map(({ rows }) => gemmShape(format, rows, columns, outStride, epilogue)),
  );
}

/** Sizes in bytes of the buffers that are neither weights nor cache. */
export function workBuffers(plan: ModelPlan) {
  const { config, strides, prefillTokens } = plan;
  const half = config.headDim / 2;
  return {
    hidden: strides.hidden * 4,
    qkv: strides.qkv * 4,
    parts: plan.maxSplits * strides.attention * 4,
    stats: plan.maxSplits * config.numAttentionHeads * 8,
    attention: strides.attention * 4,
    inner: strides.inner * 4,
    ropeTable: (256 + Math.ceil(plan.contextLength / 256)) * half * 8,
    blocks: Math.ceil(config.vocabSize / SAMPLE_BLOCK) * 16,
    bins: SAMPLE_BINS * 4,
    shapes: gemmShapes(plan).length * GEMM_SHAPE_OFFSET,
    prefillTokens: prefillTokens * 4,
    prefillHidden: prefillTokens * strides.hidden * 4,
    prefillNormed: prefillTokens * strides.hidden * 4,
    prefillQkv: prefillTokens * strides.qkv * 4,
    prefillAttention: prefillTokens * strides.attention * 4,
    prefillInner: prefillTokens * strides.inner * 4,
    batchParts: BATCH_TOKENS * plan.maxSplits * strides.attention * 4,
    batchStats: BATCH_TOKENS * plan.maxSplits * config.numAttentionHeads * 8,
    batchLogits: BATCH_TOKENS * strides.logits * 4,
  };
}

/** Tokens that one submit computes at most, and the bytes that each gives back: its state, then its probabilities. */
export const MAX_AHEAD = 8;
export const SLOT_BYTES = 16 + LOGPROBS_BYTES;
const READBACK_BYTES = MAX_AHEAD * SLOT_BYTES;

/** Sizes in bytes of what each session has apart from its cache. */
export function sessionBuffers(plan: ModelPlan) {
  const { vocabSize } = plan.config;
  return {
    logits: vocabSize * 4,
    seen: Math.ceil(vocabSize / 32) * 4,
    allowed: Math.ceil(vocabSize / 32) * 4,
    notes: vocabSize * 8,
    adjusted: vocabSize * 4,
    logprobs: LOGPROBS_BYTES,
    state: 16,
    sampling: SAMPLING_BYTES,
    chunk: 16,
    batch: 16 + BATCH_TOKENS * 4,
    readbackA: READBACK_BYTES,
    readbackB: READBACK_BYTES,
    readbackC: READBACK_BYTES,
  };
}

/** Bytes of a layer's keys, and of its values, for so many tokens. */
export function cacheBytes(config: LlamaConfig, tokens: number, bits: CacheBits) {
  const row = cacheRowBytes({ kvHeads: config.numKeyValueHeads, headDim: config.headDim }, bits);
  return { keys: tokens * row.keys, values: tokens * row.values };
}

/** Bytes of all layers' keys and values for so many tokens. */
export function wholeCacheBytes(plan: Pick<ModelPlan, 'config' | 'cacheBits'>, tokens: number): number {
  const { keys, values } = cacheBytes(plan.config, tokens, plan.cacheBits);
  return plan.config.numHiddenLayers * (keys + values);
}

function matricesOf(plan: ModelPlan): PlannedMatrix[] {
  const list = [plan.embed, ...plan.layers.flatMap((layer) => Object.values(layer) as PlannedMatrix[])];
  return plan.lmHead === plan.embed ? list : [...list, plan.lmHead];
}

function listBuffers(plan: ModelPlan): void {
  const { config, buffers } = plan;
  for (const { tensor, tensorRow, chunks } of matricesOf(plan)) {
    for (const { first, weightBytes, scaleBytes } of chunks) {
      const rows = `rows ${tensorRow + first}`;
      buffers.push({ label: `${tensor} ${rows} weights`, kind: 'weights', bytes: weightBytes });
      if (scaleBytes > 0)
        buffers.push({ label: `${tensor} ${rows} scales`, kind: 'weights', bytes: scaleBytes });
    }
  }
  const norms = 2 * config.numHiddenLayers + 1;
  for (let i = 0; i < norms; i++) {
    buffers.push({ label: `norm ${i}`, kind: 'weights', bytes: plan.strides.hidden * 4 });
  }
  for (let i = 0; i < config.numHiddenLayers; i++) {
    for (const [part, bytes] of Object.entries(cacheBytes(config, plan.contextLength, plan.cacheBits))) {
      buffers.push({ label: `layer ${i} ${part}`, kind: 'kv', bytes });
    }
  }
  const work = { ...workBuffers(plan), ...sessionBuffers(plan) };
  for (const [label, bytes] of Object.entries(work)) buffers.push({ label, kind: 'work', bytes });
  const total = (kind: PlannedBuffer['kind']) =>
    buffers.reduce((sum, buffer) => sum + (buffer.kind === kind ? buffer.bytes : 0), 0);
  plan.weightBytes = total('weights');
  plan.kvBytes = total('kv');
  plan.workBytes = total('work');
}

/** Dispatches of a token that makes the cache hold `length` tokens, drawn with the full sampler. */
export function countDispatches(plan: ModelPlan, length: number): number {
  const merges = splitCount(length, SPLIT, plan.maxSplits) > FEW_SPLITS ? 1 : 0;
  const layers = plan.layers.reduce(
    (sum, { qkv, o, gate, down }) =>
      sum + qkv.chunks.length + 1 + merges + o.chunks.length + gate.chunks.length + down.chunks.length,
    0,
  );
  return layers + plan.embed.chunks.length + plan.lmHead.chunks.length + SAMPLER_DISPATCHES;
}

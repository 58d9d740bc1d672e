// All of a model's pipelines: compiled together, while the weights load.

import type { Device } from '../../gpu/device.ts';
import type { Constants, Grid, Kernel, Pipeline } from '../../gpu/kernel.ts';
import {
  attentionDecodeConstants,
  attentionDecodeKernel,
  attentionPrefillConstants,
  attentionPrefillKernel,
  mergeKernel,
  ropeAppendKernel,
} from '../../gpu/kernels/attention.ts';
import type { HeadShape } from '../../gpu/kernels/attention.ts';
import { packsOf, strideOf } from '../../gpu/kernels/dequant.ts';
import type { GemmTile } from '../../gpu/kernels/gemm.ts';
import { embedKernel } from '../../gpu/kernels/embed.ts';
import { EPILOGUE, gemmConstants, gemmKernel, rmsNormKernel } from '../../gpu/kernels/gemm.ts';
import {
  gemvBatchConstants,
  gemvBatchKernel,
  gemvConstants,
  gemvGateUpKernel,
  gemvGrid,
  gemvKernel,
  gemvMergeKernel,
} from '../../gpu/kernels/gemv.ts';
import {
  SAMPLE_BLOCK,
  sampleBinsKernel,
  sampleBlocksKernel,
  sampleGreedyKernel,
  samplePickKernel,
} from '../../gpu/kernels/sample.ts';
import { SPLIT } from '../../gpu/kernels/splits.ts';
import type { ModelPlan, PlannedMatrix } from './plan.ts';
import { DEFAULT_TUNING } from './tuning.ts';
import type { EngineTuning, ProductName } from './tuning.ts';

/** A matrix-vector product of one chunk of a matrix. */
export interface Product {
  pipeline: Pipeline;
  grid: Grid;
}

/** One for each chunk of the matrix. */
export type Products = Product[];

export interface ModelPipelines {
  decode: {
    /** One for each chunk of the embedding. */
    embed: Pipeline[];
    qkv: Products;
    attention: Pipeline;
    merge: Pipeline;
    oMerging: Products;
    o: Products;
    gateUp: Products;
    down: Products;
    logits: Products;
  };
  prefill: {
    embed: Pipeline[];
    norm: Pipeline;
    append: Pipeline;
    attention: Pipeline;
  };
  /** Prefill's projections, by tokens of a tile. */
  gemms: Record<GemmTile, Pipeline>;
  sample: {
    blocks: Pipeline;
    greedy: Pipeline;
    bins: Pipeline;
    pick: Pipeline;
  };
}

/** Tokens of a batch: the least of these that holds it. */
export const BATCH_SIZES = [4, 8] as const;
export type BatchSize = (typeof BATCH_SIZES)[number];

/** What batches of a few tokens need as well, by size where it matters. */
export interface BatchPipelines {
  embed: Pipeline[];
  append: Pipeline;
  attention: Pipeline;
  merge: Pipeline;
  products: Record<BatchSize, Record<'qkv' | 'o' | 'gate' | 'up' | 'down' | 'logits', Products>>;
}

/** Compiles what batches need: on first use, because a load shouldn't wait for what not every answer uses. */
export async function compileBatchPipelines(
  device: Device,
  plan: ModelPlan,
  tuning: EngineTuning = DEFAULT_TUNING,
): Promise<BatchPipelines> {
  const { config, format, strides } = plan;
  const limit = device.limits.maxComputeWorkgroupsPerDimension;
  const { qkv, o, gate, up, down } = plan.layers[0]!;
  const norm = { NORM: 1, COLUMNS: config.hiddenSize, EPSILON: config.rmsNormEps };
  const products = (
    tokens: BatchSize,
    name: ProductName,
    { chunks, columns }: PlannedMatrix,
    outStride: number,
    more: Constants,
  ) =>
    Promise.all(
      chunks.map(async ({ rows }): Promise<Product> => {
        const knobs = tuning.products[name];
        const kernel = gemvBatchKernel(format, knobs);
        const constants = gemvBatchConstants(gemvConstants(format, rows, columns, knobs), tokens);
        const strided = { X_STRIDE4: strideOf(format, columns) / 4, OUT_STRIDE: outStride };
        return {
          pipeline: await device.pipeline(kernel, { ...constants, ...strided, ...more }),
          grid: gemvGrid(constants, limit),
        };
      }),
    );
  const ofSize = async (tokens: BatchSize) => {
    const [qkvs, os, gates, ups, downs, logits] = await Promise.all([
      products(tokens, 'qkv', qkv, strides.qkv, norm),
      products(tokens, 'o', o, strides.hidden, { EPILOGUE: EPILOGUE.add }),
      products(tokens, 'gateUp', gate, strides.inner, norm),
      products(tokens, 'gateUp', up, strides.inner, { ...norm, EPILOGUE: EPILOGUE.swiglu }),
      products(tokens, 'down', down, strides.hidden, { EPILOGUE: EPILOGUE.add }),
      products(tokens, 'logits', plan.lmHead, strides.logits, norm),
    ]);
    return { qkv: qkvs, o: os, gate: gates, up: ups, down: downs, logits };
  };
  const heads = headShape(config);
  const splits = { SPLIT, MAX_SPLITS: plan.maxSplits };
  const headConstants = { HEADS: heads.heads, HEAD_DIM: heads.headDim };
  const [embed, append, attention, merge, four, eight] = await Promise.all([
    Promise.all(embedPipelines(plan, BATCH_TOKENS_AT, (of, constants) => device.pipeline(of, constants))),
    device.pipeline(ropeAppendKernel(plan.cacheBits), { ...headConstants, KV_HEADS: heads.kvHeads }),
    device.pipeline(attentionDecodeKernel(plan.cacheBits), {
      ...attentionDecodeConstants(heads, strides.attention),
      ...splits,
      BATCH: 1,
    }),
    device.pipeline(mergeKernel, { ...headConstants, ...splits, STRIDE: strides.attention }),
    ofSize(4),
    ofSize(8),
  ]);
  return { embed, append, attention, merge, products: { 4: four, 8: eight } };
}

/** Index of the first token in a session's `batch`. */
const BATCH_TOKENS_AT = 4;

function headShape(config: ModelPlan['config']): HeadShape {
  return {
    heads: config.numAttentionHeads,
    kvHeads: config.numKeyValueHeads,
    headDim: config.headDim,
  };
}

/** The embedding's pipelines, a chunk of rows each, for tokens that start at an index of their buffer. */
function embedPipelines(
  { config, format, strides, embed }: ModelPlan,
  tokensAt: number,
  compile: (kernel: Kernel, constants: Constants) => Promise<Pipeline>,
): Promise<Pipeline>[] {
  return embed.chunks.map(({ first, rows }) =>
    compile(embedKernel(format), {
      PACKS: packsOf(format, config.hiddenSize),
      COLUMNS: config.hiddenSize,
      STRIDE4: strides.hidden / 4,
      FIRST: first,
      ROWS: rows,
      TOKENS_AT: tokensAt,
    }),
  );
}

/** Compiles everything, so that no prompt waits for a compiler. */
export async function compilePipelines(
  device: Device,
  plan: ModelPlan,
  tuning: EngineTuning = DEFAULT_TUNING,
  onPipeline: (done: number, total: number) => void = () => undefined,
): Promise<ModelPipelines> {
  const { config, format, strides } = plan;
  const limit = device.limits.maxComputeWorkgroupsPerDimension;
  const layer = plan.layers[0]!;
  let done = 0;
  let total = 0;
  async function compile(kernel: Kernel, constants: Constants): Promise<Pipeline> {
    total++;
    const pipeline = await device.pipeline(kernel, constants);
    onPipeline(++done, total);
    return pipeline;
  }
  const products = (
    kernelOf: typeof gemvKernel,
    name: ProductName,
    matrix: PlannedMatrix,
    more: Constants,
  ): Promise<Products> =>
    Promise.all(
      matrix.chunks.map(async ({ rows }): Promise<Product> => {
        const knobs = tuning.products[name];
        const constants = gemvConstants(format, rows, matrix.columns, knobs);
        return {
          pipeline: await compile(kernelOf(format, knobs), { ...constants, ...more }),
          grid: gemvGrid(constants, limit),
        };
      }),
    );
  const embeds = (tokensAt: number) => Promise.all(embedPipelines(plan, tokensAt, compile));
  const heads = headShape(config);
  const splits = { SPLIT, MAX_SPLITS: plan.maxSplits };
  const norm = { COLUMNS: config.hiddenSize, EPSILON: config.rmsNormEps };
  const headConstants = { HEADS: heads.heads, HEAD_DIM: heads.headDim };

  const blockCount = Math.ceil(config.vocabSize / SAMPLE_BLOCK);
  const [embed, qkv, attention, merge, oMerging, o, gateUp, down, logits] = await Promise.all([
    embeds(1),
    products(gemvKernel, 'qkv', layer.qkv, { NORM: 1, ...norm }),
    compile(attentionDecodeKernel(plan.cacheBits), {
      ...attentionDecodeConstants(heads, strides.attention),
      ...splits,
    }),
    compile(mergeKernel, { ...headConstants, ...splits, STRIDE: strides.attention }),
    products(gemvMergeKernel, 'o', layer.o, {
      ...headConstants,
      ...splits,
      STRIDE4: strides.attention / 4,
    }),
    products(gemvKernel, 'o', layer.o, { ADD: 1 }),
    products(gemvGateUpKernel, 'gateUp', layer.gate, norm),
    products(gemvKernel, 'down', layer.down, { ADD: 1 }),
    products(gemvKernel, 'logits', plan.lmHead, { NORM: 1, ...norm }),
  ]);
  const [
    prefillEmbed,
    rmsNorm,
    append,
    attentionPrefill,
    blocks,
    greedy,
    bins,
    pick,
    gemm16,
    gemm32,
    gemm64,
  ] = await Promise.all([
    embeds(0),
    compile(rmsNormKernel, { ...norm, STRIDE4: strides.hidden / 4 }),
    compile(ropeAppendKernel(plan.cacheBits), { ...headConstants, KV_HEADS: heads.kvHeads }),
    compile(attentionPrefillKernel(plan.cacheBits), attentionPrefillConstants(heads, strides.attention)),
    compile(sampleBlocksKernel, { VOCAB: config.vocabSize }),
    compile(sampleGreedyKernel, { BLOCKS: blockCount }),
    compile(sampleBinsKernel, { VOCAB: config.vocabSize, BLOCKS: blockCount }),
    compile(samplePickKernel, { VOCAB: config.vocabSize, BLOCKS: blockCount }),
    compile(gemmKernel(format, tuning.tiles), gemmConstants(16)),
    compile(gemmKernel(format, tuning.tiles), gemmConstants(32)),
    compile(gemmKernel(format, tuning.tiles), gemmConstants(64)),
  ]);
  return {
    decode: { embed, qkv, attention, merge, oMerging, o, gateUp, down, logits },
    prefill: { embed: prefillEmbed, norm: rmsNorm, append, attention: attentionPrefill },
    gemms: { 16: gemm16, 32: gemm32, 64: gemm64 },
    sample: { blocks, greedy, bins, pick },
  };
}

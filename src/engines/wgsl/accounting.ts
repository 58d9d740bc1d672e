// How many bytes of weights a token costs: what its dispatches bind, against what it needs.

import type { ModelDirectory } from '../../format/model-directory.ts';
import { packsOf } from '../../gpu/kernels/dequant.ts';
import { attentionDecodeGrid, cacheRowBytes } from '../../gpu/kernels/attention.ts';
import { SPLIT, splitCount } from '../../gpu/kernels/splits.ts';
import { wholeCacheBytes } from './plan.ts';
import type { ModelPlan, PlannedMatrix } from './plan.ts';

function matrixBytes({ chunks }: PlannedMatrix): number {
  return chunks.reduce((sum, { weightBytes, scaleBytes }) => sum + weightBytes + scaleBytes, 0);
}

/** Bytes of weights that one token's dispatches read, each binding once: the kernels visit every element once. */
export function readWeightBytes(plan: ModelPlan): number {
  const { config, format, layers, lmHead } = plan;
  const matrices = layers.flatMap((layer) => Object.values(layer) as PlannedMatrix[]);
  const row = packsOf(format, config.hiddenSize) * (16 + format.scaleBytes);
  const norms = (2 * config.numHiddenLayers + 1) * plan.strides.hidden * 4;
  return [...matrices, lmHead].reduce((sum, matrix) => sum + matrixBytes(matrix), row + norms);
}

/**
 * Bytes of keys, values and attention's parts that the dispatches of one token move with `length` positions held, counted from
 * their grids: each workgroup of attention reads its split's positions of one key-value head, and leaves a part per head.
 */
export function readCacheBytes(plan: ModelPlan, length: number): number {
  const { config, maxSplits } = plan;
  const heads = {
    heads: config.numAttentionHeads,
    kvHeads: config.numKeyValueHeads,
    headDim: config.headDim,
  };
  const splits = splitCount(length, SPLIT, maxSplits);
  const [groups, rows] = attentionDecodeGrid(heads, splits);
  const each = Math.ceil(length / splits);
  let positions = 0;
  for (let split = 0; split < rows; split++) {
    positions += Math.max(0, Math.min(length - split * each, each));
  }
  const { keys, values } = cacheRowBytes({ ...heads, kvHeads: 1 }, plan.cacheBits);
  const part = plan.strides.attention * 4 + config.numAttentionHeads * 8;
  // Parts are written once, and read once by the merge; a product that merges a few reads them in every workgroup, from a cache.
  return config.numHiddenLayers * (groups * positions * (keys + values) + 2 * splits * part);
}

/** Bytes of keys and values that a token needs: each position's once. */
export function neededCacheBytes(plan: ModelPlan, length: number): number {
  return wholeCacheBytes(plan, length);
}

/** Bytes on disk that a token needs: every matrix and norm once, the logits' matrix once, one row of the embedding. */
export function neededWeightBytes(directory: ModelDirectory, plan: ModelPlan): number {
  const { config } = plan;
  let bytes = 0;
  for (const { name, byteLength } of directory.tensors.values()) {
    const embedding = name.startsWith('model.embed_tokens.');
    if (embedding) bytes += byteLength / config.vocabSize;
    if (!embedding || config.tieWordEmbeddings) bytes += byteLength;
  }
  return bytes;
}

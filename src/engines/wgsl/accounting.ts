// How many bytes of weights a token costs: what its dispatches bind, against what it needs.

import type { ModelDirectory } from '../../format/model-directory.ts';
import { packsOf } from '../../gpu/kernels/dequant.ts';
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

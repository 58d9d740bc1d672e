// What a model costs by its config alone.

import type { LlamaConfig } from '../llama/config.ts';
import { llamaTensors } from '../llama/tensors.ts';

export interface ModelCosts {
  parameters: number;
  contextWindow: number;
  /** Of keys and values as f16, a token of context. */
  bytesPerToken: number;
}

export function modelCosts(config: LlamaConfig): ModelCosts {
  const parameters = llamaTensors(config).reduce(
    (sum, { shape }) => sum + shape.reduce<number>((product, size) => product * size, 1),
    0,
  );
  return {
    parameters,
    contextWindow: config.maxPositionEmbeddings,
    bytesPerToken: 2 * config.numHiddenLayers * config.numKeyValueHeads * config.headDim * 2,
  };
}

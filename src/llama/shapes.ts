// Shapes of published models, as their config.json has them: for synthetic weights that benchmarks and tests run on.

import type { LlamaConfig, RopeScaling } from './config.ts';

function llama3(factor: number): RopeScaling {
  return {
    ropeType: 'llama3',
    factor,
    lowFreqFactor: 1,
    highFreqFactor: 4,
    originalMaxPositionEmbeddings: 8192,
  };
}

/** What Meta's Llama 3.1 and 3.2 have in common. */
const LLAMA_3 = {
  vocabSize: 128_256,
  rmsNormEps: 1e-5,
  ropeTheta: 500_000,
  maxPositionEmbeddings: 131_072,
};

/** Models with Llama 2's plain RoPE. */
const PLAIN = { rmsNormEps: 1e-5, ropeTheta: 10_000, ropeScaling: null, tieWordEmbeddings: false };

/** The table's test holds each against the parameter count its publisher states. */
export const SHAPES = {
  /** meta-llama/Llama-3.2-1B */
  'llama-3.2-1b': {
    ...LLAMA_3,
    hiddenSize: 2048,
    intermediateSize: 8192,
    numHiddenLayers: 16,
    numAttentionHeads: 32,
    numKeyValueHeads: 8,
    headDim: 64,
    ropeScaling: llama3(32),
    tieWordEmbeddings: true,
  },
  /** meta-llama/Llama-3.2-3B */
  'llama-3.2-3b': {
    ...LLAMA_3,
    hiddenSize: 3072,
    intermediateSize: 8192,
    numHiddenLayers: 28,
    numAttentionHeads: 24,
    numKeyValueHeads: 8,
    headDim: 128,
    ropeScaling: llama3(32),
    tieWordEmbeddings: true,
  },
  /** meta-llama/Llama-3.1-8B */
  'llama-3.1-8b': {
    ...LLAMA_3,
    hiddenSize: 4096,
    intermediateSize: 14_336,
    numHiddenLayers: 32,
    numAttentionHeads: 32,
    numKeyValueHeads: 8,
    headDim: 128,
    ropeScaling: llama3(8),
    tieWordEmbeddings: false,
  },
  /** meta-llama/Llama-3.1-70B, and Latam-GPT, which was trained from it */
  'llama-3.1-70b': {
    ...LLAMA_3,
    hiddenSize: 8192,
    intermediateSize: 28_672,
    numHiddenLayers: 80,
    numAttentionHeads: 64,
    numKeyValueHeads: 8,
    headDim: 128,
    ropeScaling: llama3(8),
    tieWordEmbeddings: false,
  },
  /** TinyLlama/TinyLlama-1.1B-Chat-v1.0 */
  'tinyllama-1.1b': {
    ...PLAIN,
    hiddenSize: 2048,
    intermediateSize: 5632,
    numHiddenLayers: 22,
    numAttentionHeads: 32,
    numKeyValueHeads: 4,
    headDim: 64,
    vocabSize: 32_000,
    maxPositionEmbeddings: 2048,
  },
  /** TucanoBR/Tucano-2b4 */
  'tucano-2b4': {
    ...PLAIN,
    hiddenSize: 2560,
    intermediateSize: 10_240,
    numHiddenLayers: 24,
    numAttentionHeads: 16,
    numKeyValueHeads: 4,
    headDim: 160,
    vocabSize: 32_000,
    maxPositionEmbeddings: 4096,
  },
  /** BSC-LT/salamandra-2b */
  'salamandra-2b': {
    ...PLAIN,
    hiddenSize: 2048,
    intermediateSize: 5440,
    numHiddenLayers: 24,
    numAttentionHeads: 16,
    numKeyValueHeads: 16,
    headDim: 128,
    vocabSize: 256_000,
    maxPositionEmbeddings: 8192,
  },
} as const satisfies Record<string, LlamaConfig>;

export type ShapeName = keyof typeof SHAPES;

export function isShapeName(name: string): name is ShapeName {
  return Object.hasOwn(SHAPES, name);
}

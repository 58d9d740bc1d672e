import { describe, expect, it } from 'vitest';
import { SCHEMES } from '../../format/schemes.ts';
import type { LlamaConfig } from '../../llama/config.ts';
import { neededCacheBytes, readCacheBytes, readWeightBytes } from './accounting.ts';
import { countDispatches, planModel } from './plan.ts';
import type { PlannedMatrix } from './plan.ts';

/** WebGPU's default limits. */
const BASE = {
  maxStorageBufferBindingSize: 128 * 2 ** 20,
  maxBufferSize: 256 * 2 ** 20,
  maxComputeWorkgroupsPerDimension: 65_535,
};

const config = (shape: Partial<LlamaConfig>): LlamaConfig => ({
  hiddenSize: 2048,
  intermediateSize: 8192,
  numHiddenLayers: 16,
  numAttentionHeads: 32,
  numKeyValueHeads: 8,
  headDim: 64,
  vocabSize: 128_256,
  rmsNormEps: 1e-5,
  ropeTheta: 500_000,
  ropeScaling: null,
  tieWordEmbeddings: true,
  maxPositionEmbeddings: 131_072,
  ...shape,
});

const MODELS = {
  'Llama-3.2-1B': config({}),
  'Llama-3.2-3B': config({
    hiddenSize: 3072,
    numHiddenLayers: 28,
    numAttentionHeads: 24,
    headDim: 128,
  }),
  'Llama-3.1-8B': config({
    hiddenSize: 4096,
    intermediateSize: 14_336,
    numHiddenLayers: 32,
    headDim: 128,
    tieWordEmbeddings: false,
  }),
  'Llama-3.1-70B': config({
    hiddenSize: 8192,
    intermediateSize: 28_672,
    numHiddenLayers: 80,
    numAttentionHeads: 64,
    headDim: 128,
    tieWordEmbeddings: false,
  }),
  'TinyLlama-1.1B': config({
    intermediateSize: 5632,
    numHiddenLayers: 22,
    numKeyValueHeads: 4,
    vocabSize: 32_000,
    tieWordEmbeddings: false,
    maxPositionEmbeddings: 2048,
  }),
  'Tucano-2b4': config({
    hiddenSize: 2560,
    intermediateSize: 10_240,
    numHiddenLayers: 24,
    numAttentionHeads: 16,
    numKeyValueHeads: 4,
    headDim: 160,
    vocabSize: 32_002,
    maxPositionEmbeddings: 4096,
  }),
  'Salamandra-2b': config({
    intermediateSize: 5440,
    numHiddenLayers: 24,
    numAttentionHeads: 16,
    numKeyValueHeads: 16,
    headDim: 128,
    vocabSize: 256_000,
    tieWordEmbeddings: false,
    maxPositionEmbeddings: 8192,
  }),
};

describe.each(Object.entries(MODELS))('%s on default limits', (name, model) => {
  it.each(Object.values(SCHEMES))('$name: every binding fits, every row has a place', (scheme) => {
    const plan = planModel(model, scheme, BASE);
    for (const { label, bytes, kind } of plan.buffers) {
      expect(bytes, label).toBeGreaterThan(0);
      expect(bytes, label).toBeLessThanOrEqual(
        kind === 'work' ? BASE.maxBufferSize : BASE.maxStorageBufferBindingSize,
      );
    }
    const matrices: PlannedMatrix[] = [
      plan.embed,
      plan.lmHead,
      ...plan.layers.flatMap((layer) => Object.values(layer)),
    ];
    for (const { rows, chunks } of matrices) {
      expect(chunks.reduce((sum, chunk) => sum + chunk.rows, 0)).toBe(rows);
      // Parts of an f32 vector are bound at offsets of 256 bytes.
      for (const { first } of chunks) expect((first * 4) % 256).toBe(0);
    }
    expect(plan.workBytes).toBeLessThanOrEqual(0.05 * (plan.weightBytes + plan.kvBytes) + 64 * 2 ** 20);
    const layers = model.numHiddenLayers;
    if (scheme.name === 'q0f16' && name === 'Llama-3.1-70B') {
      // The one that doesn't fit the budget: 141 GB in bindings of 128 MiB. No GPU that holds it has limits so low.
      expect(plan.dispatchesPerToken).toBe(12 * layers + 16 + 16 + 3);
    } else {
      expect(plan.dispatchesPerToken).toBeLessThanOrEqual(6 * layers + 8);
    }
    if (scheme.name !== 'q0f16') {
      expect(countDispatches(plan, 100)).toBeLessThanOrEqual(5 * layers + 5 + 6);
    }
  });
});

it.each(Object.entries(MODELS))('%s: a cache of 8 bits', (_, model) => {
  const [halves, eight] = [16, 8].map((bits) =>
    planModel(model, SCHEMES.q4f16_1, BASE, 2048, bits as 16 | 8),
  );
  // Codes, and 12 bytes of scales for a head's key and value.
  expect(eight!.kvBytes / halves!.kvBytes).toBeCloseTo((2 * model.headDim + 12) / (4 * model.headDim), 10);
  for (const { label, bytes } of eight!.buffers) expect(bytes % 4, label).toBe(0);
  expect(eight!.workBytes).toBeLessThanOrEqual(0.05 * (eight!.weightBytes + eight!.kvBytes) + 64 * 2 ** 20);
  expect(eight!.dispatchesPerToken).toBe(halves!.dispatchesPerToken);
  expect(readCacheBytes(eight!, 2048)).toBeLessThan(0.65 * readCacheBytes(halves!, 2048));
});

it.each(Object.entries(MODELS))(
  '%s: a token costs its bytes, from 64 positions held to 4,096',
  (name, model) => {
    const plan = planModel(model, SCHEMES.q4f16_1, BASE);
    const weights = readWeightBytes(plan);
    for (let length = 64; length <= Math.min(4096, plan.contextLength); length *= 2) {
      const counted = weights + readCacheBytes(plan, length);
      const wanted = weights + neededCacheBytes(plan, length);
      expect(counted / wanted, `${name} at ${length}`).toBeLessThanOrEqual(1.1);
      expect(counted).toBeGreaterThanOrEqual(wanted);
    }
  },
);

it('a 70B, walked on paper', () => {
  const plan = planModel(MODELS['Llama-3.1-70B'], SCHEMES.q3f16_1, BASE, 8192);
  // 31.8 GB, as its files on the hub add up to.
  expect(plan.weightBytes / 1e9).toBeCloseTo(31.8, 0);
  // 2 L Hkv D 2 bytes a token.
  expect(plan.kvBytes).toBe(2 * 80 * 8 * 128 * 2 * 8192);
  expect(plan.lmHead.chunks.length).toBe(4);
  expect(plan.layers[0]!.gate.chunks.length).toBe(1);
  expect(plan.dispatchesPerToken).toBe(5 * 80 + 4 + 4 + 3);
  const roomy = { ...BASE, maxStorageBufferBindingSize: 2 ** 31, maxBufferSize: 2 ** 31 };
  expect(planModel(MODELS['Llama-3.1-70B'], SCHEMES.q3f16_1, roomy, 8192).dispatchesPerToken).toBe(
    6 * 80 + 5,
  );
});

it('a context that no binding holds is refused with what would fit; none asked for takes what fits', () => {
  const model = MODELS['Salamandra-2b'];
  const small = { ...BASE, maxStorageBufferBindingSize: 16 * 2 ** 20 };
  expect(planModel(model, SCHEMES.q4f16_1, small).contextLength).toBe(4096);
  expect(() => planModel(model, SCHEMES.q4f16_1, small, 4097)).toThrowError(
    expect.objectContaining({ reason: 'limit-too-low', details: expect.objectContaining({ fits: 4096 }) }),
  );
  expect(planModel(model, SCHEMES.q4f16_1, BASE, 1e9).contextLength).toBe(8192);
});

it('a head_dim that no kernel takes is refused by name', () => {
  for (const headDim of [8, 20, 264]) {
    expect(() => planModel(config({ headDim }), SCHEMES.q4f16_1, BASE)).toThrowError(
      expect.objectContaining({ reason: 'config-unsupported' }),
    );
  }
});

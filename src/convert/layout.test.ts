import { describe, expect, it } from 'vitest';
import type { LlamaConfig } from '../llama/config.ts';
import { llamaTensors } from '../llama/tensors.ts';
import { SCHEMES } from '../format/schemes.ts';
import type { SchemeName } from '../format/schemes.ts';
import { MAX_SHARD_BYTES } from '../format/tensor-cache.ts';
import { planLayout, SHARD_BYTES } from './layout.ts';

function llama(hidden: number, layers: number, heads: number, inner: number, tied: boolean): LlamaConfig {
  return {
    hiddenSize: hidden,
    intermediateSize: inner,
    numHiddenLayers: layers,
    numAttentionHeads: heads,
    numKeyValueHeads: 8,
    headDim: hidden / heads,
    vocabSize: 128256,
    rmsNormEps: 1e-5,
    ropeTheta: 500000,
    ropeScaling: null,
    tieWordEmbeddings: tied,
    maxPositionEmbeddings: 131072,
  };
}

// Sizes of the published MLC builds, as the format's description gives them.
const PUBLISHED: {
  name: string;
  config: LlamaConfig;
  scheme: SchemeName;
  gigabytes: number;
  digits: number;
}[] = [
  {
    name: 'Llama-3.2-1B',
    config: llama(2048, 16, 32, 8192, true),
    scheme: 'q4f16_1',
    gigabytes: 0.695,
    digits: 3,
  },
  {
    name: 'Llama-3.2-3B',
    config: llama(3072, 28, 24, 8192, true),
    scheme: 'q4f16_1',
    gigabytes: 1.81,
    digits: 2,
  },
  {
    name: 'Llama-3.1-8B',
    config: llama(4096, 32, 32, 14336, false),
    scheme: 'q4f16_1',
    gigabytes: 4.52,
    digits: 2,
  },
  {
    name: 'Llama-3.1-70B',
    config: llama(8192, 80, 64, 28672, false),
    scheme: 'q3f16_1',
    gigabytes: 31.8,
    digits: 1,
  },
];

describe.each(PUBLISHED)('$name as $scheme, on paper', ({ config, scheme, gigabytes, digits }) => {
  const layout = planLayout(llamaTensors(config), SCHEMES[scheme]);

  it('has the bytes of the published build', () => {
    const bytes = layout.shards.reduce((sum, shard) => sum + shard.bytes, 0);
    expect((bytes / 1e9).toFixed(digits)).toBe(gigabytes.toFixed(digits));
  });

  it('keeps every rule of shards', () => {
    for (const shard of layout.shards) {
      expect(shard.bytes).toBeLessThanOrEqual(shard.tensors.length === 1 ? MAX_SHARD_BYTES : SHARD_BYTES);
      let end = 0;
      for (const tensor of shard.tensors) {
        expect(tensor.byteOffset).toBe(end);
        end += tensor.byteLength;
        if (tensor.byteLength >= SHARD_BYTES / 2) expect(shard.tensors).toHaveLength(1);
      }
      expect(end).toBe(shard.bytes);
    }
  });

  it('never goes back to a shard it has left', () => {
    const left = new Set<string>();
    const open = new Map<string, string>();
    for (const tensor of llamaTensors(config)) {
      for (const [name, shard] of layout.shardOf) {
        if (!name.startsWith(`${tensor.name}.`)) continue;
        expect(left.has(shard.path), shard.path).toBe(false);
        const before = open.get(shard.lane);
        if (before !== undefined && before !== shard.path) left.add(before);
        open.set(shard.lane, shard.path);
      }
    }
  });
});

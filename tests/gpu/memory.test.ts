// The memory budgets of docs/budgets.md at a real model's width: JavaScript's memory while weights stream in, and what the GPU holds.
// The model is Llama 3.2 1B's shape cut to one layer; its embedding alone is 150 MB, larger than the budget it must stay in.

import v8 from 'node:v8';
import vm from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chatConfig } from '../../src/convert/chat-config.ts';
import { planLayout } from '../../src/convert/layout.ts';
import { gpuBudget } from '../../src/engines/bench/bench.ts';
import { neededCacheBytes } from '../../src/engines/wgsl/accounting.ts';
import { createWgslEngine } from '../../src/engines/wgsl/engine.ts';
import { memorySource } from '../../src/format/memory-source.ts';
import { SCHEMES } from '../../src/format/schemes.ts';
import type { ShardSource } from '../../src/format/shard-source.ts';
import type { Device } from '../../src/gpu/device.ts';
import { SHAPES } from '../../src/llama/shapes.ts';
import { llamaTensors } from '../../src/llama/tensors.ts';
import { openRig } from './rig.ts';

const MIB = 2 ** 20;
/** 64 MiB and two pieces of 32 MiB. */
const HEAP_BUDGET = 128 * MIB;

v8.setFlagsFromString('--expose_gc');
const collect = vm.runInNewContext('gc') as () => void;
function heap(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A directory of equal, finite values, made when they are read. */
function wideModel(): { source: ShardSource; bytes: number } {
  const config = { ...SHAPES['llama-3.2-1b'], numHiddenLayers: 1 };
  const { shards } = planLayout(llamaTensors(config), SCHEMES.q4f16_1);
  const nothing = { configJson: {}, generationJson: {}, stopTokenIds: [] };
  const records = shards.map((shard) => ({
    dataPath: shard.path,
    format: 'raw-shard',
    nbytes: shard.bytes,
    records: shard.tensors.map(({ byteLength, ...tensor }) => ({
      ...tensor,
      format: 'f32-to-bf16',
      nbytes: byteLength,
    })),
  }));
  const texts = memorySource({
    'mlc-chat-config.json': JSON.stringify(chatConfig({ config, ...nothing }, SCHEMES.q4f16_1, [], false)),
    'tensor-cache.json': JSON.stringify({ metadata: {}, records }),
  });
  const sizes = new Map(shards.map(({ path, bytes }) => [path, bytes]));
  const source: ShardSource = {
    name: 'wide',
    size: (path) => (sizes.has(path) ? Promise.resolve(sizes.get(path)) : texts.size(path)),
    read: (path, offset, length) =>
      sizes.has(path) ? Promise.resolve(new Uint8Array(length).fill(0x1c)) : texts.read(path, offset, length),
  };
  return { source, bytes: shards.reduce((sum, { bytes }) => sum + bytes, 0) };
}

let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

it('loads within both budgets', async () => {
  const { source, bytes } = wideModel();
  expect(bytes).toBeGreaterThan(HEAP_BUDGET);
  const before = heap();
  let most = 0;
  const look = (): void => {
    most = Math.max(most, heap() - before);
  };
  const engine = await createWgslEngine({
    source: {
      ...source,
      // When a piece is there and the ones before it may still be held.
      read: async (path, offset, length) => {
        const piece = await source.read(path, offset, length);
        look();
        return piece;
      },
    },
    device,
    modelId: 'wide',
    contextLength: 2048,
  });
  const budget = gpuBudget(engine);
  // A session's keys and values come with its tokens: the whole cache is counted here.
  const gpuBytes = engine.counters.gpuBytes + neededCacheBytes(engine.plan, engine.plan.contextLength);
  console.log(
    `memory: JavaScript ${(most / MIB).toFixed(1)} MiB at most while loading ${(bytes / MIB).toFixed(0)} MiB of weights ` +
      `(budget ${HEAP_BUDGET / MIB}), GPU ${(gpuBytes / MIB).toFixed(0)} MiB (budget ${(budget / MIB).toFixed(0)})`,
  );
  expect(most).toBeLessThanOrEqual(HEAP_BUDGET);
  expect(gpuBytes).toBeLessThanOrEqual(budget);
  engine.dispose();
});

// Nothing is kept: GPU bytes and JS heap (after a collection, ArrayBuffers included) stay flat over many tokens and loads.
// 300 tokens and 5 loads here; `npm run soak leaks` runs 10,000 and 100.

import v8 from 'node:v8';
import vm from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWgslEngine } from '../../src/engines/wgsl/engine.ts';
import type { Device } from '../../src/gpu/device.ts';
import { seededRandom } from './random.ts';
import { randomModel } from './random-model.ts';
import { openRig } from './rig.ts';

const TOKENS = Number(process.env.YUPANA_TOKENS ?? 300);
const LOADS = Number(process.env.YUPANA_LOADS ?? 5);
/** Room for what V8 keeps of its own (code, feedback, inline caches); a leaked KV cache or weight is larger. */
const HEAP_NOISE = 4 * 2 ** 20;

const SHAPE = {
  hidden: 64,
  inner: 96,
  heads: 4,
  kvHeads: 2,
  headDim: 32,
  vocab: 300,
  tied: true,
  context: 256,
};
const model = randomModel(seededRandom(8), SHAPE, 'q4f16_1');

v8.setFlagsFromString('--expose_gc');
const collect = vm.runInNewContext('gc') as () => void;
async function heap(): Promise<number> {
  // Twice, with a turn of the event loop between: what finalizers let go of is collected by the second.
  for (let i = 0; i < 2; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

const load = () => createWgslEngine({ source: model.source, device, modelId: 'tiny' });
const KIB = 1024;

it(`${TOKENS} tokens leave GPU bytes and heap flat`, async () => {
  const engine = await load();
  const session = engine.createSession();
  const answer = async (seed: number) => {
    const prompt = Array.from({ length: 8 }, (_, i) => (seed * 7 + i * 13) % SHAPE.vocab);
    const { tokenIds } = await session.generate(prompt, {
      maxTokens: 100,
      sampler: { temperature: 1, seed },
    });
    return tokenIds.length;
  };
  await answer(0);
  const bytes = engine.counters.gpuBytes;
  const before = await heap();
  let generated = 0;
  for (let seed = 1; generated < TOKENS; seed++) generated += await answer(seed);
  const grown = (await heap()) - before;
  console.log(
    `leaks: ${generated} tokens, GPU ${bytes} bytes before and ${engine.counters.gpuBytes} after, heap ${(grown / KIB).toFixed(0)} KiB more`,
  );
  expect(engine.counters.gpuBytes).toBe(bytes);
  expect(grown).toBeLessThan(HEAP_NOISE);
  session.dispose();
  engine.dispose();
});

it(`${LOADS} loads and unloads leave GPU bytes and heap flat`, async () => {
  const cycle = async () => {
    const engine = await load();
    const session = engine.createSession();
    await session.generate([1, 2, 3], { maxTokens: 2 });
    engine.dispose();
    expect(device.counters.gpuBytes).toBe(0);
  };
  await cycle();
  const before = await heap();
  for (let i = 0; i < LOADS; i++) await cycle();
  const grown = (await heap()) - before;
  console.log(`leaks: ${LOADS} loads, GPU 0 bytes after each, heap ${(grown / KIB).toFixed(0)} KiB more`);
  expect(grown).toBeLessThan(HEAP_NOISE);
});

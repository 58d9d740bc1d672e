// Models of random weights, in every scheme and every shape that must run, against the float64 forward pass: once with
// prefill, once token by token.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWgslEngine } from '../../src/engines/wgsl/engine.ts';
import type { SchemeName } from '../../src/format/schemes.ts';
import type { Device } from '../../src/gpu/device.ts';
import { freshRandom } from './random.ts';
import { randomModel } from './random-model.ts';
import type { ModelShape } from './random-model.ts';
import { openRig } from './rig.ts';

let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

const SHAPES: Record<string, ModelShape> = {
  'GQA, tied, llama3 RoPE': {
    hidden: 128,
    inner: 200,
    heads: 6,
    kvHeads: 2,
    headDim: 32,
    vocab: 300,
    tied: true,
    llama3: true,
  },
  'MHA, head_dim 80, tails': { hidden: 168, inner: 216, heads: 2, kvHeads: 2, headDim: 80, vocab: 211 },
  'MQA, head_dim 64': { hidden: 64, inner: 96, heads: 5, kvHeads: 1, headDim: 64, vocab: 2100 },
  'GQA, head_dim 160': { hidden: 160, inner: 104, heads: 4, kvHeads: 1, headDim: 160, vocab: 128 },
  'GQA, head_dim 256': { hidden: 96, inner: 64, heads: 2, kvHeads: 1, headDim: 256, vocab: 99, llama3: true },
};
const CASES: [SchemeName, string][] = [
  ...Object.keys(SHAPES).map((name): [SchemeName, string] => ['q4f16_1', name]),
  ['q4f32_1', 'GQA, tied, llama3 RoPE'],
  ['q4f32_1', 'MHA, head_dim 80, tails'],
  ['q3f16_1', 'GQA, tied, llama3 RoPE'],
  ['q3f16_1', 'MHA, head_dim 80, tails'],
  ['q3f16_1', 'MQA, head_dim 64'],
  ['q0f16', 'GQA, tied, llama3 RoPE'],
  ['q0f16', 'MHA, head_dim 80, tails'],
];

it.each(CASES)('%s, %s', async (scheme, name) => {
  const random = freshRandom(`${scheme}, ${name}`);
  const model = randomModel(random, SHAPES[name]!, scheme);
  const engine = await createWgslEngine({ source: model.source, device, modelId: name });
  const tokens = Array.from({ length: 37 }, () => random.integer(0, model.config.vocabSize - 1));
  const forward = model.forward();
  const session = engine.createSession();
  let wanted = new Float64Array();
  let hidden = new Float64Array();
  for (const token of tokens) hidden = forward.step(token) as Float64Array<ArrayBuffer>;
  wanted = forward.logits(hidden) as Float64Array<ArrayBuffer>;
  const compare = (found: Float32Array) => {
    const largest = Math.max(...wanted.map(Math.abs));
    expect(found.every(Number.isFinite)).toBe(true);
    const difference = Math.max(...wanted.map((value, id) => Math.abs(value - found[id]!)));
    expect(difference / largest).toBeLessThanOrEqual(2e-3);
  };
  await session.sync(tokens);
  compare(await session.logits());

  // Greedy on from there, and each token as the reference has it, wherever its margin allows a comparison.
  const { tokenIds } = await session.generate(tokens, { maxTokens: 8 });
  for (const id of tokenIds) {
    const largest = Math.max(...wanted);
    expect(wanted[id]!).toBeGreaterThanOrEqual(largest - 4e-3 * Math.max(...wanted.map(Math.abs)));
    wanted = forward.logits(forward.step(id)) as Float64Array<ArrayBuffer>;
  }
  engine.dispose();
});

/** A device that binds no more than `bytes` at once. */
function withLargestBinding(bytes: number): Device {
  const limits = Object.assign(Object.create(device.limits) as GPUSupportedLimits, {});
  Object.defineProperty(limits, 'maxStorageBufferBindingSize', { value: bytes });
  Object.defineProperty(limits, 'maxComputeWorkgroupsPerDimension', { value: 65535 });
  Object.defineProperty(limits, 'maxBufferSize', { value: bytes });
  return { ...device, limits };
}

it('a vocabulary of 256,000, its embedding and its logits in chunks of bindings', async () => {
  const vocab = 256_000;
  const random = freshRandom('vocabulary');
  const model = randomModel(
    random,
    { hidden: 32, inner: 64, heads: 1, kvHeads: 1, headDim: 32, vocab, layers: 1 },
    'q4f16_1',
  );
  // Logits alone are a megabyte; the embedding is four.
  const largest = 3 * 2 ** 19;
  const engine = await createWgslEngine({
    source: model.source,
    device: withLargestBinding(largest),
    modelId: 'vocabulary',
    contextLength: 32,
  });
  expect(engine.plan.embed.chunks.length).toBeGreaterThan(2);
  expect(engine.plan.lmHead.chunks.length).toBeGreaterThan(2);
  // The first and the last row of every chunk, and some between.
  const edges = engine.plan.embed.chunks.flatMap(({ first, rows }) => [first, first + rows - 1]);
  const tokens = [...edges, ...Array.from({ length: 5 }, () => random.integer(0, vocab - 1))];
  const forward = model.forward();
  let hidden = forward.step(tokens[0]!);
  for (const token of tokens.slice(1)) hidden = forward.step(token);
  const wanted = forward.logits(hidden);
  const session = engine.createSession();
  await session.sync(tokens);
  const found = await session.logits();
  let largestLogit = 0;
  let difference = 0;
  for (const [id, value] of wanted.entries()) {
    largestLogit = Math.max(largestLogit, Math.abs(value));
    difference = Math.max(difference, Math.abs(value - found[id]!));
  }
  expect(found).toHaveLength(vocab);
  expect(difference / largestLogit).toBeLessThanOrEqual(2e-3);
  const { tokenIds } = await session.generate(tokens, { maxTokens: 1 });
  expect(wanted[tokenIds[0]!]!).toBeGreaterThanOrEqual(
    wanted.reduce((most, value) => Math.max(most, value), -Infinity) - 4e-3 * largestLogit,
  );
  engine.dispose();
});

it('weights over the binding limit: matrices in chunks of rows give the same logits', async () => {
  const random = freshRandom('chunks');
  const model = randomModel(
    random,
    { hidden: 64, inner: 200, heads: 4, kvHeads: 2, headDim: 32, vocab: 700, layers: 1 },
    'q4f16_1',
  );
  const tokens = Array.from({ length: 20 }, () => random.integer(0, 699));
  const results: number[][] = [];
  const logits: Float32Array[] = [];
  // 64 rows of the widest matrix: everything larger is cut, also where the rest is not a multiple of 64.
  for (const largest of [device.limits.maxStorageBufferBindingSize, 64 * 7 * 16]) {
    const engine = await createWgslEngine({
      source: model.source,
      device: withLargestBinding(largest),
      modelId: 'chunks',
      contextLength: 32,
    });
    const chunks = engine.plan.embed.chunks.length;
    expect(chunks > 1).toBe(results.length > 0);
    const session = engine.createSession();
    await session.sync(tokens);
    logits.push(await session.logits());
    results.push((await session.generate(tokens, { maxTokens: 10 })).tokenIds);
    engine.dispose();
  }
  expect(results[1]).toEqual(results[0]);
  expect([...logits[1]!]).toEqual([...logits[0]!]);
});

// The GPU's sampler against the float64 reference: the same tokens for the same seed, the same distribution over many draws.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GREEDY } from '../../src/engine.ts';
import type { SamplerOptions } from '../../src/engine.ts';
import type { Device } from '../../src/gpu/device.ts';
import type { Dispatch, Kernel } from '../../src/gpu/kernel.ts';
import {
  SAMPLE_BINS,
  SAMPLE_BLOCK,
  sampleBinsKernel,
  sampleBlocksKernel,
  sampleGreedyKernel,
  samplePickKernel,
} from '../../src/gpu/kernels/sample.ts';
import { samplingSettings, seenBits } from '../../src/engines/wgsl/sampler.ts';
import { argmax, candidates, penalize, uniform } from '../../src/llama/sampling.ts';
import { freshRandom } from './random.ts';
import { openRig } from './rig.ts';

const DRAWS = Number(process.env.YUPANA_DRAWS ?? 20_000);

let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

/** Draws `steps` tokens from the same logits, in one submit; the context grows by each. */
async function drawOnGpu(
  logits: Float32Array<ArrayBuffer>,
  context: readonly number[],
  options: SamplerOptions,
  steps: number,
): Promise<number[]> {
  const vocab = logits.length;
  const blockCount = Math.ceil(vocab / SAMPLE_BLOCK);
  const buffer = (bytes: number, usage = GPUBufferUsage.STORAGE) =>
    device.createBuffer('sampler', bytes, usage | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST);
  const buffers = {
    logits: buffer(vocab * 4),
    seen: buffer(Math.ceil(vocab / 32) * 4),
    sampling: buffer(32, GPUBufferUsage.UNIFORM),
    blocks: buffer(blockCount * 16),
    bins: buffer(SAMPLE_BINS * 4),
    state: buffer(16),
    tokens: buffer(steps * 4),
  };
  device.writeBuffer(buffers.logits, 0, logits);
  device.writeBuffer(buffers.seen, 0, seenBits(vocab, context));
  device.writeBuffer(buffers.sampling, 0, samplingSettings(options));
  device.writeBuffer(buffers.state, 0, Uint32Array.of(context.length - 1, 0, 0, 0));
  const stage = async (kernel: Kernel, constants: Record<string, number>, bound: GPUBuffer[], x: number) => {
    const pipeline = await device.pipeline(kernel, constants);
    return { pipeline, bindGroup: device.bindGroup(pipeline, bound), grid: [x, 1, 1] as const };
  };
  const { seen, sampling, blocks, bins, state } = buffers;
  const shape = { VOCAB: vocab, BLOCKS: blockCount };
  const stages: Dispatch[] = [
    await stage(
      sampleBlocksKernel,
      { VOCAB: vocab },
      [buffers.logits, seen, sampling, blocks, bins],
      blockCount,
    ),
  ];
  if (options.temperature === 0) {
    stages.push(await stage(sampleGreedyKernel, { BLOCKS: blockCount }, [blocks, seen, state], 1));
  } else {
    stages.push(
      await stage(sampleBinsKernel, shape, [buffers.logits, seen, sampling, blocks, bins], blockCount),
      await stage(samplePickKernel, shape, [buffers.logits, seen, sampling, blocks, bins, state], 1),
    );
  }
  for (let done = 0; done < steps; done += 500) {
    device.submit('draws', (commands) => {
      for (let step = done; step < Math.min(steps, done + 500); step++) {
        commands.pass(stages);
        commands.copy(state, 4, buffers.tokens, step * 4, 4);
      }
    });
  }
  const tokens = new Uint32Array(await device.readBuffer(buffers.tokens, 0, steps * 4));
  Object.values(buffers).forEach((each) => device.destroyBuffer(each));
  return [...tokens];
}

/**
 * Compares with the reference, draw by draw. A draw may differ only where the reference's own choice hangs on less than
 * `slack` of probability, which float32 cannot tell.
 */
function expectSame(
  drawn: readonly number[],
  logits: Float32Array,
  context: readonly number[],
  options: SamplerOptions,
  slack = 1e-5,
): void {
  const before = [...context];
  for (const token of drawn) {
    const penalized = penalize(logits, before, options.repetitionPenalty);
    if (options.temperature === 0) expect(token).toBe(argmax(penalized));
    else {
      const list = candidates(penalized, options);
      const total = list.reduce((sum, { weight }) => sum + weight, 0);
      const u = uniform(options.seed, before.length);
      let sum = 0;
      const fits = list.some(({ id, weight }) => {
        const low = sum / total;
        sum += weight;
        return id === token && u >= low - slack && u < sum / total + slack;
      });
      expect(fits, `draw ${before.length - context.length} gave ${token} at u = ${u}`).toBe(true);
    }
    before.push(token);
  }
}

/** Logits as a language model gives them: a few likely tokens, a long tail. */
function modelLogits(random: ReturnType<typeof freshRandom>, vocab: number): Float32Array<ArrayBuffer> {
  const logits = random.normals(vocab, 2);
  for (let i = 0; i < 12; i++) logits[random.integer(0, vocab - 1)]! += 8 * random.next();
  return logits;
}

const OPTIONS: [string, Partial<SamplerOptions>][] = [
  ['greedy', {}],
  ['greedy with a penalty', { repetitionPenalty: 1.3 }],
  ['plain', { temperature: 1 }],
  ['hot', { temperature: 5 }],
  ['cold', { temperature: 0.05 }],
  ['top-k', { temperature: 1, topK: 7 }],
  ['top-k of 1', { temperature: 2, topK: 1 }],
  ['top-p', { temperature: 0.8, topP: 0.9 }],
  ['tiny top-p', { temperature: 1, topP: 1e-6 }],
  ['min-p', { temperature: 1, minP: 0.05 }],
  ['all at once', { temperature: 0.9, topK: 40, topP: 0.95, minP: 0.01, repetitionPenalty: 1.1 }],
];

describe.each([50, 1024, 5000])('vocabulary of %i', (vocab) => {
  it.each(OPTIONS)('%s: the reference’s tokens', async (_, partial) => {
    const random = freshRandom('sampler');
    const logits = modelLogits(random, vocab);
    const context = Array.from({ length: 9 }, () => random.integer(0, vocab - 1));
    const options = { ...GREEDY, ...partial, seed: random.integer(0, 2 ** 31) };
    const drawn = await drawOnGpu(logits, context, options, 30);
    expectSame(drawn, logits, context, options);
    expect(await drawOnGpu(logits, context, options, 30)).toEqual(drawn);
  });
});

it('ties: equal logits fall to the lowest ids, and the draw goes through them in order', async () => {
  const logits = new Float32Array(3000).fill(0.5);
  for (const topK of [0, 1000, 3]) {
    const options = { ...GREEDY, temperature: 1, topK, seed: 7 };
    expectSame(await drawOnGpu(logits, [1], options, 20), logits, [1], options);
  }
  expect((await drawOnGpu(logits, [1], GREEDY, 1))[0]).toBe(0);
});

it(`${DRAWS} draws follow the reference’s distribution (chi-squared, p > 0.001)`, async () => {
  const random = freshRandom('chi-squared');
  const logits = modelLogits(random, 300);
  const options = {
    ...GREEDY,
    temperature: 1.2,
    topP: 0.97,
    seed: random.integer(0, 2 ** 31),
  };
  const draws = DRAWS;
  const counts = new Float64Array(300);
  for (const token of await drawOnGpu(logits, [0], options, draws)) counts[token]!++;
  const list = candidates(logits, options);
  const total = list.reduce((sum, { weight }) => sum + weight, 0);
  // Cells of fewer than 5 expected draws are taken together.
  let statistic = 0;
  let cells = 0;
  let restExpected = 0;
  let restFound = 0;
  const kept = new Set(list.map(({ id }) => id));
  counts.forEach((count, id) => expect(kept.has(id) || count === 0, `token ${id} was drawn`).toBe(true));
  for (const { id, weight } of list) {
    const expected = (draws * weight) / total;
    if (expected < 5) {
      restExpected += expected;
      restFound += counts[id]!;
    } else {
      statistic += (counts[id]! - expected) ** 2 / expected;
      cells++;
    }
  }
  if (restExpected > 0) {
    statistic += (restFound - restExpected) ** 2 / restExpected;
    cells++;
  }
  // Wilson and Hilferty's normal approximation of chi-squared; 3.09 deviations are p = 0.001.
  const freedom = cells - 1;
  const deviations =
    (Math.cbrt(statistic / freedom) - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom));
  console.log(
    `chi-squared ${statistic.toFixed(1)}, ${freedom} degrees of freedom, ${deviations.toFixed(2)} deviations`,
  );
  expect(deviations).toBeLessThan(3.09);
});

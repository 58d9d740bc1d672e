// Answers held to a constraint, with penalties and probabilities, on both engines: token by token what the reference draws.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GREEDY } from '../../src/engine.ts';
import type { Engine, SamplerOptions, TokenConstraint } from '../../src/engine.ts';
import { createCpuEngine } from '../../src/engines/cpu/engine.ts';
import { createWgslEngine } from '../../src/engines/wgsl/engine.ts';
import { countersSince } from '../../src/gpu/counters.ts';
import type { Device } from '../../src/gpu/device.ts';
import { logprobsOf, sample } from '../../src/llama/sampling.ts';
import { seededRandom } from './random.ts';
import { randomModel } from './random-model.ts';
import { openRig } from './rig.ts';

const SHAPE = {
  ...{ hidden: 64, inner: 96, heads: 4, kvHeads: 2, headDim: 32 },
  ...{ vocab: 300, tied: true, context: 512 },
};
const model = randomModel(seededRandom(5), SHAPE, 'q4f16_1');
const PROMPT = [5, 17, 200, 31, 5];

let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

/** Ids of one remainder a turn: 0, 1, 2, 0...; `turns` tokens and then nothing. */
function remainders(turns: number, late = false): TokenConstraint & { bits(turn: number): Uint32Array } {
  let turn = 0;
  const fill = (bits: Uint32Array, at: number) => {
    bits.fill(0);
    for (let id = at % 3; id < SHAPE.vocab; id += 3) bits[id >> 5]! |= 1 << (id & 31);
    return bits;
  };
  return {
    reset: () => (turn = 0),
    mask(bits) {
      fill(bits, turn);
      return late ? new Promise((resolve) => setTimeout(() => resolve(true), 1)) : true;
    },
    accept(id) {
      expect(id % 3).toBe(turn % 3);
      turn++;
    },
    get finished() {
      return turn === turns;
    },
    bits: (at) => fill(new Uint32Array(Math.ceil(SHAPE.vocab / 32)), at),
  };
}

const ENGINES: [string, () => Promise<Engine>][] = [
  ['wgsl', () => createWgslEngine({ source: model.source, device, modelId: 'tiny' })],
  ['cpu', () => createCpuEngine({ source: model.source, modelId: 'tiny' })],
];

describe.each(ENGINES)('%s', (_, open) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.dispose());

  /** The answer that the reference draws from the engine's own logits. */
  async function reference(options: SamplerOptions, length: number, bits?: (turn: number) => Uint32Array) {
    const session = engine.createSession();
    const tokens = [...PROMPT];
    const logprobs = [];
    for (let generated = 0; generated < length; generated++) {
      await session.sync(tokens);
      const logits = await session.logits();
      const id = sample(logits, { tokens, generated, ...(bits && { allowed: bits(generated) }) }, options);
      logprobs.push(logprobsOf(logits, id, 3));
      tokens.push(id);
    }
    session.dispose();
    return { tokenIds: tokens.slice(PROMPT.length), logprobs };
  }

  it.each([
    ['greedy', {}],
    ['drawn', { temperature: 1.5, seed: 4, repetitionPenalty: 1.2 }],
    ['with penalties and a bias', { temperature: 1, seed: 9, frequencyPenalty: 0.8, logitBias: [[4, 6]] }],
  ] as [string, Partial<SamplerOptions>][])(
    '%s: only what is allowed, and ends when it is whole',
    async (__, sampler) => {
      const session = engine.createSession();
      const constraint = remainders(14);
      const result = await session.generate(PROMPT, { maxTokens: 30, sampler, constraint, logprobs: 3 });
      expect(result.finishReason).toBe('stop');
      const wanted = await reference({ ...GREEDY, ...sampler }, 14, constraint.bits);
      expect(result.tokenIds).toEqual(wanted.tokenIds);
      result.logprobs!.forEach(({ id, logprob, top }, i) => {
        expect(id).toBe(wanted.tokenIds[i]);
        expect(logprob).toBeCloseTo(wanted.logprobs[i]!.logprob, 3);
        expect(top.map((each) => each.id)).toEqual(wanted.logprobs[i]!.top.map((each) => each.id));
      });
      // What the session holds is what it says: going on from it equals going on afresh.
      const next = [...PROMPT, ...result.tokenIds, 8];
      const fresh = engine.createSession();
      const [a, b] = [
        await session.generate(next, { maxTokens: 6 }),
        await fresh.generate(next, { maxTokens: 6 }),
      ];
      expect(a.tokenIds).toEqual(b.tokenIds);
      expect(a.usage.reusedTokens).toBeGreaterThanOrEqual(PROMPT.length + 13);
      session.dispose();
      fresh.dispose();
    },
  );

  it('a mask that comes late, one that lets everything through, and a stop token', async () => {
    const session = engine.createSession();
    const sampler = { temperature: 1, seed: 2 };
    const plain = await session.generate(PROMPT, { maxTokens: 12, sampler });
    const late = await session.generate(PROMPT, { maxTokens: 12, sampler, constraint: remainders(99, true) });
    expect(late.finishReason).toBe('length');
    expect(late.tokenIds.map((id, i) => (id - i) % 3)).toEqual(new Array(12).fill(0));
    const open = { reset: () => undefined, mask: () => false, accept: () => undefined, finished: false };
    const through = await session.generate(PROMPT, { maxTokens: 12, sampler, constraint: open });
    expect(through.tokenIds).toEqual(plain.tokenIds);
    const accepted: number[] = [];
    const stop = plain.tokenIds[4]!;
    const stopped = await session.generate(PROMPT, {
      ...{ maxTokens: 12, sampler, stopTokens: [stop] },
      constraint: { ...open, accept: (id) => accepted.push(id) },
    });
    expect(stopped.finishReason).toBe('stop');
    expect(accepted).toEqual(stopped.tokenIds);
    expect(accepted).not.toContain(stop);
    session.dispose();
  });

  it('frequency and presence penalties as the reference’s, without a constraint', async () => {
    const session = engine.createSession();
    for (const sampler of [{ frequencyPenalty: 1.5 }, { presencePenalty: 2, temperature: 0.5, seed: 3 }]) {
      const { tokenIds } = await session.generate(PROMPT, { maxTokens: 16, sampler });
      expect(tokenIds).toEqual((await reference({ ...GREEDY, ...sampler }, 16)).tokenIds);
    }
    session.dispose();
  });

  it('an empty mask and a constraint that throws are refused, and the session goes on', async () => {
    const session = engine.createSession();
    const { tokenIds } = await session.generate(PROMPT, { maxTokens: 5 });
    const empty = { ...remainders(9), mask: (bits: Uint32Array) => void bits.fill(0) };
    await expect(session.generate(PROMPT, { maxTokens: 5, constraint: empty })).rejects.toMatchObject({
      reason: 'constraint-empty',
    });
    const broken = {
      ...remainders(9),
      accept() {
        throw new Error('no such rule');
      },
    };
    await expect(session.generate(PROMPT, { maxTokens: 5, constraint: broken })).rejects.toThrow(
      'no such rule',
    );
    expect((await session.generate(PROMPT, { maxTokens: 5 })).tokenIds).toEqual(tokenIds);
    for (const options of [
      { logprobs: 21 },
      { sampler: { frequencyPenalty: 3 } },
      { sampler: { logitBias: [[300, 1]] as const } },
    ]) {
      await expect(session.generate(PROMPT, { maxTokens: 1, ...options })).rejects.toMatchObject({
        reason: 'option-invalid',
      });
    }
    session.dispose();
  });
});

it('a constrained token costs one small write, two submits and no logits', async () => {
  const engine = await createWgslEngine({ source: model.source, device, modelId: 'tiny' });
  const session = engine.createSession();
  const run = async (turns: number) => {
    const before = { ...engine.counters };
    await session.generate(PROMPT, { maxTokens: 99, constraint: remainders(turns) });
    return countersSince(before, engine.counters);
  };
  await run(2);
  const [short, long] = [await run(4), await run(24)];
  const each = (key: keyof typeof long) => (long[key] - short[key]) / 20;
  expect(each('writeBuffer')).toBe(1);
  expect(each('writtenBytes')).toBe(Math.ceil(SHAPE.vocab / 32) * 4);
  expect(each('submits')).toBe(2);
  expect(each('readbackBytes')).toBe(16);
  expect(each('createBindGroup') + each('createBuffer') + each('createPipeline')).toBe(0);
  engine.dispose();
});

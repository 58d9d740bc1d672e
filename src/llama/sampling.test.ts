import { describe, expect, it } from 'vitest';
import { GREEDY } from '../engine.ts';
import {
  adjust,
  argmax,
  BANNED,
  candidates,
  draw,
  logprobsOf,
  pcgHash,
  penalize,
  sample,
  uniform,
} from './sampling.ts';

const ids = (list: readonly { id: number }[]) => list.map(({ id }) => id);
const ALL = { temperature: 1, topK: 0, topP: 1, minP: 0 };

/** log of probabilities: temperature 1 gives them back. */
const logits = [0.1, 0.4, 0.2, 0.05, 0.25].map(Math.log);

describe('the generator', () => {
  it('is the PCG hash', () => {
    // Worked with Python integers from the formula in pcgHash's comment.
    expect([0, 1, 42, 0xffffffff].map(pcgHash)).toEqual([129708002, 2831084092, 1223963391, 3861530882]);
  });

  it('gives numbers in [0, 1) that float32 holds, the same for the same seed and step', () => {
    for (let step = 0; step < 1000; step++) {
      const u = uniform(7, step);
      expect(u >= 0 && u < 1 && Math.fround(u) === u).toBe(true);
    }
    expect(uniform(7, 3)).toBe(uniform(7, 3));
    expect(uniform(7, 3)).not.toBe(uniform(8, 3));
    expect(uniform(7, 3)).not.toBe(uniform(7, 4));
  });

  it('is even over steps and over seeds', () => {
    const chiSquared = (draws: number[]) => {
      const bins = new Array<number>(64).fill(0);
      for (const u of draws) bins[Math.floor(u * 64)]! += 1;
      const expected = draws.length / 64;
      return bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    };
    // 63 degrees of freedom: 103.4 is p = 0.001.
    expect(chiSquared(Array.from({ length: 20000 }, (_, step) => uniform(1, step)))).toBeLessThan(103.4);
    expect(chiSquared(Array.from({ length: 20000 }, (_, seed) => uniform(seed, 5)))).toBeLessThan(103.4);
  });
});

describe('candidates', () => {
  it('are all tokens by falling logit, the lower id first on a tie', () => {
    expect(ids(candidates(logits, ALL))).toEqual([1, 4, 2, 0, 3]);
    expect(ids(candidates([1, 2, 2, 0], ALL))).toEqual([1, 2, 0, 3]);
  });

  it('keep the k largest', () => {
    expect(ids(candidates(logits, { ...ALL, topK: 2 }))).toEqual([1, 4]);
  });

  it('keep the smallest set that reaches p, of what top-k left', () => {
    expect(ids(candidates(logits, { ...ALL, topP: 0.6 }))).toEqual([1, 4]);
    expect(ids(candidates(logits, { ...ALL, topP: 0.66 }))).toEqual([1, 4, 2]);
    // Of the three largest, 0.4 + 0.25 is 76 %.
    expect(ids(candidates(logits, { ...ALL, topK: 3, topP: 0.75 }))).toEqual([1, 4]);
    expect(ids(candidates(logits, { ...ALL, topP: 1e-9 }))).toEqual([1]);
  });

  it('drop what is below minP of the largest, after top-p', () => {
    expect(ids(candidates(logits, { ...ALL, minP: 0.3 }))).toEqual([1, 4, 2]);
    expect(ids(candidates(logits, { ...ALL, topP: 0.6, minP: 0.3 }))).toEqual([1, 4]);
  });

  it('flatten with the temperature before anything is cut', () => {
    expect(ids(candidates(logits, { ...ALL, temperature: 100, topP: 0.6 }))).toEqual([1, 4, 2]);
    expect(ids(candidates(logits, { ...ALL, temperature: 0.01, minP: 0.1 }))).toEqual([1]);
  });
});

describe('sampling', () => {
  it('is greedy at temperature 0, the lowest id on a tie', () => {
    expect(argmax([1, 3, 3, 2])).toBe(1);
    expect(sample([1, 3, 3, 2], { tokens: [], generated: 0 }, GREEDY)).toBe(1);
  });

  it('penalises each token of the context once, up or down by its sign', () => {
    expect(Array.from(penalize([2, -2, 2, -2], [0, 1, 0, 0], 2))).toEqual([1, -4, 2, -2]);
    expect(sample([3, 2.5], { tokens: [0, 0], generated: 0 }, { ...GREEDY, repetitionPenalty: 1.5 })).toBe(1);
  });

  it('adds biases, and takes what the answer has: by count, and once', () => {
    const options = { logitBias: [[2, 5]] as const, frequencyPenalty: 0.5, presencePenalty: 0.25 };
    // Of the context only the last three are the answer's.
    const context = { tokens: [0, 3, 1, 1, 2], generated: 3 };
    expect(Array.from(adjust([1, 1, 1, 1], options, context))).toEqual([1, -0.25, 5.25, 1]);
    expect(Array.from(adjust([1, 1, 1, 1], options, { ...context, generated: 0 }))).toEqual([1, 1, 6, 1]);
  });

  it('never draws what a constraint leaves out', () => {
    const allowed = Uint32Array.of(0b00101);
    const context = { tokens: [], generated: 0, allowed };
    expect(Array.from(adjust([1, 2, 3], GREEDY, context))).toEqual([1, BANNED, 3]);
    for (let seed = 0; seed < 200; seed++) {
      const options = { ...GREEDY, temperature: 50, seed };
      expect([0, 2]).toContain(sample(logits, context, options));
    }
  });

  it('tells probabilities by the model’s own logits', () => {
    const { logprob, top } = logprobsOf(logits, 3, 2);
    expect(Math.exp(logprob)).toBeCloseTo(0.05, 12);
    expect(ids(top)).toEqual([1, 4]);
    expect(Math.exp(top[0]!.logprob)).toBeCloseTo(0.4, 12);
  });

  it('draws the candidate at which the running sum passes u', () => {
    const list = candidates(logits, ALL);
    expect(
      [0, 0.39, 0.41, 0.64, 0.66, 0.84, 0.86, 0.94, 0.96, 1 - 2 ** -24].map((u) => draw(list, u)),
    ).toEqual([1, 1, 4, 4, 2, 2, 0, 0, 3, 3]);
  });

  it('draws by the probabilities', () => {
    const options = { ...GREEDY, temperature: 1, seed: 2026 };
    const counts = [0, 0, 0, 0, 0];
    const tokens: number[] = [];
    for (let step = 0; step < 20000; step++) {
      counts[sample(logits, { tokens, generated: 0 }, options)]! += 1;
      tokens.push(0);
    }
    const statistic = counts.reduce((sum, count, id) => {
      const expected = 20000 * Math.exp(logits[id]!);
      return sum + (count - expected) ** 2 / expected;
    }, 0);
    // 4 degrees of freedom: 18.5 is p = 0.001.
    expect(statistic).toBeLessThan(18.5);
  });
});

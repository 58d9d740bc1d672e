import { expect, it, vi } from 'vitest';
import { GREEDY, type SamplerOptions } from '../../engine.ts';
import { sample } from '../../llama/sampling.ts';
import { sampleToken } from './sampler.ts';

// Quick when alone; the suite shares two cores with browsers.
vi.setConfig({ testTimeout: 90_000 });

it('draws what the reference draws', () => {
  const seed = Date.now() >>> 0;
  console.log(`cpu sampler seed ${seed}`);
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const pick = <T>(...values: T[]): T => values[Math.floor(random() * values.length)]!;
  const drawn = new Set<number>();
  for (let run = 0; run < 400; run++) {
    const vocab = pick(1, 7, 300, 1000);
    const spread = pick(0.01, 1, 8, 60);
    // Rounded now and then, so that there are ties.
    const step = pick(0, 0, 0.5);
    const logits = Float32Array.from({ length: vocab }, () => {
      const value = (random() + random() + random() - 1.5) * spread;
      return step > 0 ? Math.round(value / step) * step : value;
    });
    const options: SamplerOptions = {
      ...GREEDY,
      temperature: pick(0, 0.05, 0.7, 1, 3),
      topK: pick(0, 0, 1, 5, 40, 5000),
      topP: pick(1, 1, 0.999, 0.9, 0.3, 1e-6),
      minP: pick(0, 0, 0.05, 0.5),
      repetitionPenalty: pick(1, 1, 1.3, 0.8),
      frequencyPenalty: pick(0, 0, 0.5, -1),
      presencePenalty: pick(0, 0, 1.5),
      logitBias: pick([], [[Math.floor(random() * vocab), pick(-100, 3, 100)] as const]),
      seed: Math.floor(random() * 2 ** 32),
    };
    const tokens = Array.from({ length: pick(20, 3000) }, () => Math.floor(random() * vocab));
    const allowed = Uint32Array.from({ length: Math.ceil(vocab / 32) }, () => random() * 2 ** 32);
    allowed[0]! |= 1;
    const context = { tokens, generated: pick(0, 9), ...pick({}, { allowed }) };
    const expected = sample(logits, context, options);
    const actual = sampleToken(logits, context, options);
    if ('allowed' in context) expect((allowed[actual >> 5]! >>> (actual & 31)) & 1).toBe(1);
    expect(actual, `seed ${seed}, run ${run}: ${JSON.stringify(options)}`).toBe(expected);
    drawn.add(actual);
  }
  expect(drawn.size).toBeGreaterThan(100);
});

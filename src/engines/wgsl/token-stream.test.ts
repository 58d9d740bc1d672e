// Decoding on simulated GPUs: how many tokens a second come out where the browser looks for results only every 100 ms.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openSimulated, simulateGlobals, simulateGpu } from '../../../tests/host/simulated-gpu.ts';
import { productCost, simulated, simulatedModel } from '../../../tests/host/simulated-model.ts';
import { createWgslSession } from './session.ts';

beforeEach(() => {
  simulateGlobals();
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

const text = { streamDecoder: () => ({ push: () => 'a', end: () => '' }) };

/** Tokens a second of a 1B whose token takes the GPU so long. Measured before: 30 at 10 ms with looks every 100 ms. */
async function decodes(perToken: number, how: { lookEvery?: number; latency?: number; tick?: boolean }) {
  const bytes = 695e6;
  const rig = simulateGpu({ cost: productCost(1e9, bytes / perToken / 1e6), ...how });
  const device = await openSimulated(rig, { tick: how.tick ?? false });
  const model = await simulated(simulatedModel(device, 'llama-3.2-1b'));
  const session = createWgslSession(model, text, { ids: [], strings: [] });
  const options = { maxTokens: 200, speculation: 'off' as const };
  const { usage } = await simulated(session.generate([1, 2], options));
  const longest = Math.max(...rig.submits.map(({ milliseconds }) => milliseconds));
  return { rate: usage.decodeTokensPerSecond, longest };
}

describe('decoding', () => {
  it('keeps a GPU busy whose results are known at once', async () => {
    expect((await decodes(10, {})).rate).toBeGreaterThan(90);
    expect((await decodes(2, {})).rate).toBeGreaterThan(350);
  });

  it('makes a browser look that looks every 100 ms only', async () => {
    expect((await decodes(10, { lookEvery: 100, tick: true })).rate).toBeGreaterThan(85);
    expect((await decodes(2, { lookEvery: 100, tick: true })).rate).toBeGreaterThan(350);
  });

  it('runs ahead by the time of tokens, not by the time that results are late', async () => {
    expect((await decodes(10, { lookEvery: 100 })).rate).toBeGreaterThan(60);
    expect((await decodes(10, { latency: 60 })).rate).toBeGreaterThan(65);
  });

  it('computes no more than 250 ms of tokens in a submit', async () => {
    for (const perToken of [40, 110, 240]) {
      expect((await decodes(perToken, { lookEvery: 100 })).longest).toBeLessThanOrEqual(250);
    }
  });
});

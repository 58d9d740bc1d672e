// Prompts on a simulated GPU of 30 GFLOPS, an old laptop's: how long a submit takes, what is told meanwhile, how soon a stop is heard.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openSimulated, simulateGlobals, simulateGpu } from '../../../tests/host/simulated-gpu.ts';
import { createWgslSession } from './session.ts';
import { productCost, simulated, simulatedModel } from '../../../tests/host/simulated-model.ts';

beforeEach(() => {
  simulateGlobals();
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

const text = { streamDecoder: () => ({ push: () => 'a', end: () => '' }) };

async function open(shape: 'llama-3.2-1b' | 'llama-3.1-8b', gflops: number, gigabytes = 12) {
  const rig = simulateGpu({ cost: productCost(gflops, gigabytes) });
  const device = await openSimulated(rig);
  const model = await simulated(simulatedModel(device, shape));
  const session = () => createWgslSession(model, text, { ids: [], strings: [] });
  return { rig, session };
}
const prompt = (length: number) => Array.from({ length }, (_, i) => i);
const longest = (submits: { milliseconds: number }[]) =>
  Math.max(...submits.map(({ milliseconds }) => milliseconds));

describe('a prompt on a slow GPU', () => {
  it.each(['llama-3.2-1b', 'llama-3.1-8b'] as const)('%s: no submit is longer than 250 ms', async (shape) => {
    const { rig, session } = await open(shape, 30);
    const seen: number[] = [];
    await simulated(session().sync(prompt(150), { onPrefill: (done) => seen.push(done) }));
    expect(longest(rig.submits)).toBeLessThanOrEqual(250);
    // Told as often as something was submitted, and never backwards.
    expect(seen.at(-1)).toBe(150);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(new Set(seen).size).toBeGreaterThan(10);
  });

  it('keeps its pace for the sessions after it', async () => {
    const { rig, session } = await open('llama-3.2-1b', 30);
    await simulated(session().sync(prompt(200)));
    rig.submits.length = 0;
    const second = session();
    await simulated(second.sync(prompt(64)));
    expect(longest(rig.submits)).toBeLessThanOrEqual(250);
    // A whole tile of tokens from the start, no more submits than its time asks for.
    expect(rig.submits.length).toBeLessThan(
      2 + rig.submits.reduce((sum, s) => sum + s.milliseconds, 0) / 120,
    );
  });

  it('a chunk keeps its work space until it ends, whoever else computes', async () => {
    const { session } = await open('llama-3.2-1b', 30);
    const told: string[] = [];
    const sync = async (name: string) => {
      await session().sync(prompt(60), {
        onPrefill: (tokens) => told.push(`${name}${tokens < 16 ? '' : ' on'}`),
      });
    };
    await simulated(Promise.all([sync('a'), sync('b')]));
    // The first chunk's 16 tokens go layer by layer: all of one session's steps come before the other's.
    const first = told.filter((step) => step === 'a').length;
    expect(first).toBeGreaterThan(1);
    expect(told.slice(0, first)).toEqual(Array(first).fill('a'));
  });

  it('hears a stop within one submit', async () => {
    const { rig, session } = await open('llama-3.1-8b', 30);
    const stop = new AbortController();
    const began = performance.now();
    const answer = simulated(session().sync(prompt(500), { signal: stop.signal }));
    setTimeout(() => stop.abort(new Error('stopped')), 3000);
    await expect(answer).rejects.toThrow('stopped');
    expect(performance.now() - began).toBeLessThan(3300);
    expect(longest(rig.submits)).toBeLessThanOrEqual(250);
  });

  it('a quick GPU takes large chunks in one submit each', async () => {
    const { rig, session } = await open('llama-3.2-1b', 5000, 300);
    const one = session();
    await simulated(one.sync(prompt(600)));
    rig.submits.length = 0;
    await simulated(one.sync(prompt(1600).reverse()));
    expect(rig.submits.filter(({ label }) => label === 'prefill').length).toBeLessThan(6);
  });
});

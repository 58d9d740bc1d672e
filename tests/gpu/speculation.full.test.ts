// Guessing changes nothing but the time: the same tokens as one by one, greedy and drawn, on goldens and on random prompts.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderSource } from '../../src/cli/folder-source.ts';
import type { GenerateOptions } from '../../src/engine.ts';
import { createWgslEngine } from '../../src/engines/wgsl/engine.ts';
import type { WgslEngine } from '../../src/engines/wgsl/engine.ts';
import type { Device } from '../../src/gpu/device.ts';
import { freshRandom } from './random.ts';
import { openRig } from './rig.ts';

const GOLDEN = path.resolve(import.meta.dirname, '../golden/gqa-tied');
let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

/** The answer with guesses forced, compared with the answer without any. */
async function both(engine: WgslEngine, prompt: readonly number[], options: GenerateOptions) {
  const [guessing, plain] = [engine.createSession(), engine.createSession()];
  const fast = await guessing.generate(prompt, { ...options, speculation: 'always' });
  const slow = await plain.generate(prompt, { ...options, speculation: 'off' });
  expect(fast.tokenIds).toEqual(slow.tokenIds);
  expect(fast.finishReason).toBe(slow.finishReason);
  expect(slow.speculation).toBeUndefined();
  // What the session holds afterwards is what it says: both go on alike.
  const next = [...prompt, ...fast.tokenIds, 1];
  const [a, b] = [
    await guessing.generate(next, { maxTokens: 6 }),
    await plain.generate(next, { maxTokens: 6 }),
  ];
  expect(a.tokenIds).toEqual(b.tokenIds);
  guessing.dispose();
  plain.dispose();
  return fast.speculation ?? { drafted: 0, accepted: 0 };
}

/** One model for all: compiling what batches need is what takes a software adapter most of the time here. */
describe('guessing', () => {
  let engine: WgslEngine;
  beforeAll(async () => {
    const source = folderSource(path.join(GOLDEN, 'mlc'));
    engine = await createWgslEngine({ source, device, modelId: 'gqa-tied' });
  });
  afterAll(() => engine.dispose());

  it('gives the greedy tokens of the goldens', async () => {
    const { cases } = JSON.parse(readFileSync(path.join(GOLDEN, 'golden.json'), 'utf8')) as {
      cases: { promptIds: number[]; greedyIds: number[] }[];
    };
    for (const { promptIds, greedyIds } of cases) {
      const session = engine.createSession();
      const options = { maxTokens: greedyIds.length, speculation: 'always' } as const;
      expect((await session.generate(promptIds, options)).tokenIds).toEqual(greedyIds);
      session.dispose();
    }
    // The golden answer is in the prompt: an answer that quotes it is guessed right.
    const { promptIds, greedyIds } = cases[0]!;
    const prompt = [...promptIds, ...greedyIds, ...promptIds].slice(-200);
    const { drafted, accepted } = await both(engine, prompt, { maxTokens: 48 });
    console.log(`the golden answer quoted: ${accepted} of ${drafted} guesses right`);
    expect(accepted).toBeGreaterThan(0);
  });

  it.each([
    ['greedy', {}],
    ['drawn', { temperature: 0.4, seed: 5 }],
    [
      'drawn with filters and a penalty',
      { temperature: 0.6, topK: 20, topP: 0.9, repetitionPenalty: 1.05, seed: 8 },
    ],
  ])('%s: repeating prompts, right and wrong guesses', async (_, sampler) => {
    const random = freshRandom('speculation');
    const total = { drafted: 0, accepted: 0 };
    for (let round = 0; round < 3; round++) {
      // A small alphabet: three tokens in a row have often been there before, and what follows is often something else.
      const letters = Array.from({ length: 2 + round }, () => random.integer(0, engine.info.vocabSize - 1));
      const prompt = Array.from({ length: 40 }, () => letters[random.integer(0, letters.length - 1)]!);
      const logitless = await both(engine, prompt, { maxTokens: 60, sampler });
      total.drafted += logitless.drafted;
      total.accepted += logitless.accepted;
    }
    console.log(`small alphabets: ${total.accepted} of ${total.drafted} guesses right`);
  });

  it('a loop is guessed right: fewer submits than tokens; a stop token among the guesses ends it', async () => {
    const session = engine.createSession();
    const prompt = [7, 8, 9, 10, 11, 12, 7, 8, 9];
    const whole = await session.generate(prompt, { maxTokens: 200, speculation: 'off' });
    const before = engine.counters.submits;
    const fast = await session.generate(prompt, { maxTokens: 200, speculation: 'always' });
    expect(fast.tokenIds).toEqual(whole.tokenIds);
    console.log(`a loop: ${JSON.stringify(fast.speculation)}, ${engine.counters.submits - before} submits`);
    expect(fast.speculation!.accepted).toBeGreaterThan(0);
    const stop = whole.tokenIds[150]!;
    const at = whole.tokenIds.indexOf(stop);
    const stopped = await session.generate(prompt, {
      maxTokens: 200,
      stopTokens: [stop],
      speculation: 'always',
    });
    expect(stopped).toMatchObject({ tokenIds: whole.tokenIds.slice(0, at), finishReason: 'stop' });
    session.dispose();
  });

  it('is not tried where draws cannot be taken back', async () => {
    const session = engine.createSession();
    const prompt = [7, 8, 9, 10, 7, 8, 9];
    for (const options of [{ logprobs: 1 }, { sampler: { presencePenalty: 1 } }]) {
      const result = await session.generate(prompt, { maxTokens: 30, speculation: 'always', ...options });
      expect(result.speculation).toBeUndefined();
    }
    session.dispose();
  });
});

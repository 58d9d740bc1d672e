// What a session promises: reuse equals computing anew, budgets of a token, stops of every kind, abort, sharing, no leaks.

import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { folderSource } from '../../src/cli/folder-source.ts';
import { createWgslEngine } from '../../src/engines/wgsl/engine.ts';
import { MAX_AHEAD } from '../../src/engines/wgsl/plan.ts';
import type { WgslEngine } from '../../src/engines/wgsl/engine.ts';
import { countersSince } from '../../src/gpu/counters.ts';
import type { Device } from '../../src/gpu/device.ts';
import { SPLIT } from '../../src/gpu/kernels/splits.ts';
import { freshRandom, seededRandom } from './random.ts';
import { randomModel } from './random-model.ts';
import { openRig } from './rig.ts';

const SEMILLA = path.resolve(import.meta.dirname, '../../public/models/semilla-q4f16_1');
const SHAPE = {
  hidden: 64,
  inner: 96,
  heads: 4,
  kvHeads: 2,
  headDim: 32,
  vocab: 300,
  tied: true,
  context: 1024,
};
const model = randomModel(seededRandom(5), SHAPE, 'q4f16_1');

let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

const load = (contextLength?: number) =>
  createWgslEngine({
    source: model.source,
    device,
    modelId: 'tiny',
    ...(contextLength === undefined ? {} : { contextLength }),
  });

describe('a session', () => {
  let engine: WgslEngine;
  beforeEach(async () => {
    engine = await load();
  });
  afterEach(() => {
    engine.dispose();
    expect(device.counters.gpuBytes).toBe(0);
  });

  const tokens = (count: number, seed = 1) => {
    const random = seededRandom(seed);
    return Array.from({ length: count }, () => random.integer(0, SHAPE.vocab - 1));
  };

  it('reuses the longest common prefix, and gives what a fresh session gives', async () => {
    const random = freshRandom('prefix');
    const session = engine.createSession();
    let held: number[] = [];
    for (let round = 0; round < 5; round++) {
      const keep = random.integer(0, held.length);
      const prompt = [...held.slice(0, keep), ...tokens(random.integer(1, 90), random.integer(1, 1e6))];
      const common = prompt.findIndex((id, i) => id !== held[i]);
      const synced = await session.sync(prompt);
      expect(synced.reused).toBe(Math.min(common < 0 ? prompt.length : common, prompt.length - 1));
      expect(synced.reused + synced.prefilled).toBe(prompt.length);
      expect(session.position).toBe(prompt.length);
      const fresh = engine.createSession();
      await fresh.sync(prompt);
      const [a, b] = [await session.logits(), await fresh.logits()];
      const largest = Math.max(...b.map(Math.abs));
      expect(Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / largest).toBeLessThan(1e-5);
      const reused = await session.generate(prompt, { maxTokens: 6 });
      const anew = await fresh.generate(prompt, { maxTokens: 6 });
      expect(reused.tokenIds).toEqual(anew.tokenIds);
      expect(session.position).toBe(prompt.length + 5);
      held = [...prompt, ...reused.tokenIds.slice(0, 5)];
      fresh.dispose();
    }
  });

  it('goes on from its own answer as from a prompt: decode and prefill fill the cache alike', async () => {
    const session = engine.createSession();
    const prompt = tokens(20);
    const whole = await session.generate(prompt, { maxTokens: 30 });
    const fresh = engine.createSession();
    const half = [...prompt, ...whole.tokenIds.slice(0, 15)];
    expect((await fresh.generate(half, { maxTokens: 15 })).tokenIds).toEqual(whole.tokenIds.slice(15));
    const again = await session.generate(half, { maxTokens: 15 });
    expect(again.tokenIds).toEqual(whole.tokenIds.slice(15));
    expect(again.usage.reusedTokens).toBe(half.length - 1);
  });

  it('the same seed gives the same tokens, another seed others', async () => {
    const session = engine.createSession();
    const sampler = { temperature: 1.5, topP: 0.95, topK: 100, repetitionPenalty: 1.1, seed: 11 };
    const draw = async (seed: number) =>
      (await session.generate(tokens(9), { maxTokens: 25, sampler: { ...sampler, seed } })).tokenIds;
    const first = await draw(11);
    expect(await draw(11)).toEqual(first);
    expect(await draw(12)).not.toEqual(first);
    // A resumed answer draws the same: the draw depends on the position only.
    const resumed = await session.generate([...tokens(9), ...first.slice(0, 10)], { maxTokens: 15, sampler });
    expect(resumed.tokenIds).toEqual(first.slice(10));
  });

  it.each([
    ['greedy', {}],
    ['all filters', { temperature: 0.9, topK: 40, topP: 0.95, minP: 0.01, repetitionPenalty: 1.1, seed: 1 }],
  ])('%s decoding keeps the budgets of a token', async (_, sampler) => {
    const session = engine.createSession();
    // Across the counts of splits: 1 to beyond those merged by the projection.
    const start = 4 * SPLIT - 8;
    await session.generate(tokens(start), { maxTokens: 40, sampler, speculation: 'off' });
    await session.generate(tokens(8), { maxTokens: 4, sampler });
    for (const length of [8, start]) {
      const run = async (maxTokens: number) => {
        const before = { ...engine.counters };
        await session.generate(tokens(length), { maxTokens, sampler, speculation: 'off' });
        return countersSince(before, engine.counters);
      };
      // Once before counting: what is left to compute of the prompt is then the same in both runs.
      await run(1);
      const short = await run(2);
      const long = await run(34);
      const each = (key: keyof typeof long) => (long[key] - short[key]) / 32;
      const layers = 2;
      expect(each('dispatches')).toBeLessThanOrEqual(6 * layers + 8);
      if (length === 8) expect(each('dispatches')).toBeLessThanOrEqual(5 * layers + 5);
      expect(each('computePasses')).toBe(1);
      // Several tokens a submit where the machine is quick; a stop string takes it back to one.
      expect(each('submits')).toBeLessThanOrEqual(1);
      expect(each('submits')).toBeGreaterThanOrEqual(1 / MAX_AHEAD);
      expect(each('createBindGroup')).toBe(0);
      expect(each('createBuffer')).toBe(0);
      expect(each('createPipeline')).toBe(0);
      expect(each('writeBuffer')).toBeLessThanOrEqual(1);
      expect(each('readbackBytes')).toBeLessThanOrEqual(64);
    }
    expect(engine.weightBytesPerToken).toBeLessThanOrEqual(1.1 * engine.quantizedWeightBytes);
  });

  it('computes nothing ahead of a stop string', async () => {
    const session = engine.createSession();
    const run = async (maxTokens: number) => {
      const before = { ...engine.counters };
      await session.generate(tokens(12), { maxTokens, stopStrings: ['never'], speculation: 'off' });
      return countersSince(before, engine.counters).submits;
    };
    await run(1);
    expect((await run(40)) - (await run(8))).toBe(32);
  });

  it('what ran ahead of a stop is dropped: the next answer is as a fresh session’s', async () => {
    const session = engine.createSession();
    const prompt = tokens(12);
    const whole = await session.generate(prompt, { maxTokens: 60 });
    // A late one, when several tokens a submit are on their way.
    const last = whole.tokenIds.findLastIndex((id, i) => whole.tokenIds.indexOf(id) === i);
    const stopped = await session.generate(prompt, { maxTokens: 60, stopTokens: [whole.tokenIds[last]!] });
    expect(stopped.tokenIds).toEqual(whole.tokenIds.slice(0, last));
    const next = [...prompt, ...stopped.tokenIds, 3, 4];
    const fresh = engine.createSession();
    const anew = await fresh.generate(next, { maxTokens: 12 });
    const reused = await session.generate(next, { maxTokens: 12 });
    expect(reused.tokenIds).toEqual(anew.tokenIds);
    expect(reused.usage.reusedTokens).toBe(prompt.length + last);
  });

  it('stop tokens end the answer and are not in it', async () => {
    const session = engine.createSession();
    const { tokenIds } = await session.generate(tokens(12), { maxTokens: 20 });
    const stop = tokenIds[7]!;
    const first = tokenIds.indexOf(stop);
    const stopped = await session.generate(tokens(12), { maxTokens: 20, stopTokens: [stop] });
    expect(stopped.tokenIds).toEqual(tokenIds.slice(0, first));
    expect(stopped.finishReason).toBe('stop');
    expect(stopped.usage.completionTokens).toBe(first);
  });

  it('ends at the context’s end, and says when a prompt does not fit', async () => {
    const small = await load(40);
    const session = small.createSession();
    const result = await session.generate(tokens(30), { maxTokens: 100 });
    expect(result.finishReason).toBe('length');
    expect(result.tokenIds.length).toBe(10);
    expect(result.usage.contextLength).toBe(40);
    expect(result.usage.contextUsed).toBeLessThanOrEqual(40);
    await expect(session.sync(tokens(41))).rejects.toMatchObject({
      reason: 'context-full',
      details: { expected: 40, actual: 41 },
    });
    const full = await session.generate(tokens(40), { maxTokens: 5 });
    expect(full).toMatchObject({ finishReason: 'length', tokenIds: [] });
    small.dispose();
  });

  it('abort while decoding: nothing more is emitted, at most one more submit', async () => {
    const session = engine.createSession();
    const abort = new AbortController();
    const stopAt = 5;
    const prompt = tokens(10);
    // Without a tokenizer no text comes; the progress of the prompt stands in for the moment of abort.
    const running = session.generate(prompt, { maxTokens: 500, signal: abort.signal });
    const before = engine.counters.submits;
    await new Promise<void>((resolve) => {
      const poll = () => {
        if (engine.counters.submits < before + stopAt) setTimeout(poll, 0);
        else resolve();
      };
      poll();
    });
    const submitsAtAbort = engine.counters.submits;
    abort.abort();
    const result = await running;
    expect(result.finishReason).toBe('abort');
    expect(engine.counters.submits - submitsAtAbort).toBeLessThanOrEqual(1);
    const reference = engine.createSession();
    const whole = await reference.generate(prompt, { maxTokens: result.tokenIds.length + 5 });
    expect(result.tokenIds).toEqual(whole.tokenIds.slice(0, result.tokenIds.length));
    // The cache is what the session says it is: going on from it equals going on afresh.
    const next = [...prompt, ...result.tokenIds];
    expect((await session.generate(next, { maxTokens: 5 })).tokenIds).toEqual(
      whole.tokenIds.slice(result.tokenIds.length),
    );
  });

  it('abort between the chunks of a prefill keeps what was done', async () => {
    const session = engine.createSession();
    const abort = new AbortController();
    const prompt = tokens(700);
    const progress: number[] = [];
    const result = await session.generate(prompt, {
      maxTokens: 5,
      signal: abort.signal,
      onPrefill: (done) => {
        progress.push(done);
        // The first chunk: of a model new to the device, few tokens.
        if (done >= 16) abort.abort();
      },
    });
    expect(result).toMatchObject({ finishReason: 'abort', tokenIds: [] });
    const kept = progress.at(-1)!;
    expect(kept).toBeLessThan(700);
    expect(session.position).toBe(kept);
    const after = await session.generate(prompt, { maxTokens: 5 });
    expect(after.usage.reusedTokens).toBe(kept);
    const fresh = engine.createSession();
    expect(after.tokenIds).toEqual((await fresh.generate(prompt, { maxTokens: 5 })).tokenIds);
    const already = await session.generate(prompt, { maxTokens: 5, signal: AbortSignal.abort() });
    expect(already).toMatchObject({ finishReason: 'abort', tokenIds: [] });
  });

  it('sessions share a model and do not disturb each other', async () => {
    const prompts = [tokens(30, 2), tokens(41, 3), tokens(7, 4)];
    const sampler = { temperature: 1, seed: 3 };
    const alone: number[][] = [];
    for (const prompt of prompts) {
      alone.push((await engine.createSession().generate(prompt, { maxTokens: 20, sampler })).tokenIds);
    }
    const together = await Promise.all(
      prompts.map((prompt) => engine.createSession().generate(prompt, { maxTokens: 20, sampler })),
    );
    expect(together.map(({ tokenIds }) => tokenIds)).toEqual(alone);
  });

  it('a session begins with what another holds, and both go on as if alone', async () => {
    const [a, b, fresh] = [engine.createSession(), engine.createSession(), engine.createSession()];
    const shared = tokens(300, 7);
    await a.generate([...shared, 1, 2, 3], { maxTokens: 8 });
    const prefix = engine.capabilities.prefix!;
    expect(prefix.common(a, [...shared, 9])).toBe(300);
    const before = engine.counters.gpuBytes;
    await prefix.copy(a, b, 300);
    expect(engine.counters.gpuBytes - before).toBe(b.bytes);
    expect(b.position).toBe(300);
    const prompt = [...shared, ...tokens(20, 8)];
    const reused = await b.generate(prompt, { maxTokens: 10 });
    expect(reused.usage.reusedTokens).toBe(300);
    expect(reused.tokenIds).toEqual((await fresh.generate(prompt, { maxTokens: 10 })).tokenIds);
    const on = [...shared, 1, 2, 3, 5];
    const went = await a.generate(on, { maxTokens: 10 });
    expect(went.tokenIds).toEqual((await fresh.generate(on, { maxTokens: 10 })).tokenIds);
    const other = await load();
    for (const [from, to] of [
      [a, other.createSession()],
      [other.createSession(), a],
    ] as const)
      await expect(prefix.copy(from, to, 3)).rejects.toMatchObject({ reason: 'internal' });
    other.dispose();
  });

  it('one call at a time, and options in their range', async () => {
    const session = engine.createSession();
    const running = session.generate(tokens(5), { maxTokens: 3 });
    await expect(session.sync(tokens(5))).rejects.toMatchObject({ reason: 'engine-busy' });
    await running;
    const bad = [
      { temperature: NaN },
      { topP: 0 },
      { topK: -1 },
      { minP: 1 },
      { repetitionPenalty: 0 },
      { seed: 0.5 },
    ];
    for (const sampler of bad) {
      await expect(session.generate(tokens(5), { maxTokens: 3, sampler })).rejects.toMatchObject({
        reason: 'option-invalid',
      });
    }
    await expect(session.sync([SHAPE.vocab])).rejects.toMatchObject({ reason: 'option-invalid' });
    await expect(session.sync([])).rejects.toMatchObject({ reason: 'option-invalid' });
    await expect(session.generate([1], { maxTokens: -1 })).rejects.toMatchObject({
      reason: 'option-invalid',
    });
  });

  it('holds no byte more after 300 tokens', async () => {
    const session = engine.createSession();
    await session.generate(tokens(10), { maxTokens: 300 });
    const bytes = engine.counters.gpuBytes;
    await session.generate(tokens(10, 8), { maxTokens: 300, sampler: { temperature: 1, seed: 1 } });
    expect(engine.counters.gpuBytes).toBe(bytes);
    session.dispose();
    const { plan } = engine;
    expect(engine.counters.gpuBytes).toBeLessThan(plan.weightBytes + plan.workBytes);
  });
});

it('five loads: every byte is given back, and no more is held than planned', async () => {
  for (let i = 0; i < 5; i++) {
    const engine = await load();
    const session = engine.createSession();
    // The whole context is reserved; any token ends the answer.
    const stopTokens = Array.from({ length: SHAPE.vocab }, (_, id) => id);
    await session.generate([1, 2, 3], { maxTokens: engine.info.contextLength, stopTokens });
    const { plan } = engine;
    expect(engine.info.gpuBytes).toBe(plan.weightBytes + plan.kvBytes + plan.workBytes);
    expect(plan.workBytes).toBeLessThanOrEqual(0.05 * (plan.weightBytes + plan.kvBytes) + 64 * 2 ** 20);
    engine.dispose();
    expect(device.counters.gpuBytes).toBe(0);
  }
});

it('an aborted load leaves nothing', async () => {
  const abort = new AbortController();
  const loading = createWgslEngine({
    source: model.source,
    device,
    modelId: 'tiny',
    signal: abort.signal,
    onProgress: (phase) => {
      if (phase === 'weights') abort.abort(new Error('no longer wanted'));
    },
  });
  await expect(loading).rejects.toThrow('no longer wanted');
  expect(device.counters.gpuBytes).toBe(0);
});

describe('the starter model', () => {
  let engine: WgslEngine;
  beforeAll(async () => {
    engine = await createWgslEngine({ source: folderSource(SEMILLA), device, modelId: 'semilla' });
  });
  afterAll(() => engine.dispose());
  const chat = () => engine.encodeChat([{ role: 'user', content: 'Hola, ¿cómo estás?' }]);

  it('stop strings end the text before them, though they span tokens', async () => {
    const session = engine.createSession();
    const pieces: string[] = [];
    const whole = await session.generate(chat(), { maxTokens: 24, onText: (piece) => pieces.push(piece) });
    expect(pieces.join('')).toBe(whole.text);
    expect(whole.text).toBe(engine.decode(whole.tokenIds));
    expect(whole.text.length).toBeGreaterThan(12);
    // Any middle of the text, so that the string begins and ends within tokens.
    const stop = whole.text.slice(5, 11);
    const shown: string[] = [];
    const stopped = await session.generate(chat(), {
      maxTokens: 24,
      stopStrings: ['ñandú', stop],
      onText: (piece) => shown.push(piece),
    });
    expect(stopped.text).toBe(whole.text.slice(0, whole.text.indexOf(stop)));
    expect(shown.join('')).toBe(stopped.text);
    expect(stopped.finishReason).toBe('stop');
  });

  it('nothing is emitted after abort, though it comes from within onText', async () => {
    const session = engine.createSession();
    const abort = new AbortController();
    let calls = 0;
    let submits = 0;
    const result = await session.generate(chat(), {
      maxTokens: 30,
      signal: abort.signal,
      onText: () => {
        calls++;
        if (calls === 3) {
          submits = engine.counters.submits;
          abort.abort();
        }
      },
    });
    expect(calls).toBe(3);
    expect(result.finishReason).toBe('abort');
    expect(engine.counters.submits - submits).toBeLessThanOrEqual(1);
    expect(session.position).toBeGreaterThanOrEqual(chat().length + 2);
  });

  it('reads little more than the quantised weights a token', () => {
    expect(engine.weightBytesPerToken).toBeLessThanOrEqual(1.02 * engine.quantizedWeightBytes);
    expect(engine.weightBytesPerToken).toBeGreaterThanOrEqual(engine.quantizedWeightBytes);
  });
});

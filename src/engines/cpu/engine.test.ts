// The CPU engine against the goldens and the float64 judge, and the seam's promises: reuse, stops, aborts, limits, memory.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { folderSource } from '../../cli/folder-source.ts';
import { synthesize } from '../../cli/synth.ts';
import type { Engine } from '../../engine.ts';
import { loadWeights } from '../../format/load-weights.ts';
import { memorySource } from '../../format/memory-source.ts';
import { openModelDirectory } from '../../format/model-directory.ts';
import { SCHEMES, type SchemeName } from '../../format/schemes.ts';
import type { ShardSource } from '../../format/shard-source.ts';
import type { LlamaConfig } from '../../llama/config.ts';
import { createForwardPass } from '../../llama/forward.ts';
import { SHAPES } from '../../llama/shapes.ts';
import { createCpuEngine } from './engine.ts';
import { planMemory } from './layout.ts';

// Quick when alone; the suite shares two cores with browsers.
vi.setConfig({ testTimeout: 90_000 });

interface GoldenCase {
  promptIds: number[];
  greedyIds: number[];
  lastLogits?: number[];
  text?: string;
}

const ROOT = path.resolve(import.meta.dirname, '../../..');
const SEMILLA = 'public/models/semilla-q4f16_1';
const MODELS = [
  { name: 'gqa-tied', folder: 'tests/golden/gqa-tied/mlc' },
  { name: 'mha-untied-tail', folder: 'tests/golden/mha-untied-tail/mlc' },
  { name: 'semilla', folder: SEMILLA },
];

function open(source: ShardSource, contextLength?: number): Promise<Engine> {
  return createCpuEngine({ source, modelId: 'test', ...(contextLength && { contextLength }) });
}
const openFolder = (folder: string, contextLength?: number) =>
  open(folderSource(path.join(ROOT, folder)), contextLength);

function goldens(name: string): GoldenCase[] {
  const file = readFileSync(path.join(ROOT, 'tests/golden', name, 'golden.json'), 'utf8');
  return (JSON.parse(file) as { cases: GoldenCase[] }).cases;
}

/** max|difference| / max|logit| */
function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let worst = 0;
  let top = 0;
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs(expected[i]! - (actual[i] ?? NaN)) || 0);
    if (!Number.isFinite(actual[i])) return Infinity;
    top = Math.max(top, Math.abs(expected[i]!));
  }
  return worst / top;
}

describe.each(MODELS)('goldens of $name', ({ name, folder }) => {
  it('logits within 2e-3, greedy tokens equal', async () => {
    const engine = await openFolder(folder);
    let worst = 0;
    for (const golden of goldens(name)) {
      const session = engine.createSession();
      if (golden.lastLogits) {
        await session.sync(golden.promptIds);
        worst = Math.max(worst, difference(await session.logits(), golden.lastLogits));
      }
      const maxTokens = golden.greedyIds.length;
      const { tokenIds, text } = await session.generate(golden.promptIds, { maxTokens });
      expect(tokenIds).toEqual(golden.greedyIds);
      if (golden.text !== undefined) expect(text).toBe(golden.text);
      session.dispose();
    }
    console.log(`${name}: worst difference ${worst.toExponential(1)} of the largest logit`);
    expect(worst).toBeLessThan(2e-3);
    engine.dispose();
  });
});

/** A directory of random weights, in memory. */
async function synthetic(scheme: SchemeName, config: LlamaConfig, seed: number): Promise<ShardSource> {
  const files: Record<string, Uint8Array> = {};
  const create = (name: string, bytes: number) => {
    const file = (files[name] = new Uint8Array(bytes));
    let at = 0;
    const write = (chunk: Uint8Array) => {
      file.set(chunk, at);
      at += chunk.length;
      return Promise.resolve();
    };
    return Promise.resolve({ write, close: () => Promise.resolve() });
  };
  await synthesize(config, { create }, { scheme: SCHEMES[scheme], seed });
  return memorySource(files);
}

const BASE: LlamaConfig = { ...SHAPES['llama-3.2-1b'], numHiddenLayers: 2, vocabSize: 333 };
const CONFIGS: Record<string, LlamaConfig> = {
  'GQA, tied, heads of 32': {
    ...BASE,
    ...{ hiddenSize: 96, intermediateSize: 160, numAttentionHeads: 6, numKeyValueHeads: 3, headDim: 32 },
  },
  'one KV head of 160, untied, tails': {
    ...BASE,
    ...{ hiddenSize: 200, intermediateSize: 331, numAttentionHeads: 3, numKeyValueHeads: 1, headDim: 160 },
    ...{ tieWordEmbeddings: false, ropeScaling: null },
  },
  'no GQA, heads of 256': {
    ...BASE,
    ...{ hiddenSize: 130, intermediateSize: 72, numAttentionHeads: 2, numKeyValueHeads: 2, headDim: 256 },
  },
};

describe.each(Object.keys(CONFIGS))('%s', (shape) => {
  it.each(Object.keys(SCHEMES) as SchemeName[])('%s answers as float64 does', async (scheme) => {
    const config = CONFIGS[shape]!;
    const seed = Date.now() >>> 0;
    console.log(`cpu ${scheme} seed ${seed}`);
    const source = await synthetic(scheme, config, seed);
    const directory = await openModelDirectory(source);
    const pass = createForwardPass(config, await loadWeights(directory));
    const engine = await open(source, 64);
    const session = engine.createSession();
    // A whole batch, part of a second one, then single tokens.
    const tokens = Array.from({ length: 42 }, (_, i) => (i * i * 31 + seed) % config.vocabSize);
    for (const [i, token] of tokens.entries()) {
      const hidden = pass.step(token);
      if (i < 38) continue;
      const { reused } = await session.sync(tokens.slice(0, i + 1));
      expect(reused).toBe(i === 38 ? 0 : i);
      const worst = difference(await session.logits(), pass.logits(hidden));
      expect(worst, `seed ${seed}`).toBeLessThan(2e-3);
    }
    engine.dispose();
  });
});

describe('a session', () => {
  const [golden] = goldens('semilla');
  if (!golden) throw new Error('semilla has no goldens');
  const { promptIds, greedyIds } = golden;

  it('reuses the common prefix and answers the same', async () => {
    const engine = await openFolder(SEMILLA);
    const session = engine.createSession();
    const first = await session.generate(promptIds, { maxTokens: 12 });
    const again = await session.generate(promptIds, { maxTokens: 12 });
    expect(again.tokenIds).toEqual(first.tokenIds);
    expect(again.usage).toMatchObject({ promptTokens: promptIds.length, reusedTokens: promptIds.length - 1 });
    const longer = [...promptIds, ...first.tokenIds, 100];
    const { usage } = await session.generate(longer, { maxTokens: 1 });
    // The twelfth token was drawn and never fed.
    expect(usage.reusedTokens).toBe(promptIds.length + 11);
    const edited = [...promptIds.slice(0, 5), 77, ...promptIds.slice(5)];
    expect(await session.sync(edited)).toEqual({ reused: 5, prefilled: promptIds.length - 4 });
    expect(await session.sync(edited)).toEqual({ reused: edited.length, prefilled: 0 });
    expect(session.position).toBe(edited.length);
    const other = engine.createSession();
    expect((await other.generate(promptIds, { maxTokens: 12 })).tokenIds).toEqual(first.tokenIds);
    expect(await session.sync(edited)).toEqual({ reused: edited.length, prefilled: 0 });
    engine.dispose();
  });

  it('a batch leaves what single tokens leave, to the bit', async () => {
    const engine = await openFolder(SEMILLA);
    const [batched, single] = [engine.createSession(), engine.createSession()];
    await batched.sync(promptIds);
    for (let n = 1; n <= promptIds.length; n++) await single.sync(promptIds.slice(0, n));
    expect(await batched.logits()).toEqual(await single.logits());
    engine.dispose();
  });

  it('ends at stop tokens, stop strings, maxTokens and the end of the context', async () => {
    const engine = await openFolder(SEMILLA, promptIds.length + 6);
    const session = engine.createSession();
    const emitted: string[] = [];
    const onText = (text: string) => emitted.push(text);
    const stopped = await session.generate(promptIds, { maxTokens: 6, stopTokens: [greedyIds[2]!], onText });
    expect(stopped).toMatchObject({ tokenIds: greedyIds.slice(0, 2), finishReason: 'stop' });
    expect(emitted.join('')).toBe(stopped.text);

    const whole = await session.generate(promptIds, { maxTokens: 5 });
    expect(whole).toMatchObject({ tokenIds: greedyIds.slice(0, 5), finishReason: 'length' });
    const stop = whole.text.slice(2, 5);
    const byString = await session.generate(promptIds, { maxTokens: 5, stopStrings: ['@@', stop] });
    expect(byString).toMatchObject({
      text: whole.text.slice(0, whole.text.indexOf(stop)),
      finishReason: 'stop',
    });

    const full = await session.generate(promptIds, { maxTokens: 100 });
    expect(full).toMatchObject({ finishReason: 'length', tokenIds: greedyIds.slice(0, 6) });
    expect(full.usage.contextLength).toBe(promptIds.length + 6);
    expect((await session.generate(promptIds, { maxTokens: 0 })).tokenIds).toEqual([]);
    const long = Array.from({ length: promptIds.length + 7 }, () => 5);
    await expect(session.sync(long)).rejects.toMatchObject({ reason: 'context-full' });
    await expect(session.generate([], { maxTokens: 1 })).rejects.toMatchObject({ reason: 'option-invalid' });
    await expect(session.sync([4096])).rejects.toMatchObject({ reason: 'option-invalid' });
    engine.dispose();
  });

  it('the same seed draws the same tokens, another one others', async () => {
    const engine = await openFolder(SEMILLA);
    const session = engine.createSession();
    const draw = async (seed: number) => {
      const sampler = { temperature: 3, topP: 0.99, seed };
      return (await session.generate(promptIds, { maxTokens: 16, sampler })).tokenIds;
    };
    const first = await draw(1);
    expect(await draw(1)).toEqual(first);
    expect([await draw(2), await draw(3), await draw(4)]).not.toEqual([first, first, first]);
    engine.dispose();
  });

  it('stops for an abort: before, in the prompt, in the answer', async () => {
    const engine = await openFolder(SEMILLA);
    const session = engine.createSession();
    const early = AbortSignal.abort();
    await expect(session.sync(promptIds, { signal: early })).rejects.toThrow();
    expect(await session.generate(promptIds, { maxTokens: 5, signal: early })).toMatchObject({
      finishReason: 'abort',
      tokenIds: [],
    });

    const long = Array.from({ length: 200 }, (_, i) => (i * 7) % 4000);
    const inPrompt = new AbortController();
    const chunks: number[] = [];
    const aborted = await session.generate(long, {
      maxTokens: 5,
      signal: inPrompt.signal,
      onPrefill: (done) => chunks.push(done) === 2 && inPrompt.abort(),
    });
    expect(aborted).toMatchObject({ finishReason: 'abort', tokenIds: [] });
    expect(session.position).toBe(chunks[1]);

    const inAnswer = new AbortController();
    let emitted = '';
    let after = '';
    // A timer, as a message would arrive: the engine has to let the event loop run.
    const answer = session.generate(promptIds, {
      maxTokens: 4000,
      stopTokens: [],
      sampler: { temperature: 3, seed: 5 },
      signal: inAnswer.signal,
      onText: (text, count) => {
        if (inAnswer.signal.aborted) after += text;
        else emitted += text;
        if (count === 3) setTimeout(() => inAnswer.abort(), 0);
      },
    });
    await expect(session.sync(promptIds)).rejects.toMatchObject({ reason: 'engine-busy' });
    const result = await answer;
    expect(result).toMatchObject({ finishReason: 'abort', text: emitted });
    expect(result.tokenIds.length).toBeGreaterThanOrEqual(3);
    expect(after).toBe('');
    engine.dispose();
  });

  it('refuses what would not be an answer', async () => {
    const source = folderSource(path.join(ROOT, SEMILLA));
    const spoiled: ShardSource = {
      ...source,
      read: async (file, offset, length) => {
        const bytes = await source.read(file, offset, length);
        if (file === 'params_shard_1.bin') bytes.fill(0x7c);
        return bytes;
      },
    };
    await expect(open(spoiled)).rejects.toMatchObject({ reason: 'tensor-not-finite' });
    const aborted = createCpuEngine({ source, modelId: 'x', signal: AbortSignal.abort() });
    await expect(aborted).rejects.toThrow();
    const plan = () => planMemory(SHAPES['llama-3.1-8b'], SCHEMES.q4f16_1, undefined, 1);
    expect(plan).toThrow(expect.objectContaining({ reason: 'model-over-4gb' }) as Error);
    const long = () => planMemory(SHAPES['llama-3.2-1b'], SCHEMES.q4f16_1, 131_072, 1);
    expect(long).toThrow(expect.objectContaining({ reason: 'model-over-4gb' }) as Error);
    const large = planMemory(SHAPES['llama-3.2-3b'], SCHEMES.q4f16_1, undefined, 8);
    // A large model's batches are small, so that an abort is heard within a second.
    expect(large).toMatchObject({ contextLength: 4096, batch: 8 });
    expect(planMemory(BASE, SCHEMES.q4f16_1, 30, 1)).toMatchObject({ contextLength: 30, batch: 32 });
  });
});

it('a session begins with what another holds', async () => {
  const engine = await openFolder('tests/golden/gqa-tied/mlc', 128);
  const prompt = goldens('gqa-tied')[0]!.promptIds;
  const [a, b, fresh] = [engine.createSession(), engine.createSession(), engine.createSession()];
  await a.generate(prompt, { maxTokens: 4 });
  const prefix = engine.capabilities.prefix!;
  await prefix.copy(a, b, prompt.length);
  const next = [...prompt, 3, 1];
  expect(prefix.common(b, next)).toBe(prompt.length);
  const result = await b.generate(next, { maxTokens: 8 });
  expect(result.usage.reusedTokens).toBe(prompt.length);
  expect(result.tokenIds).toEqual((await fresh.generate(next, { maxTokens: 8 })).tokenIds);
  engine.dispose();
});

it('goes on with an answer that was cut as if it had not been', async () => {
  const engine = await openFolder(SEMILLA, 256);
  const messages = [{ role: 'user' as const, content: '¿Cuál es la capital de Bolivia?' }];
  const session = engine.createSession();
  const whole = await session.generate(engine.encodeChat(messages), { maxTokens: 24 });
  const cut = await session.generate(engine.encodeChat(messages), { maxTokens: 4 });
  const rest = await session.generate(engine.encodeChat(messages, cut.text), { maxTokens: 20 });
  expect(cut.text).not.toBe('');
  expect(cut.text + rest.text).toBe(whole.text);
  expect(rest.finishReason).toBe(whole.finishReason);
  engine.dispose();
});

it('disposing lets the memory go, though engine and sessions are still held; sessions share and return room', async () => {
  const memories: WeakRef<WebAssembly.Memory>[] = [];
  const Memory = WebAssembly.Memory;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(new WeakRef(this));
    }
  };
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  const still: unknown[] = [];
  try {
    for (let cycle = 0; cycle < 5; cycle++) {
      const engine = await openFolder(SEMILLA, 512);
      const session = engine.createSession();
      await session.generate([1, 2, 3], { maxTokens: 2 });
      const bytes = memories.at(-1)?.deref()?.buffer.byteLength;
      for (let i = 0; i < 3; i++) engine.createSession().dispose();
      const second = engine.createSession();
      await second.sync([1]);
      expect(memories.at(-1)!.deref()!.buffer.byteLength).toBeLessThan(bytes! * 2);
      engine.dispose();
      await expect(session.sync([1])).rejects.toMatchObject({ reason: 'internal' });
      expect(() => engine.createSession()).toThrow('disposed');
      still.push(engine, session, second);
    }
  } finally {
    WebAssembly.Memory = Memory;
  }
  await new Promise((resolve) => setTimeout(resolve, 0));
  collect();
  expect(memories.map((memory) => memory.deref())).toEqual(Array(5).fill(undefined));
  expect(still.length).toBe(15);
});

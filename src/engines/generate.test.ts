import { describe, expect, it } from 'vitest';
import type { GenerateOptions, TokenConstraint } from '../engine.ts';
import { EngineError } from '../failures.ts';
import { createExclusive } from './exclusive.ts';
import { commonPrefix, generate, type Generator } from './generate.ts';

const CONTEXT = 16;
const STOP = 99;

interface Setup {
  /** Ids in the order they are drawn. */
  draws?: number[];
  /** Called before a token is drawn, with how many there were. */
  before?: (drawn: number) => void | Promise<void>;
  prefill?: Generator['prefill'];
}

/** A session that draws what it is told; a token's text is "<id>". */
function setup({ draws = [], before, prefill }: Setup = {}) {
  const log: string[] = [];
  let position = 0;
  const generator: Generator = {
    contextLength: CONTEXT,
    vocabSize: 100,
    get position() {
      return position;
    },
    check: () => log.push('check'),
    prefill:
      prefill ??
      ((tokens, room) => {
        position = tokens.length;
        log.push(`prefill ${tokens.length}, room ${room}`);
        return Promise.resolve({ reused: 1, prefilled: tokens.length - 1 });
      }),
    stream: ({ limit, mayCut }) => {
      log.push(`stream of ${limit}${mayCut ? ', may be cut' : ''}`);
      let drawn = 0;
      return Promise.resolve({
        async next() {
          await before?.(drawn);
          return { id: draws[drawn++] ?? 7 };
        },
        end() {
          log.push(`end after ${drawn}`);
          position += Math.max(0, drawn - 1);
          return Promise.resolve();
        },
      });
    },
  };
  const texts: string[] = [];
  const run = (options: Partial<GenerateOptions> = {}, prompt = [1, 2, 3], strings: string[] = []) =>
    generate(
      generator,
      { streamDecoder: () => ({ push: (id) => `<${id}>`, end: () => '' }) },
      { ids: [STOP], strings },
      prompt,
      { maxTokens: 100, onText: (text) => texts.push(text), ...options },
    );
  return { run, log, texts };
}

describe('an answer ends', () => {
  it('at a stop token, which is no part of it', async () => {
    const { run, log, texts } = setup({ draws: [4, 5, STOP] });
    const result = await run();
    expect(result).toMatchObject({ tokenIds: [4, 5], text: '<4><5>', finishReason: 'stop' });
    expect(result.usage).toMatchObject({
      promptTokens: 3,
      reusedTokens: 1,
      completionTokens: 2,
      contextUsed: 5,
      contextLength: CONTEXT,
    });
    expect(texts).toEqual(['<4>', '<5>']);
    expect(log).toEqual(['prefill 3, room 16', 'stream of 13', 'end after 3', 'check']);
  });

  it('at a stop string of the caller or of the model, which is not shown', async () => {
    const { run, texts, log } = setup({ draws: [4, 5, 6] });
    expect(await run({ stopStrings: ['<5>'] })).toMatchObject({ text: '<4>', finishReason: 'stop' });
    expect(texts).toEqual(['<4>']);
    expect(log).toContain('stream of 13, may be cut');
    const own = setup({ draws: [4, 5, 6] });
    expect(await own.run({}, [1], ['<6>'])).toMatchObject({ text: '<4><5>', finishReason: 'stop' });
    expect(own.log).toContain('stream of 15');
  });

  it('at the limit and at the end of the context', async () => {
    expect(await setup().run({ maxTokens: 2 })).toMatchObject({ tokenIds: [7, 7], finishReason: 'length' });
    expect((await setup().run()).usage.completionTokens).toBe(CONTEXT - 3);
    const full = setup();
    const whole = Array.from({ length: CONTEXT }, () => 1);
    expect(await full.run({}, whole)).toMatchObject({ tokenIds: [], finishReason: 'length' });
    expect(await full.run({ maxTokens: 0 })).toMatchObject({ tokenIds: [], finishReason: 'length' });
    expect(full.log.filter((line) => line.startsWith('stream'))).toEqual([]);
  });

  it('where a constraint is finished, and fails with what it throws', async () => {
    const accepted: number[] = [];
    const constraint: TokenConstraint = {
      reset: () => undefined,
      mask: () => false,
      accept: (id) => {
        if (id === 6) throw new EngineError('constraint-empty', 'no more');
        accepted.push(id);
      },
      get finished() {
        return accepted.length === 2;
      },
    };
    expect(await setup({ draws: [4, 5, 6] }).run({ constraint })).toMatchObject({
      tokenIds: [4, 5],
      finishReason: 'stop',
    });
    accepted.length = 0;
    const failing = setup({ draws: [6] });
    await expect(failing.run({ constraint })).rejects.toMatchObject({ reason: 'constraint-empty' });
    expect(failing.log).toContain('end after 1');
  });
});

describe('an abort', () => {
  it.each([new EngineError('aborted', 'stopped'), new Error('stopped'), 'stopped'])(
    'during the prompt is an answer without tokens, whatever its reason is (%s)',
    async (reason) => {
      const controller = new AbortController();
      const { run, texts } = setup({
        prefill: (_tokens, _room, { signal }) => {
          controller.abort(reason);
          signal!.throwIfAborted();
          return Promise.resolve({ reused: 0, prefilled: 0 });
        },
      });
      const result = await run({ signal: controller.signal });
      expect(result).toMatchObject({ tokenIds: [], finishReason: 'abort' });
      expect(result.usage).toMatchObject({ decodeTokensPerSecond: 0, prefillTokensPerSecond: 0 });
      expect(result.usage.timeToFirstToken).toBeGreaterThan(0);
      expect(texts).toEqual([]);
    },
  );

  it('does not hide another failure of the prompt', async () => {
    const controller = new AbortController();
    const { run } = setup({
      prefill: () => {
        controller.abort();
        return Promise.reject(new TypeError('a fault of ours'));
      },
    });
    await expect(run({ signal: controller.signal })).rejects.toThrow('a fault of ours');
  });

  it('between two tokens leaves what was emitted, and nothing is emitted after it', async () => {
    const controller = new AbortController();
    const { run, texts, log } = setup({
      before: (drawn) => {
        if (drawn === 2) controller.abort();
      },
    });
    expect(await run({ signal: controller.signal })).toMatchObject({
      tokenIds: [7, 7],
      finishReason: 'abort',
    });
    expect(texts).toEqual(['<7>', '<7>']);
    expect(log).toContain('end after 3');
  });

  it('by the one who hears the text draws no further token', async () => {
    const controller = new AbortController();
    const { run, log } = setup();
    const result = await run({ signal: controller.signal, onText: () => controller.abort() });
    expect(result).toMatchObject({ tokenIds: [7], finishReason: 'abort' });
    expect(log).toContain('end after 1');
  });
});

it('counts what two sequences have in common', () => {
  expect(commonPrefix([], [1])).toBe(0);
  expect(commonPrefix([1, 2, 3], [1, 2])).toBe(2);
  expect(commonPrefix([1, 2, 3], [1, 5, 3])).toBe(1);
});

it('refuses a second call while one runs, and takes the next after it, even where it failed', async () => {
  const exclusive = createExclusive();
  let fail: (error: Error) => void = () => undefined;
  const first = exclusive.run(() => new Promise((_, reject) => (fail = reject)));
  await expect(exclusive.run(() => Promise.resolve())).rejects.toMatchObject({ reason: 'engine-busy' });
  fail(new Error('lost'));
  await expect(first).rejects.toThrow('lost');
  expect(exclusive.busy).toBe(false);
  expect(await exclusive.run(() => Promise.resolve(1))).toBe(1);
});

// Client, link and server together, over an engine that says what it is told to.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pairedWorker } from '../../tests/host/worker-pair.ts';
import type { PairedWorker } from '../../tests/host/worker-pair.ts';
import { webLocks } from '../../tests/host/web-locks.ts';
import type { TestLocks } from '../../tests/host/web-locks.ts';
import { EngineError } from '../failures.ts';
import type { Engine, EngineInfo, GenerateOptions, Session, TuneReport, Usage } from '../engine.ts';
import { createEngineClient } from './engine-client.ts';
import type { EngineClient } from './engine-client.ts';
import type { Probe } from './engine-protocol.ts';
import { serveEngine } from '../threads/engine-server.ts';
import type { EngineMaker, LoadedModel, LoadOrder } from '../threads/engine-server.ts';

const INFO: EngineInfo = {
  engine: 'wgsl',
  modelId: 'm',
  contextLength: 64,
  vocabSize: 10,
  adapter: { vendor: 'test', architecture: '', description: '', features: [] },
  gpuBytes: 1,
};
const USAGE: Usage = {
  promptTokens: 3,
  reusedTokens: 0,
  completionTokens: 2,
  timeToFirstToken: 0.1,
  prefillTokensPerSecond: 1,
  decodeTokensPerSecond: 1,
  contextUsed: 5,
  contextLength: 64,
};
const PROBE: Probe = {
  adapter: INFO.adapter,
  reason: null,
  maxBufferSize: 1,
  maxStorageBufferBindingSize: 1,
  cpuBytesPerSecond: null,
  networkBlocked: true,
  doors: {} as Probe['doors'],
};
const HELLO = [{ role: 'user' as const, content: 'hola' }];
const tick = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Says `pieces` one a turn of the event loop; stops where the signal says so, as engines do. */
const speak =
  (...pieces: string[]) =>
  async ({ onText, signal }: GenerateOptions) => {
    let text = '';
    for (const [index, piece] of pieces.entries()) {
      if (signal?.aborted) return { tokenIds: [], text, finishReason: 'abort' as const, usage: USAGE };
      text += piece;
      onText?.(piece, index + 1);
      await tick();
    }
    return { tokenIds: [], text, finishReason: 'stop' as const, usage: USAGE };
  };

interface FakeEngine extends Engine {
  lose(error: EngineError): void;
  readonly disposed: boolean;
}

function fakeEngine(
  generate: (options: GenerateOptions) => ReturnType<ReturnType<typeof speak>>,
): FakeEngine {
  let lose: (error: EngineError) => void = () => undefined;
  let disposed = false;
  return {
    info: INFO,
    capabilities: {},
    lost: new Promise((resolve) => (lose = resolve)),
    encodeChat: (messages, begun = '') => [...messages, ...begun].map((_, index) => index),
    encode: () => [],
    decode: () => '',
    vocabulary: () => ({ tokens: [], spelling: 'byte-level', stopTokens: [] }),
    createSession: () => ({
      position: 5,
      bytes: 0,
      sync: () => Promise.resolve({ reused: 0, prefilled: 0 }),
      generate: (_, options) => generate(options),
      logits: () => Promise.resolve(new Float32Array()),
      dispose: () => undefined,
    }),
    dispose: () => {
      disposed = true;
    },
    lose: (error) => lose(error),
    get disposed() {
      return disposed;
    },
  };
}

let engines: FakeEngine[];
let workers: PairedWorker[];
let locks: TestLocks;
let generate: Parameters<typeof fakeEngine>[0];
let load: (order: LoadOrder) => Promise<Engine | LoadedModel>;

beforeEach(() => {
  engines = [];
  workers = [];
  locks = webLocks();
  vi.stubGlobal('navigator', { locks });
  generate = speak('Hola', ', ', 'mundo');
  load = () => {
    const engine = fakeEngine((options) => generate(options));
    engines.push(engine);
    return Promise.resolve(engine);
  };
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const maker: EngineMaker = {
  probe: () => Promise.resolve(PROBE),
  load: async (order) => {
    const made = await load(order);
    return 'engine' in made ? made : { engine: made, close: () => made.dispose() };
  },
};
function client(): EngineClient {
  return createEngineClient(() => {
    const pair = pairedWorker((scope) => serveEngine(scope, maker, locks));
    workers.push(pair);
    return pair.worker;
  });
}

const refused = (work: Promise<unknown>): Promise<EngineError> =>
  work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => error as EngineError,
  );

test('probes, loads, counts, answers', async () => {
  const page = client();
  expect(await page.probe()).toEqual(PROBE);
  load = ({ onProgress, modelId, contextLength, cacheBits }) => {
    for (let done = 1; done <= 200; done++) onProgress('weights', done, 200);
    onProgress('pipelines', 1, 2);
    expect([modelId, contextLength, cacheBits]).toEqual(['m', 64, 8]);
    const engine = fakeEngine(generate);
    engines.push(engine);
    return Promise.resolve(engine);
  };
  const seen: unknown[] = [];
  const onProgress = (...args: unknown[]): number => seen.push(args);
  expect(await page.load('m', { contextLength: 64, cacheBits: 8, onProgress })).toEqual(INFO);
  expect(seen).toContainEqual(['weights', 1, 200]);
  expect(seen).toContainEqual(['weights', 200, 200]);
  expect(seen).toContainEqual(['pipelines', 1, 2]);
  expect(seen.length).toBeLessThan(100);
  expect(
    await page.countMany([{ messages: [...HELLO, ...HELLO] }, { messages: HELLO, begun: 'abc' }]),
  ).toEqual({
    tokens: [2, 4],
    contextLength: 64,
  });
  // Of cuts of one conversation only what is needed to find the first that fits 64 less 16.
  const cuts = [60, 50, 48, 10].map((length) => ({ messages: Array.from({ length }, () => HELLO[0]!) }));
  expect((await page.countMany(cuts, { untilFits: 16 })).tokens).toEqual([60, 50, 48, null]);
  const pieces: string[] = [];
  const answer = await page.generate({ messages: HELLO, maxTokens: 9, onText: (text) => pieces.push(text) });
  expect(answer).toEqual({ text: 'Hola, mundo', finishReason: 'stop', usage: USAGE });
  expect(pieces.join('')).toBe('Hola, mundo');
});

test('a system prompt is kept only where it was asked for, and never of an ephemeral conversation', async () => {
  const did: string[] = [];
  const SYSTEM = { role: 'system' as const, content: 'x'.repeat(60) };
  load = () => {
    const engine = fakeEngine((options) => generate(options));
    engines.push(engine);
    const session = engine.createSession();
    return Promise.resolve({
      engine: {
        ...engine,
        encodeChat: (messages: readonly { content: string }[]) =>
          messages.flatMap(({ content }) => Array.from(content, (each) => each.charCodeAt(0))),
        capabilities: {
          prefix: {
            common: () => (did.includes('answer') ? 60 : 0),
            copy: () => Promise.resolve(),
            bytes: {
              layout: 'test',
              export: (_: Session, count: number) => Promise.resolve(new Uint8Array(count)),
              import: () => Promise.resolve(),
            },
          },
        },
        createSession: () => ({
          ...session,
          generate: (_: readonly number[], options: GenerateOptions) => {
            did.push('answer');
            return generate(options);
          },
        }),
      },
      close: () => engine.dispose(),
      prefixes: {
        load: () => {
          did.push('load');
          return Promise.reject(new EngineError('storage-failed', 'no disk'));
        },
        save: (tokens: readonly number[]) => {
          did.push(`save ${tokens.length}`);
          return Promise.resolve();
        },
        drop: () => Promise.resolve(),
      },
    });
  };
  const page = client();
  await page.load('m');
  const messages = [SYSTEM, ...HELLO];
  const ask = async (more: { ephemeral?: boolean; keepPrefix?: boolean }): Promise<string[]> => {
    // A disk that cannot be read costs no answer.
    expect((await page.generate({ messages, maxTokens: 9, ...more })).text).toBe('Hola, mundo');
    await page.countMany([{ messages: HELLO }]); // after what follows the answer
    return did.splice(0);
  };
  expect(await ask({})).toEqual(['answer']);
  expect(await ask({ keepPrefix: true, ephemeral: true })).toEqual(['answer']);
  expect(await ask({ keepPrefix: true })).toEqual(['load', 'answer', 'save 60']);
});

test('tunes the loaded engine; one that has no such choice says nothing', async () => {
  const report: TuneReport = { outcome: 'useless', seconds: 0, products: [], error: 0, refused: false };
  load = () => {
    const engine = fakeEngine(generate);
    engines.push(engine);
    return Promise.resolve(
      engines.length === 1 ? { ...engine, capabilities: { tune: () => Promise.resolve(report) } } : engine,
    );
  };
  const page = client();
  expect((await refused(page.tune())).reason).toBe('worker-gone');
  await page.load('m');
  expect(await page.tune()).toEqual(report);
  await page.load('n');
  expect(await page.tune()).toBeNull();
});

test('text comes in batches, at most one message a frame, none lost', async () => {
  const words = Array.from({ length: 200 }, (_, index) => `${index} `);
  generate = ({ onText }) => {
    words.forEach((word, index) => onText?.(word, index + 1));
    return Promise.resolve({ tokenIds: [], text: words.join(''), finishReason: 'stop', usage: USAGE });
  };
  const page = client();
  await page.load('m');
  const pieces: string[] = [];
  await page.generate({ messages: HELLO, maxTokens: 9, onText: (text) => pieces.push(text) });
  expect(pieces.join('')).toBe(words.join(''));
  expect(pieces.length).toBeLessThan(words.length / 4);
});

test('nothing is delivered after an abort, and the text is what was shown', async () => {
  generate = speak(...Array.from({ length: 50 }, (_, index) => `${index} `));
  const page = client();
  await page.load('m');
  const control = new AbortController();
  let shown = '';
  const answer = await page.generate({
    messages: HELLO,
    maxTokens: 99,
    signal: control.signal,
    onText: (text) => {
      expect(control.signal.aborted).toBe(false);
      shown += text;
      control.abort();
    },
  });
  expect(answer).toMatchObject({ finishReason: 'abort', text: shown });
  await tick(40);
  expect(answer.text).toBe(shown);
});

test('requests wait their turn; one aborted while it waits never begins', async () => {
  let running = 0;
  let begun = 0;
  generate = async (options) => {
    expect(++running).toBe(1);
    begun++;
    const result = await speak('a', 'b')(options);
    running--;
    return result;
  };
  const page = client();
  await page.load('m');
  const control = new AbortController();
  const first = page.generate({ messages: HELLO, maxTokens: 9 });
  const second = page.generate({ messages: HELLO, maxTokens: 9, signal: control.signal });
  const third = page.generate({ messages: HELLO, maxTokens: 9 });
  control.abort();
  expect(await second).toMatchObject({ text: '', finishReason: 'abort' });
  expect((await first).text + (await third).text).toBe('abab');
  expect(begun).toBe(2);
});

test('an aborted load rejects and leaves no engine', async () => {
  const control = new AbortController();
  load = async ({ signal }) => {
    const engine = fakeEngine(generate);
    engines.push(engine);
    control.abort();
    while (!signal.aborted) await tick();
    return engine;
  };
  const page = client();
  expect((await refused(page.load('m', { signal: control.signal }))).reason).toBe('aborted');
  expect(engines[0]?.disposed).toBe(true);
  expect((await refused(page.countMany([{ messages: HELLO }]))).reason).toBe('worker-gone');
  expect((await refused(page.load('m', { signal: AbortSignal.abort() }))).reason).toBe('aborted');
});

test('errors cross with reason, message and details', async () => {
  load = () => Promise.reject(new EngineError('out-of-memory', 'no room', { bytes: 7 }));
  const page = client();
  const error = await refused(page.load('m'));
  expect(error).toBeInstanceOf(EngineError);
  expect(error).toMatchObject({ reason: 'out-of-memory', code: 'OutOfMemoryError', details: { bytes: 7 } });
  load = () => Promise.reject(new TypeError('oops'));
  expect((await refused(page.load('m'))).reason).toBe('internal');
});

test('loading another model lets go of the first before the second comes', async () => {
  const page = client();
  await page.load('m');
  const make = load;
  load = (order) => {
    expect(engines[0]?.disposed).toBe(true);
    return make(order);
  };
  await page.load('n');
  expect(engines).toHaveLength(2);
  await page.unload();
  expect(engines[1]?.disposed).toBe(true);
});

test.each(['error', 'messageerror'] as const)(
  'a worker that dies (%s) fails what is pending, and the next call has a new one',
  async (kind) => {
    const page = client();
    const lost: string[] = [];
    page.onLost((error) => lost.push(error.reason));
    await page.load('m');
    generate = () => new Promise(() => undefined);
    const pending = refused(page.generate({ messages: HELLO, maxTokens: 9 }));
    await tick();
    workers[0]?.crash(kind, 'boom');
    expect((await pending).reason).toBe('worker-gone');
    expect(lost).toEqual(['worker-gone']);
    expect(workers[0]?.terminated).toBe(true);
    expect(await page.probe()).toEqual(PROBE);
    expect(workers).toHaveLength(2);
  },
);

test('a worker killed without an event is found out by its lock', async () => {
  const page = client();
  const lost = new Promise<EngineError>((resolve) => page.onLost(resolve));
  const request = vi.spyOn(locks, 'request');
  await page.probe();
  await tick(5);
  const alive = request.mock.calls.map(([name]) => name).find((name) => name.startsWith('yupana-alive-'));
  workers[0]?.kill();
  locks.drop(alive ?? '');
  expect((await lost).reason).toBe('worker-gone');
  await page.probe();
  expect(workers).toHaveLength(2);
});

test('a lost device is told once, frees the engine, and a new load works', async () => {
  const page = client();
  const lost: string[] = [];
  const off = page.onLost((error) => lost.push(error.reason));
  await page.load('m');
  engines[0]?.lose(new EngineError('device-lost', 'gone'));
  await tick(5);
  expect(lost).toEqual(['device-lost']);
  expect(engines[0]?.disposed).toBe(true);
  await page.load('m');
  off();
  engines[1]?.lose(new EngineError('device-lost', 'gone'));
  await tick(5);
  expect(lost).toEqual(['device-lost']);
});

test('one engine a profile: the second tab is told, may take over, and the first hears it', async () => {
  const [first, second] = [client(), client()];
  const lost = new Promise<EngineError>((resolve) => first.onLost(resolve));
  await first.load('m');
  expect((await refused(second.load('m'))).reason).toBe('engine-busy');
  generate = speak(...Array.from({ length: 500 }, () => 'x'));
  const answer = refused(first.generate({ messages: HELLO, maxTokens: 999 }));
  await tick(5);
  await second.load('m', { takeOver: true });
  expect((await lost).reason).toBe('engine-taken');
  expect((await answer).reason).toBe('engine-taken');
  await tick(5);
  expect(engines.map(({ disposed }) => disposed)).toEqual([true, false]);
  generate = speak('sí');
  expect((await second.generate({ messages: HELLO, maxTokens: 9 })).text).toBe('sí');
  // And back again, the polite way.
  expect((await refused(first.load('m'))).reason).toBe('engine-busy');
  await second.unload();
  await tick(5);
  await first.load('m');
});

test('dispose ends the worker and what is pending', async () => {
  const page = client();
  const pending = refused(page.probe());
  page.dispose();
  expect((await pending).reason).toBe('worker-gone');
  expect(workers[0]?.terminated).toBe(true);
});

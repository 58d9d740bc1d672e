// How answers end before their end: in the same tick, waiting, by leaving the loop, by a signal, by unload; in page and worker form.

import 'fake-indexeddb/auto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { webLocks } from '../../tests/host/web-locks.ts';
import { pairedWorker } from '../../tests/host/worker-pair.ts';
import { folderSource } from '../cli/folder-source.ts';
import { EngineError } from '../failures.ts';
import { inPageBackend } from './in-page.ts';
import { createSurface } from './surface.ts';
import type { ChatCompletionChunk, YupanaEngine } from './types.ts';
import { workerBackend } from './worker-client.ts';
import { serveWorker } from './serve-worker.ts';

const SEMILLA = path.resolve(import.meta.dirname, '../../public/models/semilla-q4f16_1');
const messages = [{ role: 'user' as const, content: '¿Cuál es la capital de Bolivia?' }];
/** Long enough to be interrupted: its end is not allowed. */
const LONG = {
  messages,
  temperature: 1,
  max_tokens: 400,
  response_format: { type: 'grammar' as const, grammar: 'root ::= [a-z ]{2000}' },
};
const SHORT = { messages, temperature: 0, max_tokens: 4 };
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const reason = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'not refused',
    (error: unknown) => (error instanceof EngineError ? error.reason : `not ours: ${String(error)}`),
  );
const read = async (stream: AsyncIterable<ChatCompletionChunk>): Promise<void> => {
  for await (const chunk of stream) void chunk;
};

describe.each(['page', 'worker'])('in %s form', (form) => {
  let engine: YupanaEngine;
  const never = new AbortController().signal;
  const page = inPageBackend({ device: 'cpu' }, 'http://localhost/');
  const load = (): Promise<void> =>
    page.reload(
      { id: 'semilla', source: folderSource(SEMILLA) },
      { context_window_size: 512 },
      () => undefined,
      never,
    );
  /** Answers that the backend began. */
  const begun = vi.fn<typeof page.chat>((...asked) => page.chat(...asked));
  beforeAll(async () => {
    vi.stubGlobal('navigator', { locks: webLocks() });
    vi.stubGlobal('location', new URL('file:///app/'));
    await load();
    const served = { ...page, chat: begun, reload: () => Promise.resolve() };
    engine = createSurface(
      form === 'page'
        ? served
        : workerBackend(() => pairedWorker((scope) => serveWorker(scope, () => served)).worker, {}, ''),
    );
    await engine.reload('semilla');
  });
  afterAll(async () => {
    await page.unload();
    vi.unstubAllGlobals();
  });

  test('in the same tick, what is first in line ends and what waits rejects', async () => {
    const first = engine.chat.completions.create(LONG);
    const second = reason(engine.chat.completions.create(SHORT));
    const third = await engine.chat.completions.create({ ...SHORT, stream: true });
    engine.interruptGenerate();
    expect((await first).choices[0]?.finish_reason).toBe('abort');
    expect(await second).toBe('aborted');
    expect(await reason(read(third))).toBe('aborted');
    expect((await engine.chat.completions.create(SHORT)).choices[0]?.finish_reason).toBe('length');
  });

  test('leaving the loop before the first read ends the answer, at work or waiting', async () => {
    const running = await engine.chat.completions.create({ ...LONG, stream: true });
    const waiting = await engine.chat.completions.create({ ...LONG, stream: true });
    const before = begun.mock.calls.length;
    await waiting[Symbol.asyncIterator]().return?.();
    await running[Symbol.asyncIterator]().return?.();
    expect((await engine.chat.completions.create(SHORT)).choices[0]?.finish_reason).toBe('length');
    expect(begun.mock.calls.length - before).toBeLessThanOrEqual(form === 'page' ? 1 : 2); // never the one that waited
    expect(await running[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
  });

  test('a signal rejects with "aborted": whole, in a stream, waiting, before it began', async () => {
    const control = new AbortController();
    const asked = { ...LONG, signal: control.signal };
    const whole = reason(engine.chat.completions.create(asked));
    const stream = await engine.chat.completions.create({ ...asked, stream: true });
    const streamed = reason(read(stream));
    control.abort(new TypeError('of the caller'));
    expect([await whole, await streamed]).toEqual(['aborted', 'aborted']);
    expect(await reason(engine.chat.completions.create(asked))).toBe('aborted');
    // An answer of somebody else's is not touched.
    const other = new AbortController();
    const mine = engine.chat.completions.create(SHORT);
    const theirs = reason(engine.chat.completions.create({ ...LONG, signal: other.signal }));
    other.abort();
    expect(await theirs).toBe('aborted');
    expect((await mine).choices[0]?.finish_reason).toBe('length');
  });

  test('reads that are asked at the same time are answered in turn', async () => {
    const stream = await engine.chat.completions.create({ ...SHORT, stream: true });
    const pieces = stream[Symbol.asyncIterator]();
    const all = await Promise.all(Array.from({ length: 40 }, () => pieces.next()));
    expect(all.at(-1)).toEqual({ done: true, value: undefined });
    const chunks = all.flatMap(({ value }) => (value as ChatCompletionChunk | undefined) ?? []);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('length');
  });

  test('unload ends what is at work, and rejects what waits', async () => {
    const first = engine.chat.completions.create(LONG);
    const second = reason(engine.chat.completions.create(SHORT));
    await engine.unload();
    expect((await first).choices[0]?.finish_reason).toBe('abort');
    expect(await second).toBe('aborted');
    expect(await reason(engine.chat.completions.create(SHORT))).toBe('model-not-loaded');
  });
});

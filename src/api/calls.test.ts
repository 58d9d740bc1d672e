// What WebLLM's and OpenAI's users have elsewhere, each call in page, worker and service worker form, on the processor.

import 'fake-indexeddb/auto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { webLocks } from '../../tests/host/web-locks.ts';
import { pairedWorker } from '../../tests/host/worker-pair.ts';
import { folderSource } from '../cli/folder-source.ts';
import { inPageBackend } from './in-page.ts';
import { serveServiceWorker, type ServiceScope } from './serve-service-worker.ts';
import { serveWorker } from './serve-worker.ts';
import { lineTo } from './service-worker-line.ts';
import { createSurface } from './surface.ts';
import type { ChatCompletionChunk, YupanaEngine } from './types.ts';
import { workerBackend } from './worker-client.ts';

const SEMILLA = path.resolve(import.meta.dirname, '../../public/models/semilla-q4f16_1');
const messages = [{ role: 'user' as const, content: '¿Cuál es la capital de Bolivia?' }];
const EXACT = { messages, temperature: 0, max_tokens: 24 };
const WARM = { ...EXACT, temperature: 2, seed: 7 };
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const loadHere = (backend: ReturnType<typeof inPageBackend>): Promise<void> =>
  backend.reload(
    { id: 'semilla', source: folderSource(SEMILLA) },
    { context_window_size: 512 },
    () => undefined,
    new AbortController().signal,
  );

/** A service worker that pages of this thread post to. */
function serviceWorkerHere(makeBackend: typeof inPageBackend): Pick<ServiceWorker, 'postMessage'> {
  type Listener = Parameters<ServiceScope['addEventListener']>[1];
  const heard: Listener[] = [];
  serveServiceWorker({ addEventListener: (_, listener) => heard.push(listener) }, makeBackend);
  const postMessage = (data: unknown, ports: readonly MessagePort[] = []): void =>
    heard.forEach((listener) => listener({ data, ports }));
  return { postMessage: postMessage as ServiceWorker['postMessage'] };
}

beforeAll(() => {
  vi.stubGlobal('navigator', { locks: webLocks() });
  vi.stubGlobal('location', new URL('file:///app/'));
});
afterAll(() => vi.unstubAllGlobals());

const gather = async (chunks: AsyncIterable<ChatCompletionChunk>): Promise<ChatCompletionChunk[]> => {
  const all = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
};

describe.each(['page', 'worker', 'service worker'])('in %s form', (form) => {
  let engine: YupanaEngine;
  const page = inPageBackend({ device: 'cpu' }, 'http://localhost/');
  beforeAll(async () => {
    await loadHere(page);
    // A worker cannot be posted a folder: what it would load is loaded.
    const served = { ...page, reload: () => Promise.resolve(), unload: () => Promise.resolve() };
    const spawn = (): Worker =>
      form === 'worker'
        ? pairedWorker((scope) => serveWorker(scope, () => served)).worker
        : lineTo(serviceWorkerHere(() => served));
    engine = createSurface(form === 'page' ? served : workerBackend(spawn, {}, ''));
    await engine.reload('semilla');
  });
  afterAll(async () => {
    await engine.unload();
    await page.unload();
  });

  test('n answers to one prompt, each of its own seed, the first as if it were alone', async () => {
    const { choices, usage } = await engine.chat.completions.create({ ...WARM, n: 3 });
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    const texts = choices.map(({ message }) => message.content);
    expect(new Set(texts).size).toBe(3);
    const alone = await engine.chat.completions.create(WARM);
    expect(alone.choices[0]?.message.content).toBe(texts[0]);
    // The prompt is counted once, the answers all.
    expect(usage.prompt_tokens).toBe(alone.usage.prompt_tokens);
    expect(usage.completion_tokens).toBeGreaterThan(alone.usage.completion_tokens);
    const chunks = await gather(await engine.chat.completions.create({ ...WARM, n: 3, stream: true }));
    const streamed = ['', '', ''];
    for (const {
      choices: [choice],
    } of chunks) {
      if (choice) streamed[choice.index] += choice.delta.content ?? '';
    }
    expect(streamed).toEqual(texts);
    expect(chunks.filter(({ choices: [choice] }) => choice?.finish_reason)).toHaveLength(3);
  });

  test('the log probabilities of a chunk are those of its text, beside stop strings too', async () => {
    const plain = await engine.chat.completions.create({ ...EXACT, logprobs: true });
    const whole = plain.choices[0]?.message.content ?? '';
    // Stops that cut a token, that end at a token's border, and one that begins like the text and never comes.
    for (const stop of [whole.slice(5, 8), whole.slice(-3), `${whole.slice(2, 5)}#`]) {
      const asked = { ...EXACT, logprobs: true, top_logprobs: 2, stop };
      const { choices } = await engine.chat.completions.create(asked);
      const content = choices[0]?.message.content ?? '';
      const told = choices[0]?.logprobs?.content ?? [];
      expect(content).toBe(whole.split(stop)[0]);
      // As many tokens as the text has, the last of which may be cut.
      const spelt = told.map(({ token }) => token).join('');
      expect(spelt.startsWith(content)).toBe(true);
      expect(
        told
          .slice(0, -1)
          .map(({ token }) => token)
          .join('').length,
      ).toBeLessThanOrEqual(content.length);
      expect(told.every(({ top_logprobs }) => top_logprobs.length === 2)).toBe(true);
      const chunks = await gather(await engine.chat.completions.create({ ...asked, stream: true }));
      const inChunks = chunks.flatMap(({ choices: [choice] }) => choice?.logprobs?.content ?? []);
      expect(inChunks).toEqual(told);
      expect(chunks.map(({ choices: [choice] }) => choice?.delta.content ?? '').join('')).toBe(content);
    }
  });

  test('cached tokens are counted as OpenAI counts them', async () => {
    await engine.resetChat();
    const first = await engine.chat.completions.create(EXACT);
    expect(first.usage.prompt_tokens_details.cached_tokens).toBe(0);
    const again = await engine.chat.completions.create(EXACT);
    const { prompt_tokens, prompt_tokens_details, extra } = again.usage;
    expect(prompt_tokens_details.cached_tokens).toBe(extra.reused_prompt_tokens);
    expect(prompt_tokens_details.cached_tokens).toBeGreaterThan(prompt_tokens - 2);
    expect(prompt_tokens_details.cached_tokens).toBeLessThanOrEqual(prompt_tokens);
  });

  test('token ids are a prompt, alone and in a list, and those beyond the vocabulary are refused', async () => {
    const asked = { temperature: 0, max_tokens: 6 };
    const ids = [1, 2, 3, 40];
    const one = await engine.completions.create({ ...asked, prompt: ids });
    expect(one.usage?.prompt_tokens).toBe(ids.length);
    const both = await engine.completions.create({ ...asked, prompt: [ids, ids.slice(0, 3)] });
    expect(both.choices).toHaveLength(2);
    expect(both.choices[0]?.text).toBe(one.choices[0]?.text);
    expect(both.usage?.prompt_tokens).toBe(7);
    await expect(engine.completions.create({ ...asked, prompt: [1, 99_999_999] })).rejects.toMatchObject({
      reason: 'option-invalid',
      details: { option: 'prompt' },
    });
  });

  test('tokens are forwarded one after another, until the chat is reset', async () => {
    await engine.resetChat();
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.25); // of which the draws' seed is made
    const after = async (...calls: number[][]): Promise<number> => {
      await engine.resetChat();
      let next = -1;
      for (const ids of calls) next = await engine.forwardTokensAndSample(ids, ids.length > 1);
      return next;
    };
    const whole = await after([1, 2, 3, 40, 41]);
    expect(whole).toBeGreaterThanOrEqual(0);
    expect(await after([1, 2, 3], [40], [41])).toBe(whole);
    // An answer between does not disturb what was forwarded.
    await after([1, 2, 3]);
    await engine.chat.completions.create({ ...EXACT, max_tokens: 2 });
    expect(await engine.forwardTokensAndSample([40, 41])).toBe(whole);
    random.mockRestore();

    await engine.resetChat();
    await expect(engine.forwardTokensAndSample([])).rejects.toMatchObject({ reason: 'option-invalid' });
    await expect(engine.forwardTokensAndSample([99_999_999])).rejects.toMatchObject({
      reason: 'option-invalid',
      details: { option: 'inputIds' },
    });
    const many = Array.from({ length: 600 }, () => 5);
    await expect(engine.forwardTokensAndSample(many)).rejects.toMatchObject({ reason: 'context-full' });
    expect(await engine.forwardTokensAndSample([1])).toBeLessThan(99_999_999); // what failed is forgotten
  });

  test('embeddings are refused by name', async () => {
    await expect(engine.embeddings.create({ input: 'hola' })).rejects.toMatchObject({
      reason: 'option-unsupported',
      details: { option: 'embeddings' },
    });
  });
});

test('several models: an engine for each, side by side, in page and worker form', async () => {
  const page = inPageBackend({ device: 'cpu' }, undefined);
  const other = inPageBackend({ device: 'cpu' }, undefined);
  await Promise.all([loadHere(page), loadHere(other)]);
  const served = { ...other, reload: () => Promise.resolve() };
  const here = createSurface(page);
  const there = createSurface(
    workerBackend(() => pairedWorker((scope) => serveWorker(scope, () => served)).worker, {}, ''),
  );
  await there.reload('semilla');
  const [a, b] = await Promise.all([
    here.chat.completions.create(EXACT),
    there.chat.completions.create(EXACT),
  ]);
  expect(a.choices).toEqual(b.choices);
  await here.unload();
  expect((await there.chat.completions.create(EXACT)).choices).toEqual(b.choices);
  await expect(here.chat.completions.create(EXACT)).rejects.toMatchObject({ reason: 'model-not-loaded' });
  await there.unload();
});

describe('a service worker', () => {
  const begun = vi.fn();
  const ended = vi.fn();
  const makeBackend: typeof inPageBackend = () => {
    const backend = inPageBackend({ device: 'cpu' }, undefined);
    return {
      ...backend,
      unload: async () => {
        ended();
        await backend.unload();
      },
      reload: async () => {
        begun();
        await loadHere(backend);
      },
    };
  };

  test('has one engine for all pages, until the last has gone', async () => {
    const target = serviceWorkerHere(makeBackend);
    const pages = [1, 2].map(() => createSurface(workerBackend(() => lineTo(target), {}, '')));
    const [one, two] = pages as [YupanaEngine, YupanaEngine];
    await Promise.all([one.reload('semilla'), two.reload('semilla')]);
    expect(begun).toHaveBeenCalledTimes(1);
    const answers = await Promise.all(pages.map((page) => page.chat.completions.create(EXACT)));
    expect(answers[0]?.choices).toEqual(answers[1]?.choices);
    await one.unload();
    expect((await two.chat.completions.create(EXACT)).choices).toEqual(answers[0]?.choices);
    await one.reload('semilla'); // it is loaded still
    expect(begun).toHaveBeenCalledTimes(1);
    const before = ended.mock.calls.length;
    await Promise.all([one.unload(), two.unload()]);
    await expect.poll(() => ended.mock.calls.length).toBe(before + 1);
    await one.reload('semilla'); // gone with the last page, so anew
    expect(begun).toHaveBeenCalledTimes(2);
    await one.unload();
  });

  test('ends one page’s answer and not another’s, and a waiting one before it begins', async () => {
    const target = serviceWorkerHere(makeBackend);
    const [one, two] = [1, 2].map(() => createSurface(workerBackend(() => lineTo(target), {}, ''))) as [
      YupanaEngine,
      YupanaEngine,
    ];
    await Promise.all([one.reload('semilla'), two.reload('semilla')]);
    const long = {
      messages,
      max_tokens: 300,
      response_format: { type: 'grammar' as const, grammar: 'root ::= [a-z ]{2000}' },
    };
    const stream = (await one.chat.completions.create({ ...long, stream: true }))[Symbol.asyncIterator]();
    await stream.next(); // at work
    const waiting = two.chat.completions.create(EXACT);
    waiting.catch(() => undefined);
    two.interruptGenerate();
    await expect(waiting).rejects.toMatchObject({ reason: 'aborted' });
    const second = two.chat.completions.create(EXACT);
    one.interruptGenerate();
    let last: ChatCompletionChunk | undefined;
    for (let next = await stream.next(); !next.done; next = await stream.next()) last = next.value;
    expect(last?.choices[0]?.finish_reason).toBe('abort');
    expect((await second).choices[0]?.finish_reason).toBe('stop');
    await Promise.all([one.unload(), two.unload()]);
  });
});

// WebLLM's published examples, each done over in a few lines on the library as built, in Chromium: the rows of src/api/README.md.

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildModules } from '../../scripts/build-lib.mjs';
import { root } from '../../scripts/install.mjs';
import { serve } from '../../scripts/serve.mjs';
import { openProfile, watchErrors, type Profile } from './harness.ts';
import { PATIENCE } from './talk.ts';

/** What every example has before its own lines. The processor computes: what is asked here is no question of the GPU. */
const PAGE = `<!doctype html>
<title>WebLLM's examples</title>
<script type="module">
  import * as yupana from './lib/yupana.js';
  const device = { device: 'cpu' };
  const size = { context_window_size: 512 };
  const spawn = () => new Worker('./worker.js', { type: 'module' });
  window.yupana = yupana;
  window.make = {
    page: (config) => yupana.createEngine('./model/', { ...device, ...config }, size),
    worker: (config) => yupana.createWorkerEngine(spawn, './model/', { ...device, ...config }, size),
    'service worker': (config) => yupana.createServiceWorkerEngine('./model/', { ...device, ...config }, size),
  };
  window.messages = [{ role: 'user', content: '¿Cuál es la capital de Bolivia?' }];
  window.exact = { messages, temperature: 0, max_tokens: 40 };
  window.textOf = (answer) => answer.choices[0].message.content;
  window.reason = (work) => Promise.resolve(work).then(
    () => 'not refused',
    (error) => error instanceof yupana.EngineError ? [error.reason, error.details.option].filter(Boolean).join(' ') : String(error),
  );
  await navigator.serviceWorker.register('./sw.js', { type: 'module' });
  await navigator.serviceWorker.ready;
  window.engines = { page: await make.page(), worker: await make.worker(), 'service worker': await make['service worker']() };
</script>`;

let folder: string;
let server: Awaited<ReturnType<typeof serve>>;
let profile: Profile;
let page: Page;
let errors: string[];
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'yupana-examples-'));
  await buildModules(path.join(folder, 'lib'));
  await cp(path.join(root, 'public/models/semilla-q4f16_1'), path.join(folder, 'model'), { recursive: true });
  await writeFile(path.join(folder, 'index.html'), PAGE);
  await writeFile(
    path.join(folder, 'worker.js'),
    "import { serveEngine } from './lib/worker.js';\nserveEngine();\n",
  );
  await writeFile(
    path.join(folder, 'sw.js'),
    "import { serveServiceWorkerEngine } from './lib/service-worker.js';\nserveServiceWorkerEngine();\n",
  );
  await writeFile(path.join(folder, 'headers.json'), '[]');
  server = await serve({ dir: folder, port: 0, host: 'localhost' });
  profile = await openProfile();
  page = await profile.context.newPage();
  errors = watchErrors(page);
  await page.goto(server.url);
  await page
    .waitForFunction(() => 'engines' in globalThis, undefined, { timeout: PATIENCE })
    .catch((error: unknown) => {
      throw new Error(`${String(error)}\n${errors.join('\n')}`);
    });
});
afterAll(async () => {
  await profile?.close();
  await server?.close();
  if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** What the lines of an example return. */
function run<T>(lines: string, form = 'page'): Promise<T> {
  return page.evaluate<T>(`(async (engine, form) => { ${lines} })(engines['${form}'], '${form}')`);
}
const FORMS = ['page', 'worker', 'service worker'];

describe.each(FORMS)('in %s form', (form) => {
  it('get-started, simple-chat-ts, logit bias', async () => {
    const [text, usage, banned] = await run<[string, { total_tokens: number }, string]>(
      `const answer = await engine.chat.completions.create(exact);
       const first = (await engine.chat.completions.create({ ...exact, max_tokens: 1 }));
       const logit_bias = Object.fromEntries(Array.from({ length: 1000 }, (_, id) => [String(id), -100]));
       const banned = await engine.chat.completions.create({ ...exact, max_tokens: 1, logit_bias });
       return [textOf(answer), answer.usage, [textOf(first), textOf(banned)].join('|')];`,
      form,
    );
    expect(text).toContain('Sucre');
    expect(usage.total_tokens).toBeGreaterThan(10);
    expect(new Set(banned.split('|')).size).toBe(2);
  });

  it('streaming, with usage and logprobs', async () => {
    const [text, total, told] = await run<[string, number, string]>(
      `let text = '', total = 0, told = '';
       const asked = { ...exact, stream: true, stream_options: { include_usage: true }, logprobs: true, top_logprobs: 2 };
       for await (const { choices, usage } of await engine.chat.completions.create(asked)) {
         const piece = choices[0]?.delta.content ?? '';
         text += piece;
         told += (choices[0]?.logprobs?.content ?? []).map(({ token }) => token).join('');
         total = usage?.total_tokens ?? total;
       }
       return [text, total, told];`,
      form,
    );
    expect(text).toContain('Sucre');
    expect(told).toBe(text);
    expect(total).toBeGreaterThan(10);
  });

  it('multi-round-chat', async () => {
    const [reused, prompt] = await run<[number, number]>(
      `const first = await engine.chat.completions.create(exact);
       const round = [...messages, { role: 'assistant', content: textOf(first) }, { role: 'user', content: '¿Y la de Perú?' }];
       const { usage } = await engine.chat.completions.create({ ...exact, messages: round });
       return [usage.prompt_tokens_details.cached_tokens, first.usage.prompt_tokens];`,
      form,
    );
    expect(reused).toBeGreaterThan(prompt - 1);
  });

  it('seed-to-reproduce, with n', async () => {
    const [a, b, many] = await run<[string, string, string[]]>(
      `const warm = { ...exact, temperature: 2, seed: 5 };
       const ask = async () => textOf(await engine.chat.completions.create(warm));
       const { choices } = await engine.chat.completions.create({ ...warm, n: 3 });
       return [await ask(), await ask(), choices.map(({ message }) => message.content)];`,
      form,
    );
    expect(a).toBe(b);
    expect(many[0]).toBe(a);
    expect(new Set(many).size).toBeGreaterThan(1);
  });

  it('text-completion, also of token ids', async () => {
    const [text, ids] = await run<[string, number]>(
      `const { choices } = await engine.completions.create({ prompt: 'Bolivia', temperature: 0, max_tokens: 5, echo: true });
       const { usage } = await engine.completions.create({ prompt: [1, 2, 3], max_tokens: 2 });
       return [choices[0].text, usage.prompt_tokens];`,
      form,
    );
    expect(text).toMatch(/^Bolivia./);
    expect(ids).toBe(3);
  });

  it('json-mode, json-schema', async () => {
    const [any, held] = await run<[string, string]>(
      `const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false };
       const ask = async (response_format) => textOf(await engine.chat.completions.create({ ...exact, max_tokens: 400, response_format }));
       const grammar = 'root ::= "{}" | "[]"';
       return [await ask({ type: 'grammar', grammar }), await ask({ type: 'json_object', schema: JSON.stringify(schema) })];`,
      form,
    );
    expect(['{}', '[]']).toContain(any);
    expect(Object.keys(JSON.parse(held) as object)).toEqual(['ok']);
  });

  it('abort-reload: a load that is stopped, and the next', async () => {
    const [stopped, text] = await run<[string, string]>(
      `const control = new AbortController();
       const first = make[form]().then((made) => [made, made.reload('./model/?again', { signal: control.signal })]);
       const [made, load] = await first;
       control.abort();
       const stopped = await reason(load);
       await made.reload('./model/', { context_window_size: 512 });
       const text = textOf(await made.chat.completions.create(exact));
       if (form !== 'service worker') await made.unload();
       return [stopped, text];`,
      form,
    );
    expect(stopped).toBe('aborted');
    expect(text).toContain('Sucre');
  });

  it('logit-processor: a loop of one’s own over tokens', async () => {
    const ids = await run<number[]>(
      `await engine.resetChat();
       const ids = [await engine.forwardTokensAndSample([1, 2, 3], true)];
       while (ids.length < 4) ids.push(await engine.forwardTokensAndSample([ids.at(-1)], false));
       await engine.resetChat();
       return ids;`,
      form,
    );
    expect(ids.every(Number.isSafeInteger)).toBe(true);
  });

  it('get-started-latency-breakdown', async () => {
    const extra = await run<Record<string, number>>(
      'return (await engine.chat.completions.create(exact)).usage.extra;',
      form,
    );
    for (const name of [
      'e2e_latency_s',
      'decode_tokens_per_s',
      'time_to_first_token_s',
      'time_per_output_token_s',
    ])
      expect(extra[name]).toBeGreaterThan(0);
  });

  it('what is missing is refused by name', async () => {
    const refusals = await run<Record<string, string>>(
      `const chat = (more) => reason(engine.chat.completions.create({ ...exact, ...more }));
       const tool = { type: 'function', function: { name: 'clima', parameters: { type: 'object' } } };
       const image = { type: 'image_url', image_url: { url: 'data:,' } };
       return {
         tools: await chat({ tools: [tool] }),
         thinking: await chat({ extra_body: { enable_thinking: false } }),
         vision: await chat({ messages: [{ role: 'user', content: [image] }] }),
         structural: await chat({ response_format: { type: 'structural_tag', structural_tag: {} } }),
         resumable: await chat({ resumable: true }),
         embeddings: await reason(engine.embeddings.create({ input: 'hola' })),
         several: await reason(engine.reload(['a', 'b'])),
       };`,
      form,
    );
    expect(refusals).toEqual({
      tools: 'option-unsupported tools',
      thinking: expect.stringMatching(/^option-unsupported extra_body/) as string,
      vision: expect.stringMatching(/^option-(unsupported|invalid) /) as string,
      structural: expect.stringMatching(/^option-(unsupported|invalid) response_format/) as string,
      resumable: expect.stringMatching(/^option-unsupported resumable/) as string,
      embeddings: 'option-unsupported embeddings',
      several: 'option-unsupported model',
    });
  });

  it('function-calling by hand: texts of one’s own', async () => {
    const text = await run<string>(
      `const system = { role: 'system', content: 'Responde con una llamada.' };
       const grammar = 'root ::= "<call>{\\\\"name\\\\":\\\\"clima\\\\"}</call>"';
       const asked = { ...exact, messages: [system, ...messages], max_tokens: 60, response_format: { type: 'grammar', grammar } };
       return textOf(await engine.chat.completions.create(asked));`,
      form,
    );
    expect(text).toBe('<call>{"name":"clima"}</call>');
  });
});

it('multi-models: an engine for each, at the same time', async () => {
  const [a, b] = await run<[string, string]>(
    `const other = await make.worker();
     const both = await Promise.all([engine, other].map((each) => each.chat.completions.create(exact)));
     await other.unload();
     return both.map(textOf);`,
  );
  expect(a).toContain('Sucre');
  expect(b).toBe(a);
});

it('next-simple-chat: two mounts share one download, and its progress never falls', async () => {
  const other = await profile.context.newPage();
  try {
    await other.goto(server.url);
    await other.waitForFunction(() => 'engines' in globalThis, undefined, { timeout: PATIENCE });
    const [texts, rising] = await other.evaluate<[string[], boolean]>(`(async () => {
      await Promise.all(Object.values(engines).map((each) => each.unload()));
      for (const { id } of await yupana.listModels()) await yupana.deleteModel(id);
      const seen = [[], []];
      const mounts = await Promise.all(seen.map((list) => make.page({ initProgressCallback: ({ progress }) => list.push(progress) })));
      const texts = [];
      for (const each of mounts) texts.push(textOf(await each.chat.completions.create(exact)));
      return [texts, seen.every((list) => list.length > 1 && list.every((value, i) => i === 0 || value >= list[i - 1]))];
    })()`);
    expect(texts[0]).toContain('Sucre');
    expect(texts[1]).toBe(texts[0]);
    expect(rising).toBe(true);
  } finally {
    await other.close();
  }
});

it('cache-usage: what is stored, its size, and letting it go', async () => {
  const [listed, after] = await run<[{ id: string; bytes: number; state: string }[], string]>(
    `const listed = await yupana.listModels();
     await Promise.all(Object.values(engines).map((each) => each.unload()));
     await yupana.deleteModel(listed[0].id);
     const after = await reason(yupana.createEngine(listed[0].id));
     window.engines = { page: await make.page(), worker: await make.worker(), 'service worker': await make['service worker']() };
     return [listed, after];`,
  );
  expect(listed).toHaveLength(1);
  expect(listed[0]).toMatchObject({ state: 'ready' });
  expect(listed[0]?.bytes).toBeGreaterThan(1e6);
  expect(after).toBe('model-not-stored');
});

it('simple-chat-upload: files of the person’s own', async () => {
  const text = await run<string>(
    `const file = async (name) => new Blob([await (await fetch('./model/' + name)).arrayBuffer()]);
     const names = ${JSON.stringify(await modelFiles())};
     const files = new Map(await Promise.all(names.map(async (name) => [name, await file(name)])));
     const source = {
       name: 'mine',
       size: async (name) => files.get(name)?.size,
       read: async (name, offset, length) => new Uint8Array(await files.get(name).slice(offset, offset + length).arrayBuffer()),
     };
     const own = await yupana.createEngine({ id: 'mine', source }, { device: 'cpu' });
     const text = textOf(await own.chat.completions.create(exact));
     await own.unload();
     return text;`,
  );
  expect(text).toContain('Sucre');
});

async function modelFiles(): Promise<string[]> {
  const manifest = JSON.parse(await readFile(path.join(folder, 'model/manifest.json'), 'utf8')) as {
    files: { path: string }[];
  };
  return [...manifest.files.map(({ path: name }) => name), 'manifest.json'];
}

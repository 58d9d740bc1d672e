// The library as another web app uses it: built, served as plain files, called by a page of a few lines, on a GPU adapter.

import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildModules } from '../../scripts/build-lib.mjs';
import { root } from '../../scripts/install.mjs';
import { serve } from '../../scripts/serve.mjs';
import { openProfile, watchErrors } from './harness.ts';

const PAGE = `<!doctype html>
<title>Ten lines</title>
<script type="module">
  import { createEngine, createWorkerEngine } from './lib/yupana.js';
  const messages = [{ role: 'user', content: '¿Cuál es la capital de Bolivia?' }];
  const engine = await createEngine('./model/', {}, { context_window_size: 256 });
  const exact = await engine.chat.completions.create({ messages, temperature: 0, max_tokens: 40 });
  const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false };
  const form = { type: 'json_schema', json_schema: { schema } };
  const json = await engine.chat.completions.create({ messages, response_format: form, seed: 1 });
  await engine.unload();
  const spawn = () => new Worker('./worker.js', { type: 'module' });
  const other = await createWorkerEngine(spawn, 'model', {}, { context_window_size: 256 });
  let streamed = '';
  for await (const { choices } of await other.chat.completions.create({ messages, temperature: 0, max_tokens: 40, stream: true }))
    streamed += choices[0]?.delta.content ?? '';
  window.seen = { exact: exact.choices[0].message.content, json: json.choices[0].message.content, streamed };
</script>`;
const WORKER = `import { serveEngine } from './lib/worker.js';\nserveEngine();\n`;

let folder: string;
let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'yupana-library-'));
  await buildModules(path.join(folder, 'lib'));
  await cp(path.join(root, 'public/models/semilla-q4f16_1'), path.join(folder, 'model'), { recursive: true });
  await writeFile(path.join(folder, 'index.html'), PAGE);
  await writeFile(path.join(folder, 'worker.js'), WORKER);
  // A host of somebody else's, without this app's headers.
  await writeFile(path.join(folder, 'headers.json'), '[]');
  server = await serve({ dir: folder, port: 0, host: 'localhost' });
});
afterAll(async () => {
  await server?.close();
  if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

it('a page of a few lines chats, gets JSON, and streams from a worker', async () => {
  const profile = await openProfile();
  try {
    const page = await profile.context.newPage();
    const errors = watchErrors(page);
    await page.goto(server.url);
    await page
      .waitForFunction(() => 'seen' in globalThis, undefined, { timeout: 240_000 })
      .catch((error: unknown) => {
        throw new Error(`${String(error)}\n${errors.join('\n')}`);
      });
    const seen = await page.evaluate(() => (globalThis as unknown as { seen: Record<string, string> }).seen);
    expect(seen['exact']).toContain('Sucre');
    expect(seen['streamed']).toBe(seen['exact']);
    expect(Object.keys(JSON.parse(seen['json'] ?? '') as object)).toEqual(['ok']);
  } finally {
    await profile.close();
  }
});

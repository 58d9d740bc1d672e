// The library as another web app has it: packed as npm would, installed into fresh projects, bundled or not, and its examples run.

import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Page } from 'playwright-core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/install.mjs';
import { serve } from '../../scripts/serve.mjs';
import { addModel, BUNDLERS, freshProject, packLibrary } from '../host/library-package.ts';
import { FULL } from '../host/tier.ts';
import { openProfile, watchErrors, type Profile } from './harness.ts';
import { PATIENCE } from './talk.ts';

let folder: string;
let tarball: string;
let profile: Profile;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'yupana-library-'));
  tarball = await packLibrary(folder);
  profile = await openProfile();
});
afterAll(async () => {
  await profile?.close();
  if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Somebody else's host, without this app's headers: the page runs until it says that it is done. */
async function onHost(dir: string, use: (page: Page, errors: string[]) => Promise<void>): Promise<void> {
  await writeFile(path.join(dir, 'headers.json'), '[]');
  await addModel(dir);
  const server = await serve({ dir, port: 0, host: 'localhost' });
  const page = await profile.context.newPage();
  const errors = watchErrors(page);
  try {
    await page.goto(server.url);
    await use(page, errors);
    expect(errors.filter((text) => !/favicon|404/.test(text))).toEqual([]);
  } catch (error) {
    throw new Error(`${String(error)}\n${errors.join('\n')}`, { cause: error });
  } finally {
    await page.close();
    await server.close();
  }
}

/** What the page's <output> says in the end. */
async function told(page: Page): Promise<{ text: string; data: Record<string, string | undefined> }> {
  const out = page.locator('output[data-done="true"]');
  await out.waitFor({ state: 'attached', timeout: PATIENCE });
  return out.evaluate((element: HTMLElement) => ({
    text: element.textContent ?? '',
    data: { ...element.dataset },
  }));
}

async function answersTwice(page: Page): Promise<void> {
  const { text, data } = await told(page);
  expect(text).toContain('Sucre');
  expect(data['again']).toBe(text);
  expect(Number(data['tokens'])).toBeGreaterThan(10);
}

/** As text: the test's own transformation would take the import for one of Node. */
const IN_A_FORM = `(async () => {
  const { createEngine } = await import('yupana');
  const engine = await createEngine('model');
  const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false };
  const answer = await engine.chat.completions.create({
    messages: [{ role: 'user', content: 'hola' }],
    response_format: { type: 'json_schema', json_schema: { schema } },
    seed: 1,
  });
  return answer.choices[0].message.content;
})()`;

describe('the packed file', () => {
  it('has nothing that publint would mend', async () => {
    const bytes = await readFile(tarball);
    const pack = { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) };
    const { messages, pkg } = await publint({ pack, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it('has types where they are looked for, as a package of ES modules alone', async () => {
    const result = await checkPackage(createPackageFromTarballData(await readFile(tarball)));
    if (!result.types) throw new Error('no types at all');
    // A package of ES modules has no entry for CommonJS, nor for the resolution of Node 10.
    const kinds = ['bundler', 'node16-esm'];
    const problems = result.problems.filter(
      (problem) => !('resolutionKind' in problem) || kinds.includes(problem.resolutionKind),
    );
    expect(problems).toEqual([]);
  });

  it('compiles in a strict program that knows nothing of this one', async () => {
    const project = path.join(folder, 'types');
    await mkdir(project);
    await freshProject(project, tarball, 'html');
    await writeFile(
      path.join(project, 'main.ts'),
      `import { createEngine, createWorkerEngine, EngineError, type ChatCompletion } from 'yupana';
import { serveEngine } from 'yupana/worker';
export const start: () => void = serveEngine;
export async function ask(spawn: () => Worker): Promise<ChatCompletion | undefined> {
  const engine = Math.random() > 0.5 ? await createEngine('./model/') : await createWorkerEngine(spawn, './model/');
  try {
    return await engine.chat.completions.create({ messages: [{ role: 'user', content: 'hola' }] });
  } catch (error) {
    if (error instanceof EngineError && error.reason === 'aborted') return undefined;
    throw error;
  }
}
`,
    );
    for (const [module, moduleResolution] of [
      ['ESNext', 'bundler'],
      ['NodeNext', 'nodenext'],
    ] as const) {
      const compilerOptions = {
        ...{ module, moduleResolution, target: 'ES2022', lib: ['ES2023', 'DOM', 'DOM.Iterable'] },
        ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, types: [], noEmit: true },
      };
      await writeFile(
        path.join(project, 'tsconfig.json'),
        JSON.stringify({ compilerOptions, files: ['main.ts'] }),
      );
      const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
      const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], {
        cwd: project,
        encoding: 'utf8',
      });
      expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    }
  });

  it('answers in a plain page with an import map, from a worker and in the page, and in a form', async () => {
    const project = path.join(folder, 'plain');
    await mkdir(project);
    await freshProject(project, tarball, 'html');
    await onHost(project, async (page) => {
      await answersTwice(page);
      const json = await page.evaluate<string>(IN_A_FORM);
      expect(Object.keys(JSON.parse(json) as object)).toEqual(['ok']);
    });
  });
});

describe.runIf(FULL).each(['vite', 'webpack', 'esbuild'] as const)('a fresh project with %s', (bundler) => {
  it('answers from a worker and in the page', async () => {
    const project = path.join(folder, bundler);
    await mkdir(project);
    await freshProject(project, tarball, 'worker');
    const out = path.join(project, 'out');
    await BUNDLERS[bundler](project, out);
    await onHost(out, answersTwice);
  });
});

// Inside this folder, so that React, Svelte, the AI SDK and LangChain are found; the library is the packed one.
describe.runIf(FULL).each(['react', 'svelte', 'ai-sdk', 'langchain'])('the example %s', (example) => {
  it('is built and answers', async () => {
    const project = await mkdtemp(path.join(root, '.cache/example-'));
    try {
      await freshProject(project, tarball, example);
      const out = path.join(project, 'out');
      await build({
        root: project,
        configFile: false,
        logLevel: 'error',
        base: './',
        plugins: [svelte({ configFile: false })],
        build: { outDir: out, target: 'es2022', reportCompressedSize: false },
      });
      await onHost(out, async (page) => {
        if (!/react|svelte/.test(example)) return answersTwice(page);
        await page.getByRole('button', { name: 'Preguntar', disabled: false }).click();
        const { text, data } = await told(page);
        expect(text).toContain('Sucre');
        expect(Number(data['tokens'])).toBeGreaterThan(10);
      });
    } finally {
      await rm(project, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});

// Several threads answer as one does, to the bit; a thread that ends is noticed.

import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { build } from 'vite';
import { beforeAll, expect, it } from 'vitest';
import { folderSource } from '../../cli/folder-source.ts';
import { createCpuEngine } from './engine.ts';
import { threadsFor, type CpuThreads } from './team.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const workers: Worker[] = [];
let script: URL;

// Node runs no TypeScript: the thread's script is bundled into a data URL.
beforeAll(async () => {
  const built = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: true,
      write: false,
      target: 'node20',
      rolldownOptions: { input: path.join(ROOT, 'src/cli/cpu-thread.ts') },
    },
  });
  const [result] = [built].flat();
  const [chunk] = result && 'output' in result ? result.output : [];
  if (chunk?.type !== 'chunk') throw new Error('no thread script');
  script = new URL(`data:text/javascript,${encodeURIComponent(chunk.code)}`);
}, 60_000);

function threads(count: number): CpuThreads {
  return {
    count,
    worth: 1,
    spawn() {
      const worker = new Worker(script);
      workers.push(worker);
      return {
        post: (message) => worker.postMessage(message),
        listen(ready, failed) {
          worker.on('message', ready);
          worker.on('error', (error) => failed(String(error)));
          worker.on('exit', () => failed('ended'));
        },
        terminate: () => void worker.terminate(),
      };
    },
  };
}

const source = folderSource(path.join(ROOT, 'public/models/semilla-q4f16_1'));

it.each([1, 2, 3])(
  '%i further threads',
  async (count) => {
    const alone = await createCpuEngine({ source, modelId: 'x', contextLength: 256 });
    const team = await createCpuEngine({ source, modelId: 'x', contextLength: 256, threads: threads(count) });
    expect(team.info.adapter.description).toContain(`${count + 1} threads`);
    const prompt = Array.from({ length: 45 }, (_, i) => (i * 37) % 4096);
    const [a, b] = [alone.createSession(), team.createSession()];
    await a.sync(prompt);
    await b.sync(prompt);
    expect(await b.logits()).toEqual(await a.logits());
    const options = { maxTokens: 10, sampler: { temperature: 2, seed: 3 } };
    expect((await b.generate(prompt, options)).tokenIds).toEqual(
      (await a.generate(prompt, options)).tokenIds,
    );
    // Another session makes the shared memory grow under the threads.
    const c = team.createSession();
    await c.sync(prompt);
    expect(await c.logits()).toEqual(await b.sync(prompt).then(() => b.logits()));
    team.dispose();
    alone.dispose();
  },
  30_000,
);

it('a small model is left to one thread', () => {
  expect(threadsFor({ ...threads(7), worth: 16 }, 15)).toBe(1);
  expect(threadsFor({ ...threads(7), worth: 16 }, 50)).toBe(4);
  expect(threadsFor({ ...threads(7), worth: 16 }, 5000)).toBe(8);
  expect(threadsFor(undefined, 5000)).toBe(1);
});

it('tells when a thread is gone', async () => {
  const engine = await createCpuEngine({ source, modelId: 'x', contextLength: 64, threads: threads(2) });
  const session = engine.createSession();
  await session.sync([1, 2, 3]);
  await workers.at(-1)?.terminate();
  expect(await engine.lost).toMatchObject({ reason: 'worker-gone' });
  await expect(session.sync([4, 5])).rejects.toMatchObject({ reason: 'worker-gone' });
  engine.dispose();
}, 30_000);

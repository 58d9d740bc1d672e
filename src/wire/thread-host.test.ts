// Threads that the page starts for a worker: one script, so many, and none that outlives who asked.

import { expect, test } from 'vitest';
import { pageThread } from '../threads/cpu-threads.ts';
import type { ThreadStart } from '../engines/cpu/team.ts';
import { hostThread, MOST_THREADS } from './thread-host.ts';

class FakeWorker {
  ended = false;
  heard: unknown[] = [];
  onmessage?: () => void;
  onerror?: (event: { message: string }) => void;
  postMessage(message: unknown): void {
    this.heard.push(message);
    this.onmessage?.();
  }
  terminate(): void {
    this.ended = true;
  }
}
const START = { index: 1 } as ThreadStart;

function rig() {
  const owner = new FakeWorker();
  const threads: FakeWorker[] = [];
  const spawn = (): Worker => {
    threads.push(new FakeWorker());
    return threads.at(-1) as unknown as Worker;
  };
  const link = () =>
    pageThread((_, [port]) => hostThread(owner as unknown as Worker, port as MessagePort, spawn));
  const begin = (thread: ReturnType<typeof link>) =>
    new Promise<string>((resolve) => {
      thread.listen(() => resolve('ready'), resolve);
      thread.post(START);
    });
  return { owner, threads, link, begin };
}

test('is started, told what to do, and ended', async () => {
  const { threads, link, begin } = rig();
  const thread = link();
  expect(await begin(thread)).toBe('ready');
  expect(threads.map(({ heard }) => heard)).toEqual([[START]]);
  thread.terminate();
  await expect.poll(() => threads[0]?.ended).toBe(true);
});

test('ends with the worker that asked, however that ends', async () => {
  const { owner, threads, link, begin } = rig();
  await Promise.all([begin(link()), begin(link())]);
  owner.terminate();
  expect(owner.ended).toBe(true);
  expect(threads.map(({ ended }) => ended)).toEqual([true, true]);
});

test('is not started for a worker that died before the page came to it', async () => {
  const { owner, threads } = rig();
  let port: MessagePort | undefined;
  const thread = pageThread((_, [given]) => (port = given as MessagePort));
  thread.listen(
    () => undefined,
    () => undefined,
  );
  thread.post(START);
  thread.terminate(); // as a worker's end closes its ports
  hostThread(owner as unknown as Worker, port!, () => {
    throw new Error('started');
  });
  await new Promise((resolve) => port!.addEventListener('close', resolve));
  expect(threads).toEqual([]);
});

test('no more than an engine takes', async () => {
  const { threads, link, begin } = rig();
  const said = await Promise.all(Array.from({ length: MOST_THREADS + 1 }, () => begin(link())));
  expect(said.filter((word) => word === 'ready').length).toBe(MOST_THREADS);
  expect(said.find((word) => word !== 'ready')).toContain(`${MOST_THREADS}`);
  expect(threads.length).toBe(MOST_THREADS);
});

test('a page that starts none is told of, not waited for', async () => {
  const thread = pageThread(() => undefined, 1);
  expect(await new Promise((resolve) => thread.listen(() => resolve('ready'), resolve))).toBe(
    'the page did not start it',
  );
  thread.terminate();
});

// A protocol of its own: client and server come from the interface alone, with no line about any of its calls.

import { beforeEach, expect, test, vi } from 'vitest';
import { pairedWorker } from '../../tests/host/worker-pair.ts';
import type { PairedWorker } from '../../tests/host/worker-pair.ts';
import { EngineError } from '../failures.ts';
import type { Job } from './calls.ts';
import { createLink } from './link.ts';
import type { Link } from './link.ts';
import { serveCalls } from './serve.ts';

interface Calls {
  double(number: number): Promise<number>;
  count(to: number, job: Job<{ onNumber: (number: number, even: boolean) => void }>): Promise<string>;
  wait(nothing: void, job: Job): Promise<never>;
}

interface News {
  weather: string;
}

const heard: unknown[] = [];
const posted: { type: string }[] = [];
let paired: PairedWorker;
let tell: (news: News) => void;
let link: Link<Calls>;
beforeEach(() => {
  vi.unstubAllGlobals();
  heard.length = 0;
  posted.length = 0;
  link = createLink<Calls, News>(
    () => {
      paired = pairedWorker((scope) => {
        const spied = {
          ...scope,
          postMessage: (message: { type: string }) => {
            posted.push(message);
            scope.postMessage(message);
          },
        };
        tell = serveCalls<Calls, News>(spied as typeof scope, {
          double: (number) => Promise.resolve(2 * number),
          async count(to, { onNumber, signal }) {
            for (let number = 1; number <= to && !signal.aborted; number++) {
              onNumber?.(number, number % 2 === 0);
              await new Promise((resolve) => setTimeout(resolve));
            }
            return onNumber ? 'heard' : 'alone';
          },
          wait: (_, { signal }) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(new EngineError('aborted', 'enough')));
            }),
        });
      });
      return paired.worker;
    },
    { onNews: (news) => heard.push(news), onGone: ({ reason }) => heard.push(reason) },
  );
});

const refused = (work: Promise<unknown>): Promise<EngineError> =>
  work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => error as EngineError,
  );

test('input crosses, the result comes back, reports come meanwhile and in order', async () => {
  expect(await link.calls.double(21)).toBe(42);
  const seen: unknown[] = [];
  expect(await link.calls.count(3, { onNumber: (...all) => seen.push(all) })).toBe('heard');
  expect(seen).toEqual([
    [1, false],
    [2, true],
    [3, false],
  ]);
});

test('what nobody listens to is not posted', async () => {
  for (const job of [undefined, {}, { onNumber: undefined }]) {
    expect(await link.calls.count(3, job)).toBe('alone');
  }
  expect(posted.map(({ type }) => type)).not.toContain('report');
});

test('an abort reaches the call, and nothing is reported after it', async () => {
  const control = new AbortController();
  const seen: number[] = [];
  const onNumber = (number: number): void => {
    seen.push(number);
    control.abort();
  };
  await link.calls.count(50, { signal: control.signal, onNumber });
  expect(seen).toEqual([1]);
  const later = new AbortController();
  const waiting = refused(link.calls.wait(undefined, { signal: later.signal }));
  later.abort();
  expect((await waiting).reason).toBe('aborted');
  expect((await refused(link.calls.wait(undefined, { signal: later.signal }))).reason).toBe('aborted');
});

test('news, death, and a call that no one has', async () => {
  await link.calls.double(1);
  tell({ weather: 'rain' });
  await link.calls.double(1);
  expect(heard).toEqual([{ weather: 'rain' }]);
  for (const name of ['triple', 'toString', 'constructor']) {
    expect(await refused(link.call(name, 1))).toMatchObject({ reason: 'internal' });
  }
  const waiting = refused(link.calls.wait());
  paired.crash('error', 'out of memory');
  expect((await waiting).reason).toBe('worker-gone');
  expect(heard.at(-1)).toBe('worker-gone');
  expect(await link.calls.double(4)).toBe(8);
});

test('what cannot be posted rejects, and the line goes on', async () => {
  const error = await refused(link.call('double', () => 1));
  expect(error).toMatchObject({ reason: 'internal' });
  expect(error.message).toContain('double');
  expect(await link.calls.double(2)).toBe(4);
});

test('a client is no promise: it can be awaited', async () => {
  expect(await Promise.resolve(link.calls)).toBe(link.calls);
  expect(() => ({ ...link.calls })).toThrow('cannot be spread');
});

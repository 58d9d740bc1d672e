import { expect, test, vi } from 'vitest';
import { EngineError } from '../failures.ts';
import { HOST, type Host } from './host.ts';
import { lookUp } from './look.ts';

const hostThat = (fetch: Host['fetch'], waits: number[] = []): Host => ({
  ...HOST,
  fetch,
  wait: (ms) => {
    waits.push(ms);
    return Promise.resolve();
  },
});
const failure = async (work: Promise<unknown>): Promise<EngineError> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof EngineError)) throw new Error(`not refused as expected: ${String(error)}`);
  return error;
};

test('a host that refuses every line is asked three times, said as it goes, then named', async () => {
  const fetch = vi.fn(() => Promise.reject(new TypeError('Failed to fetch')));
  const tries: unknown[] = [];
  const waits: number[] = [];
  const error = await failure(
    lookUp(hostThat(fetch, waits), 'cuenta/modelo', { onTry: (tried) => tries.push(tried) }),
  );
  expect(error.reason).toBe('host-silent');
  expect(error.details).toEqual({ host: 'huggingface.co', tries: 3 });
  expect(tries).toEqual([
    { attempt: 2, attempts: 3, host: 'huggingface.co' },
    { attempt: 3, attempts: 3, host: 'huggingface.co' },
  ]);
  expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(3000);
  expect(fetch).toHaveBeenCalledTimes(5); // once for the listing, which is optional, and once whether it answers where nobody may look
});

test('a host that is silent is left in time: no try begins that could end after ten seconds', async () => {
  let time = 0;
  const silent: Host['fetch'] = (_url, { signal }) =>
    new Promise((_, reject) => {
      signal?.addEventListener('abort', () => {
        time += 4500;
        reject(new TypeError('aborted'));
      });
    });
  const fetch = vi.fn(silent);
  const patience = { attempts: 3, idleMs: 5, silenceMs: 10_000 };
  const error = await failure(
    lookUp(hostThat(fetch), 'https://escuela.example/modelo/', {
      // The clock of the test: five real milliseconds stand for four and a half seconds.
      patience: { ...patience, silenceMs: 9_004 },
      now: () => time,
    }),
  );
  expect(error.reason).toBe('host-silent');
  expect(error.details).toEqual({ host: 'escuela.example', tries: 2 });
  expect(fetch).toHaveBeenCalledTimes(2);
});

test('a host that answers, but lets no page read it, is said to be that', async () => {
  const fetch = vi.fn((_url: string, { mode }: RequestInit) =>
    mode === 'no-cors' ? Promise.resolve(new Response()) : Promise.reject(new TypeError('Failed to fetch')),
  );
  const error = await failure(lookUp(hostThat(fetch), 'https://escuela.example/modelo/'));
  expect(error.reason).toBe('host-unreadable');
  expect(error.details).toEqual({ host: 'escuela.example' });
});

test('what a host does answer is told as ever, and an abort is an abort', async () => {
  const fetch = () => Promise.resolve(new Response('', { status: 404 }));
  expect((await failure(lookUp(hostThat(fetch), 'cuenta/modelo'))).reason).not.toMatch(/^host-/);
  const control = new AbortController();
  control.abort();
  const aborted = lookUp(hostThat(fetch), 'cuenta/modelo', { signal: control.signal });
  expect((await failure(aborted)).reason).toBe('aborted');
});

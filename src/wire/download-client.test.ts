// Client, link and server of the download together, over a downloader that does what it is told to.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pairedWorker } from '../../tests/host/worker-pair.ts';
import type { PairedWorker } from '../../tests/host/worker-pair.ts';
import { EngineError } from '../failures.ts';
import { createDownloadClient } from './download-client.ts';
import type { DownloadClient } from './download-client.ts';
import type {
  DownloadCalls,
  DownloadJob,
  DownloadProgress,
  FoundModel,
  ModelSource,
  ModelStatus,
} from './download-protocol.ts';
import { serveDownloads } from '../threads/download-server.ts';

const SOURCE: ModelSource = { id: 'm', base: 'models/m/' };
const statusOf = (state: ModelStatus['state']): ModelStatus => ({
  modelId: 'm',
  check: 'sha256',
  state,
  committedBytes: 0,
  totalBytes: 9,
  files: [],
});

let calls: string[];
let download: (source: ModelSource, job: DownloadJob) => Promise<ModelStatus>;
let page: DownloadClient;
let paired: PairedWorker;
beforeEach(() => {
  vi.stubGlobal('location', { href: 'https://yupana.example/app/?x#y' });
  calls = [];
  download = () => Promise.resolve(statusOf('ready'));
  const say = (what: string, state: ModelStatus['state']) => (): Promise<ModelStatus> => {
    calls.push(what);
    return Promise.resolve(statusOf(state));
  };
  const downloader: DownloadCalls = {
    download: (source, job) => download(source, job),
    repair: say('repair', 'ready'),
    verify: say('verify', 'corrupt'),
    heard: () => Promise.resolve(),
    addressesOf: (address) => Promise.resolve([address]),
    status: say('status', 'partial'),
    delete: say('remove', 'absent'),
    inspectLocal: () => Promise.reject(new Error('not asked')),
    importLocal: () => Promise.reject(new Error('not asked')),
    exportPack: () => Promise.reject(new Error('not asked')),
    exportFiles: () => Promise.reject(new Error('not asked')),
    mirror: () => Promise.resolve(0),
    look: (address) => {
      calls.push(`look ${address}`);
      return Promise.resolve({ name: address } as FoundModel);
    },
    limit: (speed) => {
      calls.push(`limit ${speed}`);
      return Promise.resolve();
    },
    token: ({ origin, token }) => {
      calls.push(`token ${origin} ${token}`);
      return Promise.resolve();
    },
  };
  page = createDownloadClient(
    () => (paired = pairedWorker((scope) => serveDownloads(scope, downloader))).worker,
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** Works until it is stopped, then takes a moment to end, as a commit does. */
const endless = async (_: ModelSource, { signal }: DownloadJob): Promise<ModelStatus> => {
  calls.push('begin');
  while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => setTimeout(resolve, 5));
  calls.push('end');
  throw new EngineError('aborted', 'stopped');
};

const refused = (work: Promise<unknown>): Promise<EngineError> =>
  work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => error as EngineError,
  );

test('a relative source is resolved against the page, and progress comes through', async () => {
  const progress: DownloadProgress = { committedBytes: 3, totalBytes: 9, file: 'a', phase: 'download' };
  download = ({ base }, { onProgress }) => {
    expect(base).toBe('https://yupana.example/app/models/m/');
    onProgress?.(progress);
    return Promise.resolve(statusOf('ready'));
  };
  const seen: DownloadProgress[] = [];
  expect((await page.download(SOURCE, { onProgress: (now) => seen.push(now) })).state).toBe('ready');
  expect(seen).toEqual([progress]);
});

test('each request goes where it belongs', async () => {
  expect((await page.status('m')).state).toBe('partial');
  expect((await page.verify('m')).state).toBe('corrupt');
  expect((await page.repair(SOURCE)).state).toBe('ready');
  expect((await page.delete('m')).state).toBe('absent');
  expect(calls).toEqual(['status', 'verify', 'repair', 'remove']);
});

test('stopping waits for the commit under way; a second job meanwhile is refused', async () => {
  download = endless;
  const control = new AbortController();
  const running = refused(page.download(SOURCE, { signal: control.signal }));
  expect((await refused(page.verify('m'))).reason).toBe('download-busy');
  expect((await page.status('m')).state).toBe('partial');
  control.abort();
  expect((await running).reason).toBe('aborted');
  expect(calls).toEqual(['begin', 'status', 'end']);
  await page.verify('m');
});

test('deleting stops a download first, and only then removes', async () => {
  download = endless;
  const running = refused(page.download(SOURCE));
  await page.status('m');
  expect((await page.delete('m')).state).toBe('absent');
  expect((await running).reason).toBe('aborted');
  expect(calls).toEqual(['begin', 'status', 'end', 'remove']);
});

test('a look at an address, a limit and a token go through; a later worker is told both again', async () => {
  expect((await page.look('o/n')).name).toBe('o/n');
  await page.limit(50_000);
  await page.token({ origin: 'https://hub.example', token: 'hf_x' });
  expect(calls).toEqual(['look o/n', 'limit 50000', 'token https://hub.example hf_x']);
  const died = refused(page.status('m'));
  paired.crash('error', 'out of memory');
  expect((await died).reason).toBe('worker-gone');
  calls = [];
  await page.status('m');
  expect(calls).toEqual(['limit 50000', 'token https://hub.example hf_x', 'status']);
  await page.token({ origin: 'https://hub.example', token: null });
  await page.limit(null);
  expect(calls.slice(3)).toEqual(['token https://hub.example null', 'limit null']);
});

test('mirrors too are resolved against the page', async () => {
  download = (source) => {
    expect(source).toMatchObject({
      mirrors: ['https://a.example/m/'],
      roots: ['https://yupana.example/espejo/'],
    });
    return Promise.resolve(statusOf('ready'));
  };
  await page.download({ ...SOURCE, mirrors: ['https://a.example/m/'], roots: ['/espejo/'] });
});

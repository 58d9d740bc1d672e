// How an engine starts: shared downloads, whose model an address is, hosts that are silent, calls that are stopped.

import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startModelHost, type ModelHost } from '../../tests/host/model-host.ts';
import { webLocks } from '../../tests/host/web-locks.ts';
import { pairedWorker } from '../../tests/host/worker-pair.ts';
import type { EngineError } from '../failures.ts';
import { createEngine, createWorkerEngine, deleteModel, inPageEngine, listModels } from './yupana.ts';
import { serveWorker } from './serve-worker.ts';
import type { YupanaEngine } from './types.ts';

const SEMILLA = path.resolve(import.meta.dirname, '../../public/models/semilla-q4f16_1');
const files = (folder: string): Record<string, Uint8Array> =>
  Object.fromEntries(
    readdirSync(SEMILLA).map((name) => [
      `${folder}/${name}`,
      new Uint8Array(readFileSync(path.join(SEMILLA, name))),
    ]),
  );
vi.setConfig({ testTimeout: 60_000 });

let host: ModelHost;
const opened: YupanaEngine[] = [];
const keep = (engine: YupanaEngine): YupanaEngine => (opened.push(engine), engine);
beforeEach(async () => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('navigator', { locks: webLocks() });
  vi.stubGlobal('location', new URL('file:///app/'));
  host = await startModelHost(files('ours/semilla'));
});
afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.unload();
  await host.close();
  vi.unstubAllGlobals();
});
const refused = (work: Promise<unknown>): Promise<EngineError> =>
  work.then(
    () => {
      throw new Error('not refused');
    },
    (error: unknown) => error as EngineError,
  );
const CPU = { device: 'cpu' as const };
const SMALL = { context_window_size: 64 };
const spawn = (): Worker => pairedWorker((scope) => serveWorker(scope)).worker;
const shardRequests = (): number => host.requests.filter(({ path }) => path.endsWith('.bin')).length;

test('two callers at the first download share it, in workers of their own', async () => {
  host.options.bytesPerSecond = 4_000_000;
  const url = `${host.url}ours/semilla/`;
  const seen: number[][] = [[], [], []];
  const config = (index: number) => ({
    ...CPU,
    initProgressCallback: ({ progress }: { progress: number }) => void seen[index]?.push(progress),
  });
  const engines = await Promise.all([
    createEngine(url, config(0), SMALL),
    createEngine(url, config(1), SMALL),
    createWorkerEngine(spawn, url, config(2), SMALL),
  ]);
  engines.forEach(keep);
  const ranges = host.requests.filter(({ path, status }) => path.endsWith('.bin') && status < 400);
  const sent = ranges.reduce((sum, request) => sum + request.sent, 0);
  const shards = Object.entries(files('m')).filter(([name]) => name.endsWith('.bin'));
  expect(sent).toBe(shards.reduce((sum, [, bytes]) => sum + bytes.length, 0));
  for (const told of seen) {
    expect(told).toEqual(told.toSorted((a, b) => a - b)); // it never falls
    expect(told.at(-1)).toBe(1);
    expect(told.filter((value) => value === 1).length).toBe(1);
  }
});

test('where the first caller gives up, the second goes on', async () => {
  host.options.bytesPerSecond = 2_000_000;
  const url = `${host.url}ours/semilla/`;
  const control = new AbortController();
  const first = refused(createEngine(url, CPU, { ...SMALL, signal: control.signal }));
  const begun = vi.fn(() => control.abort());
  const config = {
    ...CPU,
    initProgressCallback: ({ text }: { text: string }) => {
      if (/^Downloading .*: [1-9]/.test(text)) begun();
    },
  };
  keep(await createEngine(url, config, SMALL));
  expect(begun).toHaveBeenCalled();
  expect((await first).reason).toBe('aborted');
});

test("an address never resolves with another publisher's model of the same name", async () => {
  keep(await createEngine(`${host.url}ours/semilla/`, CPU, SMALL));
  expect((await refused(createEngine(`${host.url}nobody/semilla/`, CPU))).reason).toBe('not-a-model');
  // The same name, other content.
  for (const [name, bytes] of Object.entries(files('theirs/semilla'))) host.put(name, bytes);
  host.remove('theirs/semilla/manifest.json');
  const config = JSON.parse(new TextDecoder().decode(files('m')['m/mlc-chat-config.json'])) as object;
  host.put(
    'theirs/semilla/mlc-chat-config.json',
    new TextEncoder().encode(JSON.stringify({ ...config, temperature: 0.5 })),
  );
  keep(await createEngine(`${host.url}theirs/semilla/`, CPU, SMALL));
  const models = await listModels();
  expect(models.map(({ url }) => url)).toEqual([`${host.url}ours/semilla/`, `${host.url}theirs/semilla/`]);
  expect(models[0]?.id).toBe('semilla');
  expect(models[1]?.id).toMatch(/^semilla-[0-9a-f]{8}$/);
  // An id of one's own that is taken is refused, and nothing is written over.
  const taken = await refused(createEngine({ url: `${host.url}theirs/semilla/`, id: 'semilla' }, CPU));
  expect(taken).toMatchObject({ reason: 'option-invalid', details: { option: 'id' } });
});

test('the same content at another address is not downloaded again, and both open without a line', async () => {
  keep(await createEngine(`${host.url}ours/semilla/`, CPU, SMALL));
  for (const [name, bytes] of Object.entries(files('copy/other-name'))) host.put(name, bytes);
  const before = shardRequests();
  keep(await createEngine(`${host.url}copy/other-name/`, CPU, SMALL));
  expect(shardRequests()).toBe(before);
  expect((await listModels()).map(({ id, state }) => [id, state])).toEqual([['semilla', 'ready']]);
  const asked = host.requests.length;
  keep(await createEngine(`${host.url}copy/other-name/`, CPU, SMALL));
  keep(await createEngine('semilla', CPU, SMALL));
  expect(host.requests.length).toBe(asked);
});

test('a stored model is listed with its size, and deleted', async () => {
  keep(await createEngine(`${host.url}ours/semilla/`, CPU, SMALL));
  const [model] = await listModels();
  expect(model).toMatchObject({ id: 'semilla', state: 'ready', url: `${host.url}ours/semilla/` });
  expect(model?.bytes).toBe(model?.totalBytes);
  expect(model?.bytes).toBeGreaterThan(1_000_000);
  await deleteModel('semilla');
  expect(await listModels()).toEqual([]);
  expect((await refused(createEngine('semilla', CPU))).reason).toBe('model-not-stored');
  expect((await refused(deleteModel('semilla'))).reason).toBe('model-not-stored');
});

test.each(['page', 'worker'])('a dead host is named within seconds, in %s form', async (form) => {
  await host.close();
  const make = (url: string): Promise<YupanaEngine> =>
    form === 'page' ? createEngine(url, CPU) : createWorkerEngine(spawn, url, CPU);
  const error = await refused(make(`${host.url}ours/semilla/`));
  expect(error).toMatchObject({ reason: 'host-silent', details: { host: new URL(host.url).host } });
  for (const address of ['ftp://example.org/m/', 'javascript:alert(1)', 'C:\\models', 'http://']) {
    const wrong = await refused(make(address));
    expect(wrong.reason).toBe('address-invalid');
    expect(wrong.message).toContain(address);
  }
});

test.each(['page', 'worker'])('a load is stopped by its signal and by unload, in %s form', async (form) => {
  host.options.fault = ({ path }) => (path.endsWith('.bin') ? { kind: 'stall', after: 1000 } : undefined);
  const url = `${host.url}ours/semilla/`;
  const control = new AbortController();
  const stop = (): void => control.abort(new Error('the caller went away'));
  const config = {
    ...CPU,
    initProgressCallback: ({ text }: { text: string }) => {
      if (text.includes('.bin')) stop();
    },
  };
  const options = { ...SMALL, signal: control.signal };
  const load =
    form === 'page' ? createEngine(url, config, options) : createWorkerEngine(spawn, url, config, options);
  expect((await refused(load)).reason).toBe('aborted');
  // What was stopped before it began, as well.
  expect((await refused(createEngine(url, CPU, { signal: AbortSignal.abort() }))).reason).toBe('aborted');
  // By unload; what waits behind it does not wait for ever.
  const engine = keep(inPageEngine(CPU));
  const loading = refused(engine.reload(url));
  const queued = refused(engine.chat.completions.create({ messages: [{ role: 'user', content: 'x' }] }));
  await engine.unload();
  expect((await loading).reason).toBe('aborted');
  expect((await queued).reason).toBe('aborted');
});

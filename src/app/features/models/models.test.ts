import { describe, expect, it } from 'vitest';
import { type EngineInfo } from '../../../engine.ts';
import { EngineError } from '../../../failures.ts';
import type { DownloadClient } from '../../../wire/download-client.ts';
import type { ModelStatus } from '../../../wire/download-protocol.ts';
import type { EngineClient, LoadOptions } from '../../../wire/engine-client.ts';
import type { CatalogModel } from './catalog.ts';
import { createPace, Models } from './models.svelte.ts';

const model: CatalogModel = {
  id: 'semilla',
  name: 'Semilla',
  about: { es: '', pt: '', en: '' },
  bytes: 100,
  bytesOnDisk: 100,
  bytesAbout: false,
  memory: { context: 2048, bytes: 100, bytesPerToken: 1 },
  parameters: 1,
  contextWindow: 2048,
  languages: ['es'],
  license: 'Apache-2.0',
  card: 'semilla.md',
  official: false,
  builtWithLlama: false,
  demonstration: true,
  available: true,
  source: { id: 'semilla', base: 'models/semilla/' },
};
const status = (state: ModelStatus['state'], committedBytes: number): ModelStatus => ({
  modelId: 'semilla',
  check: 'sha256',
  state,
  committedBytes,
  totalBytes: 100,
  files: [],
});
const info = { modelId: 'semilla', contextLength: 2048 } as EngineInfo;

interface Held<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
}

/** A promise in the hands of the test. */
function held<T>(): Held<T> {
  let settle: Omit<Held<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  if (!settle) throw new Error('a promise runs its executor at once');
  return { promise, ...settle };
}

function setup(remembered: string | null = null) {
  const download = held<ModelStatus>();
  const loads: { id: string; options: LoadOptions; answer: Held<EngineInfo> }[] = [];
  const told: (number | undefined)[] = [];
  let stored = status('absent', 0);
  let options: NonNullable<Parameters<DownloadClient['download']>[1]> = {};
  let lost: (error: EngineError) => void = () => undefined;
  const downloads: DownloadClient = {
    download: (source, given = {}) => {
      told.push(source.told);
      options = given;
      given.signal?.addEventListener('abort', () => download.reject(new EngineError('aborted', '')));
      return download.promise;
    },
    repair: () => Promise.reject(new Error('not asked')),
    verify: () => Promise.resolve(stored),
    status: () => Promise.resolve(stored),
    delete: () => Promise.resolve(status('absent', 0)),
    look: () => Promise.reject(new Error('not asked')),
    mirror: () => Promise.reject(new Error('not asked')),
    inspectLocal: () => Promise.reject(new Error('not asked')),
    importLocal: () => Promise.reject(new Error('not asked')),
    exportPack: () => Promise.reject(new Error('not asked')),
    exportFiles: () => Promise.reject(new Error('not asked')),
    limit: () => Promise.resolve(),
    token: () => Promise.resolve(),
    confirm: () => undefined,
    addressesOf: () => Promise.resolve([]),
    dispose: () => undefined,
  };
  const engine = {
    load: (id: string, given: LoadOptions = {}) => {
      const answer = held<EngineInfo>();
      loads.push({ id, options: given, answer });
      return answer.promise;
    },
    unload: () => Promise.resolve(),
    onLost: (callback: typeof lost) => {
      lost = callback;
      return () => undefined;
    },
  } as EngineClient;
  const models = new Models(
    [model, { ...model, id: 'segundo' }],
    { engine, download: downloads },
    () => ({ contextLength: 512, cacheBits: 8 }),
    () => remembered,
  );
  return {
    models,
    entry: models.entries[0]!,
    download,
    loads,
    told,
    progress: (bytes: number) =>
      options.onProgress?.({ committedBytes: bytes, totalBytes: 100, file: 'a', phase: 'download' }),
    store: (next: ModelStatus) => (stored = next),
    lose: (error: EngineError) => lost(error),
  };
}

describe('a download', () => {
  it('counts committed bytes and ends ready', async () => {
    const { models, entry, download, progress } = setup();
    await models.refresh();
    expect(models.known).toBe(true);
    expect(entry.fraction).toBe(0);
    const task = entry.start('download');
    expect(models.busy).toBe(true);
    progress(43);
    expect(entry.fraction).toBe(0.43);
    expect(entry.ready).toBe(false);
    download.resolve(status('ready', 100));
    expect(await task).toBe(true);
    expect(entry.ready).toBe(true);
    expect(models.busy).toBe(false);
  });

  it('is cancelled without an error and keeps what is stored', async () => {
    const { entry, progress, store } = setup();
    const task = entry.start('download');
    progress(60);
    store(status('partial', 60));
    entry.stop();
    expect(await task).toBe(false);
    expect(entry.error).toBeNull();
    expect(entry.task).toBeNull();
    expect(entry.fraction).toBe(0.6);
  });

  it('keeps the reason it failed for', async () => {
    const { entry, download } = setup();
    const task = entry.start('download');
    download.reject(new EngineError('captive-portal', 'html', { file: 'config.json' }));
    expect(await task).toBe(false);
    expect(entry.error?.reason).toBe('captive-portal');
  });

  it('says what was told of its size, and what was agreed to beyond that', async () => {
    const { entry, download, told } = setup();
    download.resolve(status('partial', 0));
    await entry.start('download');
    await entry.agree(300);
    await entry.start('download');
    expect(told).toEqual([100, 300, 300]);
  });

  it('runs once', async () => {
    const { entry, download } = setup();
    const first = entry.start('download');
    expect(await entry.start('verify')).toBe(false);
    download.resolve(status('ready', 100));
    expect(await first).toBe(true);
  });
});

describe('the chosen model', () => {
  it('is the one of an earlier session while it is stored', async () => {
    const { models, store } = setup('segundo');
    await models.refresh();
    expect(models.chosen).toBe(models.entries[0]); // nothing is stored
    store(status('ready', 100));
    await models.refresh();
    expect(models.chosen?.model.id).toBe('segundo');
    models.choose(models.entries[0]!.model.id);
    expect(models.chosen).toBe(models.entries[0]);
  });

  it('is the first one stored where nothing was chosen', async () => {
    const { models, store } = setup();
    store(status('ready', 100));
    await models.refresh();
    expect(models.chosen).toBe(models.entries[0]);
  });
});

describe('a context smaller than what was wished', () => {
  const cut = { wished: 8192, why: 'out-of-memory' } as const;

  it('is news until it is understood, and again with the next load', async () => {
    const { models, loads } = setup();
    const load = async (info: Partial<EngineInfo>): Promise<void> => {
      const ready = models.ensure();
      loads.at(-1)!.answer.resolve(info as EngineInfo);
      await ready;
    };
    await load({ ...info, contextLength: 2048, contextCut: cut });
    expect(models.contextCut).toEqual({ ...cut, now: 2048 });
    expect(models.cutIsNews).toBe(true);
    models.understandCut();
    expect(models.cutIsNews).toBe(false);
    // Still true, and said where the setting is.
    expect(models.contextCut).not.toBeNull();
    await models.unload();
    expect([models.contextCut, models.cutIsNews]).toEqual([null, false]);
    await load({ ...info, contextLength: 1024, contextCut: cut });
    expect(models.cutIsNews).toBe(true);
    // The wish was asked for each time: a cut is not kept as a setting.
    expect(loads.map(({ options }) => options.contextLength)).toEqual([512, 512]);
    await models.unload();
    await load(info);
    expect([models.contextCut, models.cutIsNews]).toEqual([null, false]);
  });
});

describe('the engine', () => {
  it('is loaded once for all who ask, with the chosen context and numbers', async () => {
    const { models, loads } = setup();
    const both = Promise.all([models.ensure(), models.ensure()]);
    expect(models.engine).toMatchObject({ kind: 'loading', modelId: 'semilla' });
    expect(loads).toHaveLength(1);
    expect(loads[0]!.options).toMatchObject({ contextLength: 512, cacheBits: 8 });
    loads[0]!.options.onProgress?.('weights', 50, 100);
    expect(models.engine).toMatchObject({ phase: 'weights', done: 50, total: 100 });
    loads[0]!.answer.resolve(info);
    expect(await both).toEqual([true, true]);
    expect(models.engine.kind).toBe('ready');
    expect(await models.ensure()).toBe(true);
    expect(loads).toHaveLength(1);
  });

  it('says that another tab has it, and takes it over when asked', async () => {
    const { models, loads } = setup();
    const first = models.ensure();
    loads[0]!.answer.reject(new EngineError('engine-busy', ''));
    expect(await first).toBe(false);
    expect(models.engine).toMatchObject({ kind: 'failed', error: { reason: 'engine-busy' } });
    const second = models.ensure({ takeOver: true });
    expect(loads[1]!.options.takeOver).toBe(true);
    loads[1]!.answer.resolve(info);
    expect(await second).toBe(true);
  });

  it('drops what a superseded load says', async () => {
    const { models, loads } = setup();
    const first = models.ensure();
    await models.unload();
    loads[0]!.answer.resolve(info);
    expect(await first).toBe(false);
    expect(models.engine.kind).toBe('none');
  });

  it('fails when the device is lost, and loads again', async () => {
    const { models, loads, lose } = setup();
    const first = models.ensure();
    loads[0]!.answer.resolve(info);
    await first;
    lose(new EngineError('device-lost', ''));
    expect(models.engine).toMatchObject({ kind: 'failed', error: { reason: 'device-lost' } });
    const again = models.ensure();
    loads[1]!.answer.resolve(info);
    expect(await again).toBe(true);
  });

  it.each([
    ['model-not-stored', 'none'],
    ['device-lost', 'failed'],
  ] as const)('that failed by %s is %s once the files are whole', async (reason, kind) => {
    const { models, entry, loads, download } = setup();
    const first = models.ensure();
    loads[0]!.answer.reject(new EngineError(reason, ''));
    expect(await first).toBe(false);
    const task = entry.start('download');
    download.resolve(status('ready', 100));
    expect(await task).toBe(true);
    expect(models.engine.kind).toBe(kind);
  });
});

it('tells the time left by the bytes of this task', () => {
  const pace = createPace();
  const at = (committedBytes: number, now: number) =>
    pace({ committedBytes, totalBytes: 1000, file: 'a', phase: 'download' }, now);
  expect(at(400, 0)).toBeNull(); // resumed: these bytes are not of this task
  expect(at(450, 1000)).toBeNull();
  expect(at(500, 2000)).toBe(10);
});

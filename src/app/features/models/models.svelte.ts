// The library and the engine: what is stored, what is being downloaded, what is loaded.
//
//   entry:   absent -> (download) -> partial -> ready | corrupt        one task at a time: download, verify, repair, delete
//   engine:  none -> loading -> ready -> failed (lost, taken, refused) -> loading ...

import type { ContextCut, EngineInfo, TuneReport } from '../../../engine.ts';
import type { EngineError } from '../../../failures.ts';
import type { Settings } from '../../../storage/settings.ts';
import type { DownloadClient } from '../../../wire/download-client.ts';
import type { DownloadProgress } from '../../../wire/download-protocol.ts';
import type { ModelStatus } from '../../../wire/download-protocol.ts';
import type { EngineClient, EngineKind } from '../../../wire/engine-client.ts';
import type { LoadPhase } from '../../../wire/engine-protocol.ts';
import type { CatalogModel } from './catalog.ts';
import { asEngineError, liesInFiles } from '../../kit/faults.ts';
import { createLoadProgress } from './load-progress.ts';
import type { Stored } from '../../text/texts.ts';

/** What the model's own source and store do. */
export type OwnTask = 'download' | 'verify' | 'repair' | 'delete';
/** `import` and `export` carry it by hand. */
export type TaskKind = OwnTask | 'import' | 'export';
type TaskOptions = NonNullable<Parameters<DownloadClient['verify']>[1]>;

export interface Task {
  kind: TaskKind;
  progress: DownloadProgress | null;
  /** Of the bytes committed by this task; null until something can be said. */
  secondsLeft: number | null;
  /** Bytes a second, likewise. */
  speed?: number | null;
}

export type EngineState =
  | { kind: 'none' }
  /** `fraction`: of both phases together; it never falls. */
  | { kind: 'loading'; modelId: string; phase: LoadPhase; done: number; total: number; fraction: number }
  | { kind: 'ready'; modelId: string; info: EngineInfo }
  | { kind: 'failed'; modelId: string; error: EngineError };

export class ModelEntry {
  readonly model: CatalogModel;
  status = $state.raw<ModelStatus | null>(null);
  task = $state.raw<Task | null>(null);
  error = $state.raw<EngineError | null>(null);
  readonly ready = $derived.by(() => this.status?.state === 'ready');
  /** What its failures may advise: only what a host can give again is to be repaired. */
  readonly stored: Stored = $derived.by(() => {
    const state = this.status?.state ?? 'absent';
    if (state === 'absent' || state === 'partial') return 'none';
    return state === 'corrupt' && !this.model.own ? 'damaged' : 'whole';
  });
  /** Share of bytes committed, by the task's own count while there is one. */
  readonly fraction = $derived.by(() => {
    const { committedBytes, totalBytes } = this.task?.progress ??
      this.status ?? { committedBytes: 0, totalBytes: 0 };
    return totalBytes > 0 ? committedBytes / totalBytes : 0;
  });
  private readonly client: DownloadClient;
  private abort: AbortController | null = null;
  private runs = 0;
  private library: string | null = null;
  /** Bytes of a download that were agreed to beyond what the card says. */
  private agreed: number | null = null;
  private readonly onWhole: (id: string) => void;
  private readonly onSpeed: (bytesPerSecond: number) => void;

  /**
   * @param onWhole a task ended with all of the model stored and right
   * @param onSpeed what a download finds its line to bring, in bytes a second
   */
  constructor(
    model: CatalogModel,
    client: DownloadClient,
    onWhole: (id: string) => void,
    onSpeed: (bytesPerSecond: number) => void = () => undefined,
  ) {
    this.model = model;
    this.client = client;
    this.onWhole = onWhole;
    this.onSpeed = onSpeed;
  }

  async refresh(): Promise<void> {
    const run = this.runs;
    try {
      const status = await this.client.status(this.model.id);
      if (run === this.runs) this.status = status;
    } catch (error) {
      if (run === this.runs) this.error = asEngineError(error);
    }
  }

  /** @returns whether the task ended well; what went wrong is in `error` */
  start(kind: OwnTask): Promise<boolean> {
    return this.run(kind, (options) => this.perform(kind, options));
  }

  /** `start` for work that is not the model's own. @param work resolves with what is stored then */
  async run(kind: TaskKind, work: (options: TaskOptions) => Promise<ModelStatus>): Promise<boolean> {
    if (this.task) return false;
    const run = ++this.runs;
    const abort = new AbortController();
    this.abort = abort;
    this.error = null;
    this.task = { kind, progress: null, secondsLeft: null };
    const pace = createPace();
    const options = {
      signal: abort.signal,
      onProgress: (progress: DownloadProgress) => {
        if (run === this.runs && this.task) {
          const secondsLeft = pace(progress, performance.now());
          const left = progress.totalBytes - progress.committedBytes;
          const speed = secondsLeft === null || secondsLeft === 0 ? null : left / secondsLeft;
          this.task = { kind, progress, secondsLeft, speed };
          if (speed !== null && kind === 'download') this.onSpeed(speed);
        }
      },
    };
    try {
      const status = await work(options);
      if (run !== this.runs) return false;
      this.status = status;
      if (status.state === 'ready') this.onWhole(this.model.id);
      return true;
    } catch (thrown) {
      const error = asEngineError(thrown);
      if (run === this.runs && error.reason !== 'aborted') this.error = error;
      return false;
    } finally {
      if (run === this.runs) {
        this.task = null;
        this.abort = null;
        if (this.error || abort.signal.aborted) await this.refresh();
      }
    }
  }

  /** Downloads the compiled library at `address` into the model's files, beside what is there. */
  addLibrary(address: string): Promise<boolean> {
    this.library = address;
    return this.start('download');
  }

  /** Downloads though the source lists `bytes`, more than the card says. */
  agree(bytes: number): Promise<boolean> {
    this.agreed = bytes;
    return this.start('download');
  }

  /** Ends the task; committed bytes stay. */
  stop(): void {
    this.abort?.abort();
  }

  private perform(kind: OwnTask, options: TaskOptions): Promise<ModelStatus> {
    const { id } = this.model;
    const source = {
      ...this.model.source,
      told: this.agreed ?? this.model.bytes,
      ...(this.library !== null && { library: this.library }),
    };
    switch (kind) {
      case 'download':
        return this.client.download(source, options);
      case 'repair':
        return this.client.repair(source, options);
      case 'verify':
        return this.client.verify(id, options);
      case 'delete':
        return this.client.delete(id);
    }
  }
}

/** Seconds left by the mean speed of this task's own bytes: steadier than the last chunk's. */
export function createPace(): (progress: DownloadProgress, now: number) => number | null {
  let start: { bytes: number; at: number } | null = null;
  return ({ committedBytes, totalBytes, phase }, now) => {
    if (phase === 'plan' || phase === 'verify') return null;
    start ??= { bytes: committedBytes, at: now };
    const seconds = (now - start.at) / 1000;
    const bytes = committedBytes - start.bytes;
    return seconds >= 2 && bytes > 0 ? ((totalBytes - committedBytes) * seconds) / bytes : null;
  };
}

/** What a person set of the memory that a loaded model takes. */
export type LoadWishes = Pick<Settings, 'contextLength' | 'cacheBits'>;

export class Models {
  entries = $state.raw<readonly ModelEntry[]>([]);
  engine = $state.raw<EngineState>({ kind: 'none' });
  /** True once every entry's status is known (or its reading failed). */
  known = $state.raw(false);
  private chosenId = $state.raw<string | null>(null);
  readonly chosen: ModelEntry | null = $derived.by(
    () =>
      this.entries.find(({ model }) => model.id === this.chosenId) ??
      this.entries.find(({ model, ready }) => ready && model.id === this.remembered()) ??
      this.entries.find(({ ready }) => ready) ??
      this.entries[0] ??
      null,
  );
  /** Said until it is understood: the loaded context is smaller than what was wished. */
  readonly contextCut: (ContextCut & { now: number }) | null = $derived.by(() => {
    if (this.engine.kind !== 'ready') return null;
    const { contextCut, contextLength } = this.engine.info;
    return contextCut ? { ...contextCut, now: contextLength } : null;
  });
  private understoodInfo = $state.raw<EngineInfo | null>(null);
  /** Bytes a second of the line, by the newest download at work in this page; null: none yet. */
  line = $state.raw<number | null>(null);
  readonly busy = $derived.by(() => this.entries.some(({ task }) => task !== null));
  private readonly client: EngineClient;
  private readonly downloads: DownloadClient;
  private readonly wishes: () => LoadWishes;
  private readonly remembered: () => string | null;
  private readonly engineFor: (model: CatalogModel) => EngineKind;
  private load: { modelId: string; run: number; promise: Promise<boolean> } | null = null;
  private runs = 0;

  constructor(
    catalog: readonly CatalogModel[],
    clients: { engine: EngineClient; download: DownloadClient },
    wishes: () => LoadWishes,
    /** The id chosen in an earlier session: holds while that model is stored. */
    remembered: () => string | null,
    /** Whose engine is to run a model. */
    engineFor: (model: CatalogModel) => EngineKind = () => 'yupana',
  ) {
    this.entries = catalog.map(
      (model) => new ModelEntry(model, clients.download, this.mended, this.heardSpeed),
    );
    this.client = clients.engine;
    this.downloads = clients.download;
    this.wishes = wishes;
    this.remembered = remembered;
    this.engineFor = engineFor;
    this.client.onLost((error) => {
      if (this.engine.kind === 'ready') this.engine = { kind: 'failed', modelId: this.engine.modelId, error };
    });
  }

  /** What was wrong with a model's files is over: its engine may be loaded again. */
  private readonly mended = (id: string): void => {
    const { engine } = this;
    if (engine.kind === 'failed' && engine.modelId === id && liesInFiles(engine.error))
      this.engine = { kind: 'none' };
  };

  private readonly heardSpeed = (bytesPerSecond: number): void => {
    this.line = bytesPerSecond;
  };

  async refresh(): Promise<void> {
    await Promise.all(this.entries.map((entry) => entry.refresh()));
    this.known = true;
  }

  entry(id: string): ModelEntry | null {
    return this.entries.find(({ model }) => model.id === id) ?? null;
  }

  /** An entry for a model that the catalog does not have. */
  add(model: CatalogModel): ModelEntry {
    const entry = new ModelEntry(model, this.downloads, this.mended, this.heardSpeed);
    this.entries = [...this.entries, entry];
    return entry;
  }

  /** Forgets an entry that `add` made. */
  drop(id: string): void {
    this.entries = this.entries.filter(({ model }) => model.id !== id);
  }

  choose(id: string): void {
    this.chosenId = id;
  }

  /**
   * Makes the chosen model answer. A load under way for the same model is shared; one for another is superseded.
   * @returns whether it is ready now; if not, `engine` says why
   */
  ensure(options: { takeOver?: boolean } = {}): Promise<boolean> {
    const modelId = this.chosen?.model.id;
    if (modelId === undefined) return Promise.resolve(false);
    if (this.engine.kind === 'ready' && this.engine.modelId === modelId) return Promise.resolve(true);
    if (this.load?.modelId === modelId && !options.takeOver) return this.load.promise;
    const run = ++this.runs;
    const promise = this.perform(run, modelId, options.takeOver ?? false);
    this.load = { modelId, run, promise };
    return promise;
  }

  /** What made a loaded engine unusable, found by whoever used it. */
  fail(error: EngineError): void {
    const modelId = this.chosen?.model.id;
    if (modelId !== undefined) this.engine = { kind: 'failed', modelId, error };
  }

  /** Whether what `contextCut` says still has to be read. */
  get cutIsNews(): boolean {
    return (
      this.contextCut !== null && this.engine.kind === 'ready' && this.engine.info !== this.understoodInfo
    );
  }

  understandCut(): void {
    if (this.engine.kind === 'ready') this.understoodInfo = this.engine.info;
  }

  /** Times the loaded engine on this machine anew. */
  /** Of the engine that is loaded. */
  get info(): EngineInfo | null {
    return this.engine.kind === 'ready' ? this.engine.info : null;
  }

  tune(): Promise<TuneReport | null> {
    return this.client.tune();
  }

  /** Lets go of the engine's memory, e.g. before its model is deleted. */
  async unload(): Promise<void> {
    this.runs++;
    this.load = null;
    const wasNone = this.engine.kind === 'none';
    this.engine = { kind: 'none' };
    if (wasNone) return;
    try {
      await this.client.unload();
    } catch {
      // A worker that cannot even unload is ended: its memory goes with it.
      this.client.dispose();
    }
  }

  kindOf(modelId: string): EngineKind {
    const entry = this.entry(modelId);
    return entry ? this.engineFor(entry.model) : 'yupana';
  }

  private async perform(run: number, modelId: string, takeOver: boolean): Promise<boolean> {
    this.engine = { kind: 'loading', modelId, phase: 'weights', done: 0, total: 0, fraction: 0 };
    const share = createLoadProgress();
    const { contextLength, cacheBits } = this.wishes();
    try {
      const info = await this.client.load(modelId, {
        takeOver,
        engine: this.kindOf(modelId),
        ...(contextLength === null ? {} : { contextLength }),
        cacheBits,
        onProgress: (phase, done, total) => {
          if (run !== this.runs) return;
          this.engine = { kind: 'loading', modelId, phase, done, total, fraction: share(phase, done, total) };
        },
      });
      if (run !== this.runs) return false;
      this.engine = { kind: 'ready', modelId, info };
      return true;
    } catch (thrown) {
      const error = asEngineError(thrown);
      // The engine may have found stored bytes lost: what the model's card offers follows from its status.
      if (liesInFiles(error)) await this.entry(modelId)?.refresh();
      if (run === this.runs) this.engine = { kind: 'failed', modelId, error };
      return false;
    } finally {
      if (this.load?.run === run) this.load = null;
    }
  }
}

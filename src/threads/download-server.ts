// The download's side of the protocol, apart from what does the work.

import { EngineError } from '../failures.ts';
import type {
  DownloadProgress,
  DownloadReply,
  DownloadRequest,
  FoundModel,
  ModelSource,
  ModelStatus,
} from '../wire/download-protocol.ts';
import type {
  ImportAccount,
  LocalFile,
  LocalFindings,
  LocalModel,
  LocalRequest,
  LocalResult,
  PackNote,
  Pins,
} from '../wire/local-protocol.ts';
import { announceLife, serveRequests } from '../wire/serve.ts';
import type { Scope } from '../wire/serve.ts';

export interface Job {
  onProgress: (progress: DownloadProgress) => void;
  signal: AbortSignal;
}

/** What the composition root brings. */
export interface Downloader {
  download(source: ModelSource, job: Job): Promise<ModelStatus>;
  repair(source: ModelSource, job: Job): Promise<ModelStatus>;
  verify(modelId: string, job: Job): Promise<ModelStatus>;
  status(modelId: string): Promise<ModelStatus>;
  /** Called with nothing of this worker at work on the model. */
  remove(modelId: string): Promise<ModelStatus>;
  readonly local: LocalWork;
  look(
    address: string,
    signal: AbortSignal,
    onTry: (attempt: number, attempts: number, host: string) => void,
  ): Promise<FoundModel>;
  limit(bytesPerSecond: number | null): void;
  token(origin: string, token: string | null): void;
}

/** Models carried by hand. */
export interface LocalWork {
  inspect(files: readonly LocalFile[], pins: Pins): Promise<LocalFindings>;
  import(
    model: LocalModel,
    files: readonly LocalFile[],
    job: Job,
  ): Promise<{ status: ModelStatus; account: ImportAccount }>;
  export(
    note: PackNote,
    folder: FileSystemDirectoryHandle,
    job: Job,
  ): Promise<{ folder: string; bytes: number; kept: number }>;
  exportFiles(note: PackNote, job: Job): Promise<readonly { name: string; blob: Blob }[]>;
}

export function serveDownloads(scope: Scope, downloader: Downloader): void {
  /** What is at work on each model, so that a deletion can stop it first. */
  const running = new Map<string, { control: AbortController; done: Promise<unknown> }>();

  const work = async <T>(
    modelId: string,
    id: number,
    signal: AbortSignal,
    run: (job: Job) => Promise<T>,
  ): Promise<T> => {
    if (running.has(modelId)) {
      throw new EngineError('download-busy', `${modelId} is being worked on`, { model: modelId });
    }
    const control = new AbortController();
    const onProgress = (progress: DownloadProgress): void =>
      scope.postMessage({ type: 'progress', id, progress } satisfies DownloadReply);
    const done = run({ onProgress, signal: AbortSignal.any([signal, control.signal]) });
    running.set(modelId, { control, done });
    try {
      return await done;
    } finally {
      running.delete(modelId);
    }
  };

  const answer = async (
    request: Exclude<DownloadRequest, { type: 'abort' | 'look' | 'limit' | 'token' } | LocalRequest>,
    signal: AbortSignal,
  ): Promise<ModelStatus> => {
    switch (request.type) {
      case 'download':
        return work(request.source.id, request.id, signal, (job) => downloader.download(request.source, job));
      case 'repair':
        return work(request.source.id, request.id, signal, (job) => downloader.repair(request.source, job));
      case 'verify':
        return work(request.modelId, request.id, signal, (job) => downloader.verify(request.modelId, job));
      case 'status':
        return downloader.status(request.modelId);
      case 'delete': {
        const busy = running.get(request.modelId);
        busy?.control.abort();
        await busy?.done.catch(() => undefined); // it answers for itself
        return work(request.modelId, request.id, signal, () => downloader.remove(request.modelId));
      }
    }
  };

  const local = async (request: LocalRequest, signal: AbortSignal): Promise<LocalResult> => {
    const { id } = request;
    switch (request.type) {
      case 'inspect':
        return { for: 'inspect', findings: await downloader.local.inspect(request.files, request.pins) };
      case 'import': {
        const { model, files } = request;
        const run = (job: Job): ReturnType<LocalWork['import']> => downloader.local.import(model, files, job);
        return { for: 'import', ...(await work(model.id, id, signal, run)) };
      }
      case 'export': {
        const { note, folder } = request;
        const run = (job: Job): ReturnType<LocalWork['export']> => downloader.local.export(note, folder, job);
        return { for: 'export', ...(await work(note.id, id, signal, run)) };
      }
      case 'export-files': {
        const { note } = request;
        const files = await work(note.id, id, signal, (job) => downloader.local.exportFiles(note, job));
        return { for: 'export-files', files };
      }
    }
  };

  serveRequests<DownloadRequest>(scope, async (request, signal) => {
    switch (request.type) {
      case 'inspect':
      case 'import':
      case 'export':
      case 'export-files':
        return { local: await local(request, signal) };
      case 'look':
        return {
          inspection: await downloader.look(request.address, signal, (attempt, attempts, host) =>
            scope.postMessage({
              type: 'trying',
              id: request.id,
              attempt,
              attempts,
              host,
            } satisfies DownloadReply),
          ),
        };
      case 'limit':
        downloader.limit(request.bytesPerSecond);
        return { told: true };
      case 'token':
        downloader.token(request.origin, request.token);
        return { told: true };
      default:
        return { status: await answer(request, signal) };
    }
  });
  announceLife(scope);
}

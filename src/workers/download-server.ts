// The download's side of the protocol, apart from what does the work.

import { EngineError } from '../engine.ts';
import type {
  DownloadProgress,
  DownloadReply,
  DownloadRequest,
  ModelSource,
  ModelStatus,
} from './download-protocol.ts';
import { announceLife, serveRequests } from './serve.ts';
import type { Scope } from './serve.ts';

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
}

export function serveDownloads(scope: Scope, downloader: Downloader): void {
  /** What is at work on each model, so that a deletion can stop it first. */
  const running = new Map<string, { control: AbortController; done: Promise<unknown> }>();

  const work = async (
    modelId: string,
    id: number,
    signal: AbortSignal,
    run: (job: Job) => Promise<ModelStatus>,
  ): Promise<ModelStatus> => {
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
    request: Exclude<DownloadRequest, { type: 'abort' }>,
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

  serveRequests<DownloadRequest>(scope, async (request, signal) => ({
    status: await answer(request, signal),
  }));
  announceLife(scope);
}

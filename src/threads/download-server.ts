// The download's side of the protocol, apart from what does the work: one job at a time on each model.

import { EngineError } from '../failures.ts';
import type { Job } from '../wire/calls.ts';
import type { DownloadCalls } from '../wire/download-protocol.ts';
import { serveCalls } from '../wire/serve.ts';
import type { Scope } from '../wire/serve.ts';

/** @param work what the composition root brings; its `delete` is called with nothing of this worker at work on the model */
export function serveDownloads(scope: Scope, work: DownloadCalls): void {
  /** What is at work on each model, so that a deletion can stop it first. */
  const running = new Map<string, { control: AbortController; done: Promise<unknown> }>();

  const exclusive = async <Given extends Job, Result>(
    modelId: string,
    job: Given,
    run: (job: Given) => Promise<Result>,
  ): Promise<Result> => {
    if (running.has(modelId)) {
      throw new EngineError('download-busy', `${modelId} is being worked on`, { model: modelId });
    }
    const control = new AbortController();
    const done = run({ ...job, signal: AbortSignal.any([job.signal, control.signal]) });
    running.set(modelId, { control, done });
    try {
      return await done;
    } finally {
      running.delete(modelId);
    }
  };

  serveCalls<DownloadCalls>(scope, {
    ...work,
    download: (source, job) => exclusive(source.id, job, (own) => work.download(source, own)),
    repair: (source, job) => exclusive(source.id, job, (own) => work.repair(source, own)),
    verify: (modelId, job) => exclusive(modelId, job, (own) => work.verify(modelId, own)),
    importLocal: (choice, job) => exclusive(choice.model.id, job, (own) => work.importLocal(choice, own)),
    exportPack: (order, job) => exclusive(order.note.id, job, (own) => work.exportPack(order, own)),
    exportFiles: (note, job) => exclusive(note.id, job, (own) => work.exportFiles(note, own)),
    async delete(modelId) {
      const busy = running.get(modelId);
      busy?.control.abort();
      await busy?.done.catch(() => undefined); // it answers for itself
      const job = { signal: new AbortController().signal };
      return exclusive(modelId, job, () => work.delete(modelId));
    },
  });
}

// The way of a model into the store: plan -> ranged fetches -> commit -> verify. Resumes whatever is there.

import { EngineError, failedBy, failureOf } from '../failures.ts';
import type { ModelSource } from '../format/model-source.ts';
import { describeManifest } from '../format/manifest.ts';
import { PIECE_BYTES } from '../storage/bytes.ts';
import type { ModelStatus } from '../format/model-status.ts';
import { soundBytes } from '../storage/ledger.ts';
import { storageEstimate } from '../storage/quota.ts';
import type { StorageEstimate } from '../storage/quota.ts';
import type { ShardStore } from '../storage/shards.ts';
import { convertModel } from './convert.ts';
import { fetchFile } from './file.ts';
import { HOST } from './host.ts';
import type { Host, Rotation } from './host.ts';
import { withModel } from './lock.ts';
import { planByMirrors, planDownload } from './plan.ts';
import type { DownloadPlan } from './download-plan.ts';
import { sameDirectory } from './repository.ts';
import type { DownloadProgress } from '../format/model-status.ts';
import type { ProgressJob } from './job.ts';
import { asTold } from './told.ts';
import { verifyModel } from './verify.ts';

export interface DownloadJob extends ProgressJob {
  /** What its source has now, in place of the commit that this model is of. */
  newest?: boolean;
  host?: Host;
  estimate?: () => Promise<StorageEstimate>;
  /** Bytes a slice of a conversion may have, and a shard. For tests. */
  sliceBytes?: number;
  shardBytes?: number;
}

/**
 * Resolves when every file of the model is verified.
 * Throws "download-busy", "download-larger", "quota-exceeded" (details: needed, available where known, kept), "aborted", and what planning
 * and fetching throw. Whatever it throws, committed chunks stay and no unverified file can be read.
 */
export function downloadModel(
  store: ShardStore,
  source: ModelSource,
  job: DownloadJob = {},
): Promise<ModelStatus> {
  return withModel(source.id, () => fetchModel(store, source, job));
}

/** `verifyModel`, then a download of what is damaged or missing. */
export function repairModel(
  store: ShardStore,
  source: ModelSource,
  job: DownloadJob = {},
): Promise<ModelStatus> {
  return withModel(source.id, async () => {
    await verifyModel(store, source.id, job);
    return fetchModel(store, source, job);
  });
}

/** A model goes on with the commit it began with, so that its files are of one piece; another one is an update. */
async function fetchModel(store: ShardStore, source: ModelSource, job: DownloadJob): Promise<ModelStatus> {
  const { pinned } = await store.note(source.id);
  if (job.newest || pinned === undefined || pinned === source.base || !sameDirectory(pinned, source.base))
    return fetchFrom(store, source, job);
  try {
    return await fetchFrom(store, { ...source, base: pinned }, job);
  } catch (error) {
    // Its history was rewritten: there is only what is there now.
    if (!failedBy(error, 'revision-missing')) throw error;
    return fetchFrom(store, source, job);
  }
}

async function fetchFrom(
  store: ShardStore,
  source: ModelSource,
  { host: given = HOST, estimate = storageEstimate, ...rest }: DownloadJob,
): Promise<ModelStatus> {
  const { host, job } = tellingWaits(given, rest);
  // A shard's segments and the file made of them are there together for a moment.
  const checkSegments = (missing: number, kept: number, longest: number): Promise<void> =>
    roomFor(missing, kept, longest, estimate);
  if (source.format === undefined || source.format === 'mlc') {
    job.onProgress?.({ committedBytes: 0, totalBytes: 0, file: 'manifest.json', phase: 'plan' });
    return download(store, source, await planDownload(host, source, job.signal), { ...job, host, estimate });
  }
  const before = await store.status(source.id);
  const converting = await store.conversions.record(source.id);
  if (before.state !== 'ready' || converting) {
    // A mirror has it converted: fewer bytes, and less work for a small machine.
    const mirrored = await planByMirrors(host, source, job.signal);
    if (mirrored) {
      await store.conversions.end(source.id);
      return download(store, source, mirrored, { ...job, host, estimate });
    }
  }
  return convertModel(store, source, { ...job, host, checkQuota: checkSegments });
}

/** What the connection waits for goes along with the last progress told. */
function tellingWaits<T extends ProgressJob>(host: Host, job: T): { host: Host; job: T } {
  const { onProgress } = job;
  if (!onProgress) return { host, job };
  let last: DownloadProgress = { committedBytes: 0, totalBytes: 0, file: '', phase: 'plan' };
  return {
    host: {
      ...host,
      onWait: (wait) => {
        if (!wait) return onProgress(last);
        onProgress({ ...last, waiting: { ...failureOf(wait.error), seconds: wait.ms / 1000 } });
      },
    },
    job: {
      ...job,
      onProgress: (now: DownloadProgress) => {
        last = now;
        onProgress(now);
      },
    },
  };
}

async function download(
  store: ShardStore,
  source: ModelSource,
  { stored, places, claims, pinned }: DownloadPlan,
  { onProgress, signal, host, estimate }: DownloadJob & Required<Pick<DownloadJob, 'host' | 'estimate'>>,
): Promise<ModelStatus> {
  const listed = stored.files.reduce((sum, { bytes }) => sum + bytes, 0);
  await asTold(store, source, listed);
  const files = await store.adopt(stored);
  if (pinned !== undefined) await store.addNote(source.id, { pinned });
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let committedBytes = files.reduce((sum, file) => sum + soundBytes(file), 0);
  // Chunks and the piece they are merged into are there together for a moment.
  const twice = Math.min(PIECE_BYTES, Math.max(...files.map(({ bytes }) => bytes)));
  await roomFor(totalBytes - committedBytes, committedBytes, twice, estimate);
  const report = (file: string): void =>
    onProgress?.({ committedBytes, totalBytes, file, phase: 'download' });
  const everywhere: Rotation = { places: places.length, place: 0 };
  try {
    for (const file of files) {
      const { path } = file;
      const summed = file.sha256 !== '' || file.check === 'md5';
      const urls = (summed ? places : places.slice(0, 1)).flatMap((place) => place(file) ?? []);
      report(path);
      await fetchFile(
        {
          host,
          store,
          modelId: source.id,
          urls,
          rotation: urls.length === places.length ? everywhere : { places: urls.length, place: 0 },
          signal,
          onCommitted: (bytes) => {
            committedBytes += bytes;
            report(path);
          },
        },
        path,
      );
    }
  } catch (error) {
    if (!failedBy(error, 'quota-exceeded')) throw error;
    const details = { ...error.details, needed: totalBytes - committedBytes, kept: committedBytes };
    throw new EngineError('quota-exceeded', error.message, details, error);
  }
  if (claims) {
    // From here on it is checked and carried on like any other model.
    const whole = await store.files(source.id);
    const { text } = describeManifest(claims, whole);
    await store.adopt({ modelId: source.id, manifest: text, files: whole });
  }
  return store.status(source.id);
}

/** What a browser says it has left is an upper bound: too little is certain, enough is not. */
async function roomFor(
  missing: number,
  kept: number,
  twice: number,
  estimate: () => Promise<StorageEstimate>,
): Promise<void> {
  const { usage, quota } = await estimate();
  if (usage === null || quota === null || missing === 0) return;
  const needed = missing + twice;
  const available = Math.max(0, quota - usage);
  if (needed > available) {
    throw new EngineError('quota-exceeded', `${needed} bytes needed, ${available} left`, {
      needed,
      available,
      kept,
    });
  }
}

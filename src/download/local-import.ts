// A model from chosen files into the store: as a download, but that it goes on past what is missing or damaged, and accounts
// for it at the end.

import { EngineError, failedBy } from '../failures.ts';
import type { ModelSource } from '../format/model-source.ts';
import { describeManifest } from '../format/manifest.ts';
import { refuseCode } from '../format/pack.ts';
import { soundBytes } from '../storage/ledger.ts';
import type { ModelStatus } from '../format/model-status.ts';
import { storageEstimate } from '../storage/quota.ts';
import type { StorageEstimate } from '../storage/quota.ts';
import type { ShardStore } from '../storage/shards.ts';
import { downloadModel } from './download.ts';
import { fetchFile } from './file.ts';
import { gatherFolders, unreadable } from './local-files.ts';
import type { LocalFolder } from './local-files.ts';
import { LOCAL_BASE, localHost } from './local-host.ts';
import type { ImportAccount, LocalFile, LocalModel } from '../format/local-model.ts';
import { withModel } from './lock.ts';
import { planDownload } from './plan.ts';
import type { ProgressJob } from './job.ts';

/** What an import needs to know of a model that was inspected. */
export type LocalChoice = Pick<
  LocalModel,
  'folder' | 'kind' | 'file' | 'id' | 'name' | 'scheme' | 'licence' | 'manifestSha256'
>;

export interface ImportJob extends ProgressJob {
  estimate?: () => Promise<StorageEstimate>;
}

/**
 * Resolves when everything that can be taken is verified and published; the status says whether the model is whole.
 * Throws "nothing-to-add" where the folder is no longer there, "hash-mismatch" where its manifest changed since it was
 * inspected, "file-unreadable", "quota-exceeded", "download-busy", "aborted", what planning throws, and of a checkpoint what
 * the converter throws. What was committed stays, and is not read again.
 */
export async function importLocal(
  store: ShardStore,
  choice: LocalChoice,
  chosen: readonly LocalFile[],
  job: ImportJob = {},
): Promise<{ status: ModelStatus; account: ImportAccount }> {
  const folder = (await gatherFolders(chosen)).find(({ path }) => path === choice.folder);
  if (!folder)
    throw new EngineError('nothing-to-add', `${choice.folder} is not there`, {
      files: chosen.length,
    });
  const source: ModelSource = {
    id: choice.id,
    base: LOCAL_BASE,
    format: choice.kind === 'checkpoint' ? 'safetensors' : choice.kind === 'gguf' ? 'gguf' : 'mlc',
    ...(choice.file !== undefined && { file: choice.file }),
    scheme: choice.scheme,
    source: choice.name,
    licence: choice.licence,
    ...(choice.manifestSha256 === '' ? {} : { manifestSha256: choice.manifestSha256 }),
  };
  try {
    const done = await (source.format !== 'mlc'
      ? convertLocal(store, source, folder, job)
      : withModel(choice.id, () => copyLocal(store, source, folder, job)));
    await store.addNote(choice.id, { name: choice.name });
    return done;
  } catch (error) {
    throw asLocal(error);
  }
}

async function convertLocal(
  store: ShardStore,
  source: ModelSource,
  { files }: LocalFolder,
  { onProgress, ...job }: ImportJob,
): Promise<{ status: ModelStatus; account: ImportAccount }> {
  const status = await downloadModel(store, source, {
    ...job,
    host: localHost(files),
    onProgress: (progress) =>
      onProgress?.(progress.phase === 'convert' ? { ...progress, phase: 'importConvert' } : progress),
  });
  return { status, account: { missing: [], damaged: [] } };
}

async function copyLocal(
  store: ShardStore,
  source: ModelSource,
  folder: LocalFolder,
  { onProgress, signal, estimate = storageEstimate }: ImportJob,
): Promise<{ status: ModelStatus; account: ImportAccount }> {
  const host = localHost(folder.files);
  const { stored, places, claims } = await planDownload(host, source, signal);
  refuseCode(stored.files.map(({ path }) => path));
  const files = await store.adopt(stored);
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let committedBytes = files.reduce((sum, file) => sum + soundBytes(file), 0);
  await checkImportQuota(totalBytes - committedBytes, committedBytes, estimate);
  const missing: string[] = [];
  const damaged: string[] = [];
  for (const file of files) {
    const { path, bytes, state } = file;
    const report = (): void => onProgress?.({ committedBytes, totalBytes, file: path, phase: 'import' });
    report();
    if (state === 'verified') continue;
    const there = folder.files.get(path)?.size ?? -1;
    if (there !== bytes) {
      (there < bytes ? missing : damaged).push(path);
      continue;
    }
    const onCommitted = (count: number): void => {
      committedBytes += count;
      report();
    };
    try {
      const urls = places.flatMap((place) => place(file) ?? []);
      const rotation = { places: urls.length, place: 0 };
      await fetchFile({ host, store, modelId: source.id, urls, rotation, signal, onCommitted }, path);
    } catch (error) {
      if (!(error instanceof EngineError) || !DAMAGE.has(error.reason)) throw error;
      damaged.push(path);
    }
  }
  if (claims && missing.length + damaged.length === 0) {
    // From here on it is checked and carried on like any other model.
    const whole = await store.files(source.id);
    await store.adopt({
      modelId: source.id,
      manifest: describeManifest(claims, whole).text,
      files: whole,
    });
  }
  return { status: await store.status(source.id), account: { missing, damaged } };
}

const DAMAGE: ReadonlySet<string> = new Set(['hash-mismatch', 'size-mismatch', 'file-changed']);

/** A host that cannot be read is here a file that cannot. */
function asLocal(error: unknown): unknown {
  return failedBy(error, 'network-failed') ? unreadable(error.details.file, error) : error;
}

async function checkImportQuota(
  needed: number,
  kept: number,
  estimate: () => Promise<StorageEstimate>,
): Promise<void> {
  const { usage, quota } = await estimate();
  if (usage === null || quota === null) return;
  const available = Math.max(0, quota - usage);
  if (needed <= available) return;
  throw new EngineError('quota-exceeded', `${needed} bytes needed, ${available} left`, {
    needed,
    available,
    kept,
  });
}

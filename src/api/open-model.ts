// A reference as files to read: stored already, fetched into this origin's store, or the caller's own.

import { downloadModel } from '../download/download.ts';
import { createSums } from '../download/hash.ts';
import { HOST } from '../download/host.ts';
import { whenFree } from '../download/lock.ts';
import { patiently } from '../download/look.ts';
import { planDownload } from '../download/plan.ts';
import { EngineError, failedBy } from '../failures.ts';
import type { ShardSource } from '../format/shard-source.ts';
import type { FileRecord, PlannedFile, StoredPlan } from '../storage/ledger.ts';
import { openShards } from '../storage/shards.ts';
import type { ShardStore } from '../storage/shards.ts';
import { storedModel } from '../storage/stored-model.ts';
import { refuse } from './check.ts';
import type { InitProgressReport, ModelReference } from './types.ts';

export interface OpenedModel {
  id: string;
  source: ShardSource;
}

type OnProgress = (report: Pick<InitProgressReport, 'progress' | 'text'>) => void;

/** While somebody else downloads: what there is by now is looked at so often. */
const LOOK_MS = 500;

/** "https://huggingface.co/owner/name/resolve/main/" -> "name"; else the last part of the path. */
export function idOf(url: string): string {
  const { pathname } = new URL(url);
  const parts = pathname.replace(/\/resolve\/[^/]+\/?$/, '').split('/');
  return (
    parts
      .filter(Boolean)
      .at(-1)
      ?.replace(/[^A-Za-z0-9._-]/g, '-') ?? 'model'
  );
}

/**
 * With a slash at the end, and absolute: in a worker "./" is the worker's own folder.
 * Throws "address-invalid" for what is no address over http or https.
 */
export function directoryUrl(url: string, base?: string): string {
  const wrong = (cause?: unknown): EngineError =>
    new EngineError('address-invalid', `${url} is no address over http or https`, { given: url }, cause);
  let made: URL;
  try {
    made = new URL(url.endsWith('/') ? url : `${url}/`, base);
  } catch (cause) {
    throw wrong(cause);
  }
  if (!/^https?:$/.test(made.protocol)) throw wrong();
  const absolute = made.href;
  // A repository's page is not where its files are.
  return /^https:\/\/huggingface\.co\/[^/]+\/[^/]+\/$/.test(absolute) ? `${absolute}resolve/main/` : absolute;
}

/**
 * Downloads what is not stored; every byte is verified before it can be read, and a download that was cut goes on, also one
 * that another caller, worker or tab began. What is stored is another model unless its content is this one's, whatever it is called.
 * Throws what `downloadModel` throws, "model-not-stored" for an id that nothing is stored under, "address-invalid", and within
 * seconds "host-silent" or "host-unreadable" where the host does not answer.
 */
export async function openModel(
  model: ModelReference,
  base: string | undefined,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<OpenedModel> {
  if (typeof model === 'object' && 'source' in model) return model;
  const store = openShards();
  if (typeof model === 'string' && !/[:/]/.test(model)) {
    const { state } = await store.status(model);
    if (state === 'ready') return { id: model, source: storedModel(model, store) };
    throw new EngineError('model-not-stored', `${model} is ${state}`, { model, state });
  }
  const given = typeof model === 'object' ? model : { url: model };
  const from = directoryUrl(given.url, base);
  const manifestSha256 = given.manifestSha256?.toLowerCase();
  const known = await storedFrom(store, from, given.id, manifestSha256);
  if (known !== undefined) return { id: known, source: storedModel(known, store) };

  onProgress({ progress: 0, text: `Asking ${new URL(from).host}` });
  const pinned = manifestSha256 === undefined ? {} : { manifestSha256 };
  const { stored: plan } = await patiently(HOST, { signal }, (host, stop) =>
    planDownload(host, { id: given.id ?? idOf(from), base: from, ...pinned }, stop),
  );
  for (;;) {
    const id = await storedIdOf(store, plan, from, given.id);
    if ((await store.status(id)).state !== 'ready') {
      try {
        await download(store, { id, base: from, ...pinned }, onProgress, signal);
      } catch (error) {
        if (!failedBy(error, 'download-busy')) throw error;
        await othersDownload(store, id, onProgress, signal);
        continue; // theirs may have been another model of this name, or was cut: it goes on here
      }
    }
    await store.addNote(id, { from });
    return { id, source: storedModel(id, store) };
  }
}

/** A whole model that this address gave before, or that has the pinned manifest. */
async function storedFrom(
  store: ShardStore,
  from: string,
  wanted: string | undefined,
  manifestSha256: string | undefined,
): Promise<string | undefined> {
  for (const { modelId, state } of await store.list()) {
    if (state !== 'ready' || (wanted ?? modelId) !== modelId) continue;
    if (manifestSha256 !== undefined) {
      if ((await sumOf((await store.manifest(modelId)) ?? '')) === manifestSha256) return modelId;
    } else if ((await store.note(modelId)).from === from) return modelId;
  }
  return undefined;
}

/** Whether these bytes are known to be what the plan names: by a sum of every file. */
function isContent(plan: StoredPlan, files: readonly FileRecord[]): boolean {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const same = ({ path, bytes, sha256, md5 }: PlannedFile): boolean => {
    const file = byPath.get(path);
    if (file?.bytes !== bytes) return false;
    if (sha256 !== '') return file.sha256 === sha256;
    return md5 !== undefined && file.md5 === md5;
  };
  return plan.files.length === files.length && plan.files.every(same);
}

/**
 * The id that the planned model has in the store, or will have: its own where it is there already under any, the name where
 * that is free, else the name with the content's own mark. Throws "option-invalid" where the caller's id is another model's.
 */
async function storedIdOf(
  store: ShardStore,
  plan: StoredPlan,
  from: string,
  wanted: string | undefined,
): Promise<string> {
  for (const { modelId } of await store.list()) {
    if ((wanted ?? modelId) !== modelId) continue;
    if (isContent(plan, await store.files(modelId))) return modelId;
    // A download from here that was cut, of files without sums or of an older version: what still fits is kept.
    if ((await store.note(modelId)).from === from) return modelId;
  }
  const name = wanted ?? plan.modelId;
  if ((await store.files(name)).length === 0) return name;
  if (wanted !== undefined) throw refuse('id', 'one that no other model is stored under', wanted);
  const lines = plan.files.map(({ path, bytes, sha256, md5 }) => [path, bytes, sha256, md5]);
  const sum = await sumOf(plan.manifest || JSON.stringify([from, lines]));
  return `${name}-${sum.slice(0, 8)}`;
}

async function download(
  store: ShardStore,
  source: { id: string; base: string; manifestSha256?: string },
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  let noted: Promise<void> | undefined;
  await downloadModel(store, source, {
    signal,
    onProgress({ committedBytes, totalBytes, file, phase, waiting }) {
      // From the first line of its ledger on, a download that is cut is known by where it came from.
      if (phase === 'download') noted ??= store.addNote(source.id, { from: source.base });
      const progress = totalBytes > 0 ? committedBytes / totalBytes : 0;
      const host = new URL(source.base).host;
      const text = waiting
        ? `Waiting for ${host} (${waiting.reason}): asking again in ${Math.ceil(waiting.seconds)} s`
        : `Downloading ${file}: ${committedBytes} of ${totalBytes} bytes`;
      onProgress({ progress, text });
    },
  }).finally(() => noted?.catch(() => undefined));
}

/** Waits for the caller, worker or tab that downloads it, and tells how far that is. */
async function othersDownload(
  store: ShardStore,
  id: string,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  const look = setInterval(() => {
    void store.status(id).then(
      ({ committedBytes, totalBytes }) => {
        if (totalBytes === 0) return;
        const text = `Downloading ${id} elsewhere: ${committedBytes} of ${totalBytes} bytes`;
        onProgress({ progress: committedBytes / totalBytes, text });
      },
      () => undefined, // the next look may succeed, and the download itself says what fails
    );
  }, LOOK_MS);
  try {
    await whenFree(id, signal);
  } finally {
    clearInterval(look);
  }
}

async function sumOf(value: string): Promise<string> {
  const sums = await createSums(false);
  sums.update(new TextEncoder().encode(value));
  return sums.digest().sha256;
}

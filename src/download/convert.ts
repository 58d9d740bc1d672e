// A checkpoint at a host -> a converted model in the store, without ever keeping the checkpoint. Each source file is read once,
// in order, and hashed; each slice's output is stored with the record of how far the source was read.

import { copiedFiles, describeDirectory } from '../convert/convert.ts';
import { planLayout } from '../convert/layout.ts';
import type { Layout } from '../convert/layout.ts';
import { SLICE_BYTES } from '../convert/rows.ts';
import { convertSlice, planSlices } from '../convert/slices.ts';
import type { Slice } from '../convert/slices.ts';
import { EngineError, failedBy } from '../failures.ts';
import type { ModelSource } from '../format/model-source.ts';
import { openCheckpoint } from '../format/checkpoint.ts';
import { openGguf } from '../format/gguf-checkpoint.ts';
import type { Checkpoint } from '../format/checkpoint.ts';
import { describeManifest } from '../format/manifest.ts';
import { schemeNamed } from '../format/schemes.ts';
import type { QuantScheme } from '../format/schemes.ts';
import type { ConversionRecord, Segment } from '../storage/conversions.ts';
import type { PlannedFile } from '../storage/ledger.ts';
import type { FileCheck, ModelStatus } from '../format/model-status.ts';
import type { ShardStore } from '../storage/shards.ts';
import { assembleShard, storeWhole } from './assemble.ts';
import { createSums } from './hash.ts';
import type { Sums } from './hash.ts';
import { aborted } from './host.ts';
import type { Host } from './host.ts';
import type { ListedFile } from './listing.ts';
import { openRemote, urlOf } from './remote.ts';
import type { Remote } from './remote.ts';
import { openSequential } from './sequential.ts';
import type { ProgressJob } from './job.ts';
import { asTold } from './told.ts';

const DEFAULT_SCHEME = 'q4f16_1';
/** A checkpoint that changes at its host more often than this while it is read is given up. */
const MAX_RESTARTS = 3;
/** A source file with a wrong sum is read once more: a proxy may have damaged it. Twice wrong is refused. */
const MAX_WRONG_SUMS = 2;
const NO_MD5 = '0'.repeat(32);

export interface ConvertJob extends ProgressJob {
  host: Host;
  newest?: boolean | undefined;
  /** Refuses where there is no room: bytes still to be stored, bytes kept, longest file. */
  checkQuota: (missing: number, kept: number, longest: number) => Promise<void>;
  /** For tests. */
  sliceBytes?: number | undefined;
  shardBytes?: number | undefined;
}

interface SourceFile extends ListedFile {
  path: string;
}

interface Conversion {
  remote: Remote;
  checkpoint: Checkpoint;
  scheme: QuantScheme;
  layout: Layout;
  slices: readonly Slice[];
  sources: readonly SourceFile[];
  small: { path: string; bytes: Uint8Array<ArrayBuffer> }[];
  fingerprint: string;
}

/**
 * Converts on the way in; resumes at the slice where it stopped. Resolves when every file is stored, and every source file
 * whose sha256 the host tells had it; where it tells none, the status' check is "size".
 * Throws what `openCheckpoint` and `convertSlice` throw, "hash-mismatch" (what was made of other source files is kept), "file-changed",
 * "quota-exceeded", "aborted", and what `ask` throws.
 */
export async function convertModel(
  store: ShardStore,
  source: ModelSource,
  job: ConvertJob,
): Promise<ModelStatus> {
  const before = await store.status(source.id);
  const begun = await store.conversions.record(source.id);
  if (before.state === 'ready' && !begun && !job.newest) return before;
  const { onProgress, signal, host } = job;
  onProgress?.({ committedBytes: 0, totalBytes: 0, file: 'config.json', phase: 'plan' });
  for (let restarts = 0; ; restarts++) {
    const plan = await planConversion(host, source, job, begun?.sums ?? {});
    const listed = plan.sources.reduce((sum, { bytes }) => sum + bytes, 0);
    await asTold(store, source, listed);
    try {
      await convert(store, source, plan, job);
      return await store.status(source.id);
    } catch (error) {
      const changed =
        failedBy(error, 'file-changed') && error.details.changed === 'tag' && restarts < MAX_RESTARTS;
      if (!changed || signal?.aborted) throw error;
      await store.conversions.end(source.id);
    }
  }
}

/** Everything small is read and judged here, before the first weight. */
async function planConversion(
  host: Host,
  source: ModelSource,
  job: ConvertJob,
  sums: Record<string, string>,
): Promise<Conversion> {
  const scheme = schemeNamed(source.scheme ?? DEFAULT_SCHEME, source.id);
  const remote = await openRemote(host, source, job.signal);
  const checkpoint =
    source.format === 'gguf' ? await openGguf(remote, source.file ?? '') : await openCheckpoint(remote);
  if ((await checkpoint.source.size('tokenizer.json')) === undefined) {
    throw new EngineError('file-missing', `${source.id}: tokenizer.json is missing`, {
      file: 'tokenizer.json',
      model: source.id,
    });
  }
  const layout = planLayout(checkpoint.tensors, scheme, job.shardBytes);
  const sliceBytes = job.sliceBytes ?? SLICE_BYTES;
  const slices = planSlices(checkpoint, layout, scheme, sliceBytes);
  const sources: SourceFile[] = [];
  for (const path of new Set(slices.map(({ file }) => file))) {
    const found = await remote.measure(path);
    // At a commit files never change: what the host told of them at the start holds where it is silent now.
    const told = found?.sha256 ?? (remote.revision === null ? undefined : sums[path]);
    if (found) sources.push({ path, bytes: found.bytes, sha256: told });
  }
  const small = [];
  for await (const file of copiedFiles(checkpoint.source)) small.push(file);
  return {
    remote,
    checkpoint,
    scheme,
    layout,
    slices,
    sources,
    small,
    fingerprint: JSON.stringify([scheme.name, sliceBytes, job.shardBytes ?? null, sources]),
  };
}

async function convert(
  store: ShardStore,
  source: ModelSource,
  plan: Conversion,
  job: ConvertJob,
): Promise<void> {
  const { id } = source;
  const { checkpoint, scheme, layout, sources, small, fingerprint } = plan;
  const names = small.map(({ path }) => path);
  const describe = (md5: (path: string) => string): ReturnType<typeof describeDirectory> => {
    const shards = new Map(layout.shards.map(({ path }) => [path, { md5: md5(path) }]));
    return describeDirectory(checkpoint, scheme, layout, shards, names);
  };
  // Lengths do not depend on the sums: the ledger knows all of them before the first byte.
  const check: FileCheck = 'size';
  const drafts = await describe(() => NO_MD5);
  const lines: PlannedFile[] = [...drafts, ...small]
    .map(({ path, bytes }): PlannedFile => ({ path, bytes: bytes.length, sha256: '', check }))
    .concat(layout.shards.map(({ path, bytes }) => ({ path, bytes, sha256: '', check })));

  let record = await store.conversions.record(id);
  const damaged = (await store.status(id)).state === 'corrupt';
  if (record?.fingerprint !== fingerprint || (damaged && !record.mends)) {
    // Only of a model that was whole are single files made again: their sums are known. Else what is there is of no use.
    const mends = damaged && !record;
    if (!mends) {
      await store.remove(id);
      await store.adopt({ modelId: id, manifest: '', files: lines });
    }
    record = {
      fingerprint,
      done: 0,
      file: '',
      position: 0,
      hashState: null,
      etag: null,
      whole: false,
      mends,
      sums: Object.fromEntries(
        sources.flatMap(({ path, sha256 }) => (sha256 === undefined ? [] : [[path, sha256]])),
      ),
    };
    await store.conversions.begin(id, record);
  }
  if (plan.remote.revision !== null) await store.addNote(id, { pinned: plan.remote.base });
  const status = await store.status(id);
  const longest = Math.max(...lines.map(({ bytes }) => bytes));
  await job.checkQuota(status.totalBytes - status.committedBytes, status.committedBytes, longest);
  for (const { path, bytes } of small) await storeWhole(store, id, path, bytes);

  await convertSlices(store, source, plan, record, job);

  const md5s = new Map((await store.files(id)).map(({ path, md5 }) => [path, md5]));
  for (const { path, bytes } of await describe((shard) => md5s.get(shard) ?? NO_MD5))
    await storeWhole(store, id, path, bytes);
  const judged: FileCheck = sources.every(({ sha256 }) => sha256 !== undefined) ? 'sha256' : 'size';
  const whole = await store.files(id);
  const { text } = describeManifest(
    {
      scheme: scheme.name,
      source: source.source ?? plan.remote.base,
      licence: source.licence ?? 'unknown',
    },
    whole,
  );
  const files = record.mends ? whole : whole.map((file): PlannedFile => ({ ...file, check: judged }));
  await store.adopt({ modelId: id, manifest: text, files });
  await store.conversions.end(id);
}

async function convertSlices(
  store: ShardStore,
  { id }: ModelSource,
  { remote, layout, slices, sources, scheme }: Conversion,
  start: ConversionRecord,
  { host, onProgress, signal }: ConvertJob,
): Promise<void> {
  const done = new Set<string>();
  for (const file of await store.files(id)) if (file.state === 'verified') done.add(file.path);
  const missing = new Map(layout.shards.map(({ path, bytes }) => [path, bytes]));
  /** Shards become files as soon as all of their segments are there. */
  const fill = async (slice: Slice): Promise<void> => {
    for (const { path, length } of slice.outputs) {
      const left = (missing.get(path) ?? 0) - length;
      missing.set(path, left);
      if (left > 0 || done.has(path)) continue;
      await assembleShard(store, id, path);
      done.add(path);
    }
  };
  const totalBytes = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  let record = start;
  const judgedUpTo = (now: ConversionRecord): number =>
    now.mends || now.whole ? now.done : slices.findIndex(({ file }) => file === now.file);
  // Shards are made of what was judged right only: what is not can still be made again.
  for (const slice of slices.slice(0, Math.max(0, judgedUpTo(record)))) await fill(slice);

  let before = 0;
  for (const file of sources) {
    const mine = slices.filter((slice) => slice.file === file.path);
    const first = slices.indexOf(mine[0]!);
    const past = first + mine.length;
    while (record.done < past || (record.file === file.path && !record.whole && !record.mends)) {
      const atIt = record.file === file.path && !record.whole;
      const sums = await resumed(atIt ? record.hashState : null, file.path);
      const reader = openSequential(
        host,
        {
          url: urlOf(remote.base, file.path),
          path: file.path,
          bytes: file.bytes,
          etag: atIt ? record.etag : null,
          summed: file.sha256 !== undefined,
          position: atIt ? record.position : 0,
          sums,
        },
        signal,
      );
      const report = (tensor: string): void =>
        onProgress?.({
          committedBytes: before + record.position,
          totalBytes,
          file: tensor,
          phase: 'convert',
        });
      const save = async (count: number, segments: readonly Segment[], whole = false): Promise<void> => {
        const now: ConversionRecord = {
          ...record,
          done: record.done + count,
          file: file.path,
          position: reader.position,
          hashState: whole ? null : sums.save(),
          etag: reader.etag,
          whole,
          wrong: whole ? 0 : (record.wrong ?? 0),
        };
        await store.conversions.commit(id, now, record.done, segments);
        record = now;
      };
      try {
        for (const slice of slices.slice(Math.max(first, record.done), past)) {
          if (signal?.aborted) throw aborted();
          const needed = slice.outputs.some(({ path }) => !done.has(path));
          if (record.mends && !needed) {
            await save(1, []);
            continue;
          }
          const bytes = await (record.mends
            ? remote.read(file.path, slice.byteOffset, slice.byteLength)
            : reader.take(slice.byteOffset, slice.byteLength));
          const made = needed ? convertSlice(slice, bytes, scheme) : [];
          const segments = slice.outputs.flatMap(({ path, offset }, i) => {
            const output = made[i];
            return output && !done.has(path) ? [{ path, offset, bytes: output }] : [];
          });
          await save(1, segments);
          if (record.mends) await fill(slice);
          report(slice.tensor.name);
        }
        if (!record.mends) {
          await reader.skipTo(file.bytes);
          const found = sums.digest().sha256;
          if (file.sha256 !== undefined && file.sha256 !== found) {
            record = await forget(store, id, record, file, first, found, mine, done);
            continue;
          }
        }
        await save(0, [], true);
        for (const slice of record.mends ? [] : mine) await fill(slice);
      } finally {
        reader.close();
      }
    }
    before += file.bytes;
  }
}

async function resumed(state: Uint8Array | null, file: string): Promise<Sums> {
  const sums = await createSums(false);
  try {
    if (state) sums.load(state);
  } catch (cause) {
    // Written by another build of the hash: what was read cannot be hashed on, so the file is read anew.
    const details = { file, changed: 'tag' } as const;
    throw new EngineError('file-changed', `${file}: the state of the sums is not readable`, details, cause);
  }
  return sums;
}

/**
 * A source file that was damaged on its way has damaged what was made of it, and nothing else: it is read again from its
 * beginning. Throws "hash-mismatch" where it was wrong before; then too, the next try begins with it.
 */
async function forget(
  store: ShardStore,
  id: string,
  record: ConversionRecord,
  file: SourceFile,
  first: number,
  found: string,
  mine: readonly Slice[],
  done: ReadonlySet<string>,
): Promise<ConversionRecord> {
  const mismatch = new EngineError('hash-mismatch', `${file.path}: what came is not what the host names`, {
    file: file.path,
    expected: file.sha256 ?? '',
    actual: found,
  });
  if (mine.some(({ outputs }) => outputs.some(({ path }) => done.has(path)))) {
    // An earlier release made shards of what was not judged yet.
    await store.remove(id);
    throw mismatch;
  }
  const wrong = (record.wrong ?? 0) + 1;
  const last = wrong >= MAX_WRONG_SUMS;
  const now: ConversionRecord = {
    ...record,
    done: first,
    file: file.path,
    position: 0,
    hashState: null,
    etag: null,
    whole: false,
    wrong: last ? 0 : wrong,
  };
  await store.conversions.commit(id, now, record.done, []);
  if (last) throw mismatch;
  return now;
}

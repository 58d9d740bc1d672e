// A stored model out into a folder, as a pack: every byte hashed on its way, nothing of another model overwritten, what is
// there and right not written again.

import { createSHA256 } from 'hash-wasm';
import { EngineError, failedBy } from '../failures.ts';
import { parseJson } from '../format/json-file.ts';
import { describeManifest, MANIFEST_FILE, parseManifest } from '../format/manifest.ts';
import { describePack, folderOf, isData, PACK_FILE, PART_BYTES, partsOf } from '../format/pack.ts';
import type { ExportedPack, PackNote, Part } from '../format/pack.ts';
import { CHUNK_BYTES, letGo } from '../storage/bytes.ts';
import type { FileRecord } from '../storage/ledger.ts';
import type { ShardStore } from '../storage/shards.ts';
import { aborted } from './host.ts';
import { withModel } from './lock.ts';
import type { PackFolder } from './pack-folder.ts';
import type { ProgressJob } from './job.ts';
import { examine } from './verify.ts';

/** Packs of the same name that are other models: more than this and something else is wrong. */
const MAX_CLASHES = 99;

export interface ExportJob extends ProgressJob {
  /** For tests: a multiple of CHUNK_BYTES. */
  partBytes?: number;
}

/**
 * Throws "model-not-stored" where it is not whole, "hash-mismatch" where the store is damaged (which is then marked, to be
 * repaired), "target-full" (details: needed), "target-failed", "download-busy", "aborted". What was written stays.
 */
export const exportPack = (
  store: ShardStore,
  note: PackNote,
  models: PackFolder,
  job: ExportJob = {},
): Promise<ExportedPack> => withModel(note.id, () => write(store, note, models, job));

/**
 * What a pack is made of: the data of a model. A compiled library that another engine brought stays behind: a pack holds
 * nothing that is run. Throws "model-not-stored".
 */
export async function packContent(
  store: ShardStore,
  { id }: PackNote,
): Promise<{ files: FileRecord[]; manifest: string }> {
  const manifest = await store.manifest(id);
  const stored = await store.files(id);
  if (!manifest || stored.some(({ state }) => state !== 'verified')) {
    throw new EngineError('model-not-stored', `${id} is not whole`, { model: id });
  }
  const claims = parseManifest(parseJson(manifest, MANIFEST_FILE));
  const listed = new Set(claims.files.map(({ path }) => path));
  const files = stored.filter(({ path }) => listed.has(path) && isData(path));
  return { files, manifest: files.length === listed.size ? manifest : describeManifest(claims, files).text };
}

async function write(
  store: ShardStore,
  note: PackNote,
  models: PackFolder,
  { onProgress, signal, partBytes = PART_BYTES }: ExportJob,
): Promise<ExportedPack> {
  const { files, manifest } = await packContent(store, note);
  const folder = await freeFolder(models, folderOf(note.id), manifest);
  const target = await models.folder(folder);
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  let kept = 0;
  const report = (file: string): void =>
    onProgress?.({ committedBytes: done, totalBytes, file, phase: 'export' });
  const advance = (path: string) => (bytes: number) => {
    if (signal?.aborted) throw aborted();
    done += bytes;
    report(path);
  };
  try {
    for (const file of files) {
      report(file.path);
      const parts = partsOf(file.path, file.bytes, partBytes);
      const before = done;
      if (await isThere(target, file, parts, advance(file.path))) {
        kept += file.bytes;
        continue;
      }
      done = before;
      await writeFile(store, note.id, target, file, parts, advance(file.path));
    }
    // Last: a folder without them is an unfinished one.
    await target.write(PACK_FILE, textOf(describePack(note)));
    await target.write(MANIFEST_FILE, textOf(manifest));
  } catch (error) {
    if (!failedBy(error, 'target-full')) throw error;
    throw new EngineError(
      'target-full',
      error.message,
      { ...error.details, needed: totalBytes - done },
      error,
    );
  }
  return { folder, bytes: totalBytes, kept };
}

const textOf = (text: string): Iterable<Uint8Array<ArrayBuffer>> => [new TextEncoder().encode(text)];

/** The folder of that name, or, where another model is in it, the next free one. */
async function freeFolder(models: PackFolder, name: string, manifest: string): Promise<string> {
  for (let clash = 1; clash <= MAX_CLASHES; clash++) {
    const folder = clash === 1 ? name : `${name}-${clash}`;
    const there = await models.peek(folder, MANIFEST_FILE);
    if (!there) return folder;
    // Read with a limit of its own length: what is longer is another one.
    const text = there.size <= 2 * manifest.length + 16 ? await there.text() : undefined;
    if (text === manifest) return folder;
  }
  throw new EngineError('target-failed', `${name}: too many folders of that name`, {
    file: name,
    why: 'name',
  });
}

/** Whether all of a file is there already, with the right hash. */
async function isThere(
  target: PackFolder,
  file: FileRecord,
  parts: readonly Part[],
  onBytes: (bytes: number) => void,
): Promise<boolean> {
  const found: Blob[] = [];
  for (const { path, bytes } of parts) {
    const blob = await target.read(path);
    if (blob?.size !== bytes) return false;
    found.push(blob);
  }
  const hash = await createSHA256();
  hash.init();
  try {
    for (const blob of found) {
      for (let at = 0; at < blob.size; at += CHUNK_BYTES) {
        const bytes = new Uint8Array(await blob.slice(at, at + CHUNK_BYTES).arrayBuffer());
        hash.update(bytes);
        onBytes(bytes.length);
        letGo(bytes);
      }
    }
  } catch (error) {
    if (error instanceof EngineError) throw error;
    return false; // what cannot be read there is written anew
  }
  return hash.digest() === file.sha256;
}

async function writeFile(
  store: ShardStore,
  modelId: string,
  target: PackFolder,
  file: FileRecord,
  parts: readonly Part[],
  onBytes: (bytes: number) => void,
): Promise<void> {
  const hash = await createSHA256();
  hash.init();
  async function* chunksOf({ offset, bytes }: Part): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let at = offset; at < offset + bytes; at += CHUNK_BYTES) {
      const chunk = await store.chunk(modelId, file, at / CHUNK_BYTES);
      if (!chunk) throw await damaged(store, modelId, file);
      hash.update(chunk);
      yield chunk;
      onBytes(chunk.length);
    }
  }
  for (const part of parts) await target.write(part.path, chunksOf(part));
  if (hash.digest() === file.sha256) return;
  for (const { path } of parts) await target.remove(path);
  throw await damaged(store, modelId, file);
}

/** Marks what is damaged in the store, so that it can be repaired, and says so. */
async function damaged(store: ShardStore, modelId: string, file: FileRecord): Promise<EngineError> {
  const found = await examine(store, modelId, file, () => undefined);
  if (found.damaged.length > 0) await store.markDamaged(modelId, file.path, found.damaged);
  return new EngineError('hash-mismatch', `${file.path}: what is stored is not what was verified`, {
    file: file.path,
    expected: file.sha256,
  });
}

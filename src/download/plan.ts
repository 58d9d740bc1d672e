// What is to be fetched, checked before anything large is asked for: by the model's manifest, or, where a directory has none
// (as MLC publishes them), by its config and tensor list.

import { EngineError } from '../engine.ts';
import { parseJson } from '../format/json-file.ts';
import {
  MANIFEST_FILE as MANIFEST,
  MAX_MODEL_BYTES,
  parseManifest,
  planFromTensorCache,
  SMALL_FILES,
} from '../format/manifest.ts';
import type { ModelManifest } from '../format/manifest.ts';
import { readDirectoryClaims } from '../format/model-directory.ts';
import type { PlannedLine, StoredPlan } from '../storage/ledger.ts';
import { createSums } from './hash.ts';
import type { Host } from './host.ts';
import { openRemote, urlOf } from './remote.ts';
import type { Remote } from './remote.ts';
import type { ModelSource } from './task.ts';
import { fetchWhole, isMissing, refusePage } from './whole.ts';

/** A manifest of 10,000 files has about 2 MB. */
const MAX_MANIFEST_BYTES = 4 * 2 ** 20;

export interface DownloadPlan {
  stored: StoredPlan;
  /** Where the files are, with a trailing slash. */
  base: string;
  /** For the manifest made here once everything is there; undefined where the directory has its own. */
  claims?: Pick<ModelManifest, 'scheme' | 'source' | 'licence'>;
}

/**
 * Throws "hash-mismatch" where the catalog pins another manifest, "json-invalid", "manifest-invalid", "captive-portal" for
 * a page instead of JSON, "limit-exceeded", what `ask` throws, and of a directory without a manifest also what
 * `readDirectoryClaims` throws: another architecture, scheme or shape is refused here by name.
 */
export async function planDownload(
  host: Host,
  source: ModelSource,
  signal?: AbortSignal,
): Promise<DownloadPlan> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await fetchWhole(host, urlOf(source.base, MANIFEST), MANIFEST, MAX_MANIFEST_BYTES, signal);
  } catch (error) {
    // Where the catalog pins a manifest, one that is gone is no reason to trust what else lies there.
    if (!isMissing(error) || source.manifestSha256 !== undefined) throw error;
    return planWithoutManifest(await openRemote(host, source, signal), source);
  }
  refusePage(bytes, MANIFEST);
  const found = await sha256Of(bytes);
  if (source.manifestSha256 !== undefined && found !== source.manifestSha256) {
    throw new EngineError('hash-mismatch', `${MANIFEST} is not the one the catalog names`, {
      file: MANIFEST,
      expected: source.manifestSha256,
      actual: found,
    });
  }
  const text = new TextDecoder().decode(bytes);
  const { files } = parseManifest(parseJson(text, MANIFEST));
  // Small files first: a model that cannot run is found out before its weights are fetched.
  const sorted = files.toSorted((a, b) => a.bytes - b.bytes);
  return { stored: { modelId: source.id, manifest: text, files: sorted }, base: source.base };
}

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const sums = await createSums(false);
  sums.update(bytes);
  return sums.digest().sha256;
}

async function planWithoutManifest(remote: Remote, source: ModelSource): Promise<DownloadPlan> {
  const { cache, scheme } = await readDirectoryClaims(remote);
  const files: PlannedLine[] = [];
  for (const { path, required } of [{ path: cache.file, required: true }, ...SMALL_FILES]) {
    // A tokenizer may have 40 MB: it is measured here, and read once, on its way into the store.
    const line = path === 'tokenizer.json' ? await measuredLine(remote, path) : await readLine(remote, path);
    if (line) files.push(line);
    else if (required) {
      throw new EngineError('file-missing', `${source.id}: ${path} is missing`, {
        file: path,
        model: source.id,
      });
    }
  }
  for (const { path, bytes, digest } of planFromTensorCache(cache)) {
    if (bytes === undefined) continue;
    const listed = remote.listed(path);
    if (listed && listed.bytes !== bytes) {
      throw new EngineError('size-mismatch', `${path}: ${listed.bytes} bytes, ${cache.file} says ${bytes}`, {
        file: path,
        expected: bytes,
        actual: listed.bytes,
      });
    }
    const md5 = digest?.algorithm === 'md5' ? digest.hex : undefined;
    files.push({
      path,
      bytes,
      sha256: listed?.sha256 ?? '',
      ...(md5 === undefined ? {} : { md5 }),
      check: listed?.sha256 !== undefined ? 'sha256' : md5 !== undefined ? 'md5' : 'size',
    });
  }
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > MAX_MODEL_BYTES) {
    throw new EngineError('limit-exceeded', `${source.id}: ${total} bytes`, {
      file: cache.file,
      expected: `at most ${MAX_MODEL_BYTES} bytes`,
      actual: total,
    });
  }
  return {
    stored: { modelId: source.id, manifest: '', files },
    base: remote.base,
    claims: {
      scheme: scheme.name,
      source: source.source ?? remote.base,
      licence: source.licence ?? 'unknown',
    },
  };
}

/** A file read for the plan: what is fetched later must be the same. */
async function readLine(remote: Remote, path: string): Promise<PlannedLine | undefined> {
  const bytes = await remote.load(path);
  return bytes && { path, bytes: bytes.length, sha256: await sha256Of(bytes), check: 'size' };
}

async function measuredLine(remote: Remote, path: string): Promise<PlannedLine | undefined> {
  const found = await remote.measure(path);
  if (!found) return undefined;
  const { bytes, sha256 } = found;
  return sha256 === undefined
    ? { path, bytes, sha256: '', check: 'size' }
    : { path, bytes, sha256, check: 'sha256' };
}

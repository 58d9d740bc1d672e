// What is to be fetched, checked before anything large is asked for: by the model's manifest, or, where a directory has none
// (as MLC publishes them), by its config and tensor list.

import { EngineError } from '../failures.ts';
import type { ModelSource } from '../format/model-source.ts';
import { parseJson } from '../format/json-file.ts';
import {
  MANIFEST_FILE as MANIFEST,
  MAX_MODEL_BYTES,
  parseManifest,
  planFromTensorCache,
  SMALL_FILES,
} from '../format/manifest.ts';
import { MAX_MIRROR_BYTES, MIRROR_FILE, mirrorPath, parseMirror } from '../format/mirror.ts';
import { readDirectoryClaims } from '../format/model-directory.ts';
import type { PlannedFile, StoredPlan } from '../storage/ledger.ts';
import type { DownloadPlan, Place } from './download-plan.ts';
import { createSums } from './hash.ts';
import type { Host } from './host.ts';
import { readForeignClaims, withLibrary } from './library.ts';
import { openRemote, urlOf } from './remote.ts';
import type { Remote } from './remote.ts';
import { pinnedBy } from './repository.ts';
import { fetchAnswer, fetchWhole, isMissing, refusePage } from './whole.ts';
import type { Fetched } from './whole.ts';

/** A manifest of 10,000 files has about 2 MB. */
const MAX_MANIFEST_BYTES = 4 * 2 ** 20;
/** A place that is silent for this long is passed over, where there is another. */
const BRIEF_IDLE_MS = 10_000;

const inDirectory =
  (base: string): Place =>
  ({ path }) =>
    urlOf(base, path);

const inMirror =
  (root: string): Place =>
  ({ sha256 }) =>
    sha256 === '' ? undefined : new URL(mirrorPath(sha256), root).href;

/** Where other places are left to try, a silent one is not waited for. */
const brief = (host: Host): Host => ({ ...host, attempts: 1, idleMs: Math.min(host.idleMs, BRIEF_IDLE_MS) });

/**
 * By the first place that answers: mirrors of the school or the country, the model's own directory, its other addresses.
 *
 * Throws "hash-mismatch" where the catalog pins another manifest, "json-invalid", "manifest-invalid", "captive-portal" for
 * a page instead of JSON, "limit-exceeded", what `ask` throws, and of a directory without a manifest also what
 * `readDirectoryClaims` throws: another architecture, scheme or shape is refused here by name.
 */
export async function planDownload(
  host: Host,
  source: ModelSource,
  signal?: AbortSignal,
): Promise<DownloadPlan> {
  const plan = await planFiles(host, source, signal);
  return source.library === undefined ? plan : withLibrary(host, plan, source.library, signal);
}

async function planFiles(host: Host, source: ModelSource, signal?: AbortSignal): Promise<DownloadPlan> {
  const bases = [source.base, ...(source.mirrors ?? [])];
  const mirrored = await planByMirrors(host, source, signal);
  if (mirrored) return { ...mirrored, places: [...mirrored.places, ...bases.map(inDirectory)] };
  let first: unknown;
  for (const [i, base] of bases.entries()) {
    try {
      const plan = await planDirectory(
        i < bases.length - 1 ? brief(host) : host,
        { ...source, base },
        signal,
      );
      const others = bases.filter((other) => other !== base).map(inDirectory);
      return { ...plan, places: [...plan.places, ...others] };
    } catch (error) {
      if (isAborted(error)) throw error;
      first ??= error; // of its own directory: what the others say is less to the point
    }
  }
  throw first;
}

/** By the mirrors that answer and list the model; undefined where none does. Throws "aborted". */
export async function planByMirrors(
  host: Host,
  source: ModelSource,
  signal?: AbortSignal,
): Promise<DownloadPlan | undefined> {
  let stored: StoredPlan | undefined;
  const places: Place[] = [];
  for (const root of source.roots ?? []) {
    try {
      stored ??= await planByMirror(brief(host), root, source, signal);
      if (stored) places.push(inMirror(root));
    } catch (error) {
      if (isAborted(error)) throw error; // else there is none today: the next place is asked
    }
  }
  return stored && { stored, places };
}

async function planByMirror(
  host: Host,
  root: string,
  source: ModelSource,
  signal?: AbortSignal,
): Promise<StoredPlan | undefined> {
  const index = await fetchWhole(
    host,
    new URL(MIRROR_FILE, root).href,
    MIRROR_FILE,
    MAX_MIRROR_BYTES,
    signal,
  );
  refusePage(index, MIRROR_FILE);
  const listed = parseMirror(parseJson(new TextDecoder().decode(index), MIRROR_FILE));
  const manifest = listed.find(({ id }) => id === source.id)?.manifest;
  if (manifest === undefined || (source.manifestSha256 ?? manifest) !== manifest) return undefined;
  const url = new URL(mirrorPath(manifest), root).href;
  const bytes = await fetchWhole(host, url, MANIFEST, MAX_MANIFEST_BYTES, signal);
  return planOf(source.id, await checked(bytes, manifest));
}

async function planDirectory(
  host: Host,
  source: ModelSource,
  signal: AbortSignal | undefined,
): Promise<DownloadPlan> {
  let answer: Fetched;
  try {
    answer = await fetchAnswer(host, urlOf(source.base, MANIFEST), MANIFEST, MAX_MANIFEST_BYTES, signal);
  } catch (error) {
    // Where the catalog pins a manifest, one that is gone is no reason to trust what else lies there.
    if (!isMissing(error) || source.manifestSha256 !== undefined) throw error;
    return planWithoutManifest(await openRemote(host, source, signal), source);
  }
  refusePage(answer.bytes, MANIFEST);
  const stored = planOf(source.id, await checked(answer.bytes, source.manifestSha256));
  const pinned = pinnedBy(source.base, answer);
  return { stored, places: [inDirectory(pinned ?? source.base)], ...(pinned ? { pinned } : {}) };
}

/** The text of a manifest. Throws "hash-mismatch". */
async function checked(bytes: Uint8Array, expected: string | undefined): Promise<string> {
  const actual = await sha256Of(bytes);
  if (expected !== undefined && actual !== expected) {
    const details = { file: MANIFEST, expected, actual };
    throw new EngineError('hash-mismatch', `${MANIFEST} is not the one the catalog names`, details);
  }
  return new TextDecoder().decode(bytes);
}

function planOf(modelId: string, manifest: string): StoredPlan {
  const { files } = parseManifest(parseJson(manifest, MANIFEST));
  // Small files first: a model that cannot run is found out before its weights are fetched.
  return { modelId, manifest, files: files.toSorted((a, b) => a.bytes - b.bytes) };
}

const isAborted = (error: unknown): boolean => error instanceof EngineError && error.reason === 'aborted';

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const sums = await createSums(false);
  sums.update(bytes);
  return sums.digest().sha256;
}

async function planWithoutManifest(remote: Remote, source: ModelSource): Promise<DownloadPlan> {
  const { cache, scheme } = await (source.library === undefined
    ? readDirectoryClaims(remote)
    : readForeignClaims(remote));
  const files: PlannedFile[] = [];
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
      what: 'bytes',
      limit: MAX_MODEL_BYTES,
      actual: total,
    });
  }
  return {
    stored: { modelId: source.id, manifest: '', files },
    places: [inDirectory(remote.base)],
    ...(remote.revision === null ? {} : { pinned: remote.base }),
    claims: {
      scheme: scheme.name,
      source: source.source ?? remote.base,
      licence: source.licence ?? 'unknown',
    },
  };
}

/** A file read for the plan: what is fetched later must be the same. */
async function readLine(remote: Remote, path: string): Promise<PlannedFile | undefined> {
  const bytes = await remote.load(path);
  return bytes && { path, bytes: bytes.length, sha256: await sha256Of(bytes), check: 'size' };
}

async function measuredLine(remote: Remote, path: string): Promise<PlannedFile | undefined> {
  const found = await remote.measure(path);
  if (!found) return undefined;
  const { bytes, sha256 } = found;
  return sha256 === undefined
    ? { path, bytes, sha256: '', check: 'size' }
    : { path, bytes, sha256, check: 'sha256' };
}

// manifest.json: what a pack holds, to the byte, with digests that authenticate it. And what to fetch where there is none.

import { EngineError } from '../failures.ts';
import type { TensorCache } from './tensor-cache.ts';
import { isPlainFileName, MAX_SHARD_BYTES, MAX_SHARDS } from './tensor-cache.ts';

export const MANIFEST_FILE = 'manifest.json';
/** A compiled library that was fetched along with a model's files, for the engine that needs one. */
export const LIBRARY_FILE = 'model-lib.wasm';
export const MANIFEST_VERSION = 1;
/** 70B as q3f16_1 has 32 GB; what no device of the next years holds is refused before a byte is fetched. */
export const MAX_MODEL_BYTES = 512 * 1024 ** 3;
const MAX_TEXT = 500;

export interface ManifestFile {
  path: string;
  bytes: number;
  /** Hex, lower case. */
  sha256: string;
}

export interface ModelManifest {
  version: typeof MANIFEST_VERSION;
  /** Quantisation scheme, by name. */
  scheme: string;
  /** What it was converted from: a repository with its revision, in words. */
  source: string;
  /** SPDX identifier or the licence's own name. */
  licence: string;
  /** Sum over `files`. */
  bytes: number;
  /** Every file of the directory but this one. */
  files: readonly ManifestFile[];
}

function fault(message: string, details: Record<string, string | number> = {}): EngineError {
  return new EngineError('manifest-invalid', `${MANIFEST_FILE}: ${message}`, {
    file: MANIFEST_FILE,
    ...details,
  });
}

function text(object: Record<string, unknown>, key: string): string {
  const value = object[key];
  if (typeof value !== 'string' || value.length > MAX_TEXT) {
    throw fault(`${key} is not a short text`, { field: key, expected: `at most ${MAX_TEXT} characters` });
  }
  return value;
}

function parseFile(value: unknown, seen: Set<string>): ManifestFile {
  const entry = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const { path, bytes, sha256 } = entry;
  if (typeof path !== 'string' || !isPlainFileName(path) || path === MANIFEST_FILE || seen.has(path)) {
    throw fault(`${JSON.stringify(path)} is not a file name it may hold`, {
      field: 'files',
      expected: 'a plain file name, once',
      actual: String(path).slice(0, 80),
    });
  }
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0 || bytes > MAX_SHARD_BYTES) {
    throw fault(`${path} has no usable size`, { field: path, expected: `0 to ${MAX_SHARD_BYTES} bytes` });
  }
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw fault(`${path} has no SHA-256`, { field: path, expected: '64 hexadecimal digits' });
  }
  seen.add(path);
  return { path, bytes, sha256 };
}

/** Parses manifest.json. Throws "manifest-invalid". */
export function parseManifest(json: unknown): ModelManifest {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw fault('is no object');
  const object = json as Record<string, unknown>;
  if (object['version'] !== MANIFEST_VERSION) {
    throw fault(`version ${String(object['version']).slice(0, 20)} is not known`, {
      field: 'version',
      expected: MANIFEST_VERSION,
      actual: String(object['version']).slice(0, 20),
    });
  }
  const list = object['files'];
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_SHARDS) {
    throw fault('files is not a list of files', { field: 'files', expected: `1 to ${MAX_SHARDS} entries` });
  }
  const seen = new Set<string>();
  const files = list.map((entry) => parseFile(entry, seen));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (object['bytes'] !== bytes || bytes > MAX_MODEL_BYTES) {
    throw fault(`says ${String(object['bytes']).slice(0, 20)} bytes, its files have ${bytes}`, {
      field: 'bytes',
      expected: bytes,
      actual: String(object['bytes']).slice(0, 20),
    });
  }
  const version = MANIFEST_VERSION;
  return {
    version,
    scheme: text(object, 'scheme'),
    source: text(object, 'source'),
    licence: text(object, 'licence'),
    bytes,
    files,
  };
}

/** manifest.json of a directory whose files are known. */
export function describeManifest(
  { scheme, source, licence }: Pick<ModelManifest, 'scheme' | 'source' | 'licence'>,
  files: readonly ManifestFile[],
): { manifest: ModelManifest; text: string } {
  const manifest: ModelManifest = {
    version: MANIFEST_VERSION,
    scheme,
    source,
    licence,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    files: files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
  };
  return { manifest, text: `${JSON.stringify(manifest, null, 1)}\n` };
}

/** A file to fetch, and how to tell that it arrived whole. */
export interface PlannedFile {
  path: string;
  /** Undefined where only the server knows. */
  bytes: number | undefined;
  /** The strongest digest known; undefined where none is. md5 finds damage, it authenticates nothing. */
  digest: { algorithm: 'sha256' | 'md5'; hex: string } | undefined;
}

/** Files of a directory without a manifest that its readers ask for, beside tensor list and shards. */
export const SMALL_FILES = [
  { path: 'mlc-chat-config.json', required: true },
  { path: 'tokenizer.json', required: true },
  { path: 'tokenizer_config.json', required: true },
  { path: 'generation_config.json', required: false },
  { path: 'chat_template.jinja', required: false },
] as const;

/** What to fetch, by a manifest: small files first, so that a wrong model is refused before its weights are fetched. */
export function planFromManifest(manifest: ModelManifest): PlannedFile[] {
  const isShard = (path: string) => path.endsWith('.bin');
  return [...manifest.files]
    .sort((a, b) => Number(isShard(a.path)) - Number(isShard(b.path)))
    .map(({ path, bytes, sha256 }) => ({ path, bytes, digest: { algorithm: 'sha256', hex: sha256 } }));
}

/** What to fetch of a directory in MLC's layout without a manifest: the shards, by its tensor list. */
export function planFromTensorCache(cache: TensorCache): PlannedFile[] {
  return cache.shards.map(({ path, bytes, md5 }) => ({
    path,
    bytes,
    digest: md5 === undefined ? undefined : { algorithm: 'md5', hex: md5 },
  }));
}

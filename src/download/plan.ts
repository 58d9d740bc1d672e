// What is to be fetched: the model's manifest, checked before anything large is asked for.

import { createSHA256 } from 'hash-wasm';
import { EngineError } from '../engine.ts';
import { parseJson } from '../format/json-file.ts';
import { MANIFEST_FILE as MANIFEST, parseManifest } from '../format/manifest.ts';
import type { StoredPlan } from '../storage/ledger.ts';
import { ask, persist } from './host.ts';
import type { Host } from './host.ts';
import type { ModelSource } from './task.ts';

/** A manifest of 10,000 files has about 2 MB. */
const MAX_MANIFEST_BYTES = 4 * 2 ** 20;

/**
 * Throws "hash-mismatch" where the catalog pins another manifest, "json-invalid", "manifest-invalid",
 * "captive-portal" for a page instead of JSON, "limit-exceeded", and what `ask` throws.
 */
export async function planDownload(
  host: Host,
  source: ModelSource,
  signal?: AbortSignal,
): Promise<StoredPlan> {
  const bytes = await persist(host, signal, () => fetchWhole(host, urlOf(source, MANIFEST), signal));
  const hash = await createSHA256();
  const found = hash.init().update(bytes).digest();
  const text = new TextDecoder().decode(bytes);
  if (/^\s*</.test(text)) {
    throw new EngineError('captive-portal', `${MANIFEST}: a web page came instead`, { file: MANIFEST });
  }
  if (source.manifestSha256 !== undefined && found !== source.manifestSha256) {
    throw new EngineError('hash-mismatch', `${MANIFEST} is not the one the catalog names`, {
      file: MANIFEST,
      expected: source.manifestSha256,
      actual: found,
    });
  }
  const { files } = parseManifest(parseJson(text, MANIFEST));
  // Small files first: a model that cannot run is found out before its weights are fetched.
  return { modelId: source.id, manifest: text, files: files.toSorted((a, b) => a.bytes - b.bytes) };
}

/** Each segment escaped: a name may hold "#" or "?". */
export function urlOf(source: ModelSource, path: string): string {
  const escaped = path.split('/').map(encodeURIComponent).join('/');
  return new URL(escaped, source.base).href;
}

async function fetchWhole(host: Host, url: string, signal?: AbortSignal): Promise<Uint8Array> {
  const answer = await ask(host, url, MANIFEST, undefined, signal);
  try {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (let part = await answer.read(); part; part = await answer.read()) {
      length += part.length;
      if (length > MAX_MANIFEST_BYTES) {
        throw new EngineError('limit-exceeded', `${MANIFEST} is longer than ${MAX_MANIFEST_BYTES} bytes`, {
          file: MANIFEST,
          limit: MAX_MANIFEST_BYTES,
        });
      }
      parts.push(part);
    }
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  } finally {
    answer.close();
  }
}

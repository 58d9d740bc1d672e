// A directory at a host, to read from before it is fetched: small files whole, once; of large ones only what is asked for.

import { EngineError } from '../failures.ts';
import type { ModelSource } from '../format/model-source.ts';
import { MAX_TOKENIZER_BYTES } from '../format/json-file.ts';
import { MLC_CONFIG_FILE } from '../format/model-directory.ts';
import type { ShardSource } from '../format/shard-source.ts';
import { ask, persist } from './host.ts';
import type { Answer, Host } from './host.ts';
import { listRepository } from './listing.ts';
import type { ListedFile, Listing } from './listing.ts';
import { createSums } from './hash.ts';
import { asCommit, pinnedBy, repositoryAt } from './repository.ts';
import { fetchAnswer, fetchWhole, isMissing, refusePage } from './whole.ts';

/** Weights: never read whole. */
const isLarge = (path: string): boolean => /\.(safetensors|bin|gguf|pth|onnx|h5|msgpack|npz)$/i.test(path);

export interface Remote extends ShardSource {
  /** Where the files are: at a fixed revision where the host tells one, under the name that the repository has now. */
  base: string;
  /** The commit of `base`; null where there is none. */
  revision: string | null;
  /** Hosts that gave something so far: a filter must let all of them through. */
  hosts: ReadonlySet<string>;
  /** What the host says of the repository; undefined where it says nothing. */
  listing: Listing | undefined;
  /** A small file, whole; undefined where the host has none. Asked for once. */
  load(path: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Length and, where the host tells it, sha256 of a file that is not read; undefined where there is none. */
  measure(path: string): Promise<ListedFile | undefined>;
  /** Asks for one byte of a file, whatever the listing says: that its host gives it, and which host that is. */
  probe(path: string): Promise<void>;
  /** What the host's listing says of a file; undefined where it has no listing. Throws "file-missing". Asks nothing. */
  listed(path: string): ListedFile | undefined;
}

/** Each segment escaped: a name may hold "#" or "?". */
export function urlOf(base: string, path: string): string {
  return new URL(path.split('/').map(encodeURIComponent).join('/'), base).href;
}

/** Files that every directory has one of. */
const CONFIGS = ['config.json', MLC_CONFIG_FILE];

/**
 * Throws what `ask` throws of a repository's config where it has no listing: that it is gated, not there, of another name.
 */
export async function openRemote(given: Host, source: ModelSource, signal?: AbortSignal): Promise<Remote> {
  const hosts = new Set<string>();
  const host: Host = {
    ...given,
    // How patient it is may change while it waits.
    get attempts() {
      return given.attempts;
    },
    async fetch(url, init) {
      const response = await given.fetch(url, init);
      if (response.ok) for (const each of [url, response.url || url]) hosts.add(new URL(each).hostname);
      return response;
    },
  };
  const listing = await listRepository(host, source.base, signal);
  const loaded = new Map<string, Promise<Uint8Array<ArrayBuffer> | undefined>>();
  const base = listing?.base ?? (await pinByFile(host, source.base, loaded, signal));
  const measured = new Map<string, Promise<ListedFile | undefined>>();

  const once = <T>(kept: Map<string, Promise<T>>, path: string, work: () => Promise<T>): Promise<T> => {
    const known = kept.get(path);
    if (known) return known;
    const fresh = work();
    kept.set(path, fresh);
    return fresh;
  };
  const load = (path: string): Promise<Uint8Array<ArrayBuffer> | undefined> =>
    once(loaded, path, () => loadFile(host, base, listing, path, signal));
  const measure = (path: string): Promise<ListedFile | undefined> =>
    once(measured, path, () =>
      listing ? Promise.resolve(listing.files.get(path)) : probe(host, urlOf(base, path), path, signal),
    );

  return {
    name: source.id,
    base,
    revision: asCommit(repositoryAt(base)?.revision),
    hosts,
    listing,
    load,
    measure,
    async probe(path) {
      await probe(host, urlOf(base, path), path, signal);
    },
    listed(path) {
      const found = listing?.files.get(path);
      if (listing && !found) {
        throw new EngineError('file-missing', `${source.id}: ${path} is missing`, {
          file: path,
          model: source.id,
        });
      }
      return found;
    },
    size: async (path) => (isLarge(path) ? (await measure(path))?.bytes : (await load(path))?.length),
    async read(path, offset, length) {
      if (isLarge(path)) return readRange(host, urlOf(base, path), path, offset, length, signal);
      const bytes = await load(path);
      if (!bytes)
        throw new EngineError('file-missing', `${path} is missing`, { file: path, model: source.id });
      return bytes.slice(offset, offset + length);
    },
  };
}

/** The directory at its commit, as any file of a repository tells it; `base` where nothing does. What is read goes to `loaded`. */
async function pinByFile(
  host: Host,
  base: string,
  loaded: Map<string, Promise<Uint8Array<ArrayBuffer> | undefined>>,
  signal?: AbortSignal,
): Promise<string> {
  if (!repositoryAt(base)) return base;
  for (const path of CONFIGS) {
    try {
      const { bytes, url, commit } = await fetchAnswer(
        host,
        urlOf(base, path),
        path,
        MAX_TOKENIZER_BYTES,
        signal,
      );
      refusePage(bytes, path);
      loaded.set(path, Promise.resolve(bytes));
      return pinnedBy(base, { url, commit }) ?? base;
    } catch (error) {
      if (!isMissing(error)) throw error;
      loaded.set(path, Promise.resolve(undefined));
    }
  }
  return base;
}

async function loadFile(
  host: Host,
  base: string,
  listing: Listing | undefined,
  path: string,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const listed = listing?.files.get(path);
  if (listing && !listed) return undefined;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await fetchWhole(host, urlOf(base, path), path, MAX_TOKENIZER_BYTES, signal);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  if (path.endsWith('.json')) refusePage(bytes, path);
  if (listed?.sha256 !== undefined) {
    const sums = await createSums(false);
    sums.update(bytes);
    const { sha256 } = sums.digest();
    if (sha256 !== listed.sha256) {
      throw new EngineError('hash-mismatch', `${path}: what came is not what the repository names`, {
        file: path,
        expected: listed.sha256,
        actual: sha256,
      });
    }
  }
  return bytes;
}

/** Asks for one byte, to learn of the whole. Throws "network-failed" where the host tells no length. */
export async function probe(
  host: Host,
  url: string,
  path: string,
  signal?: AbortSignal,
): Promise<ListedFile | undefined> {
  const head = (range?: { from: number; to: number }): Promise<Answer> =>
    persist(host, signal, async () => {
      const answer = await ask(host, url, path, range, signal);
      answer.close();
      return answer;
    });
  try {
    let answer = await head({ from: 0, to: 1 });
    // CORS may hide Content-Range; it never hides Content-Length.
    if (answer.ranged && answer.total === null) answer = await head();
    const bytes = answer.ranged ? answer.total : answer.length;
    if (bytes === null) {
      throw new EngineError('network-failed', `${path}: the host does not tell its length`, {
        file: path,
        why: 'no length',
      });
    }
    return { bytes, sha256: answer.sha256 ?? undefined };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Bytes [offset, offset + length), also of a host without ranges. Throws "size-mismatch" where fewer come. */
function readRange(
  host: Host,
  url: string,
  path: string,
  offset: number,
  length: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const out = new Uint8Array(length);
  if (length === 0) return Promise.resolve(out);
  return persist(host, signal, async () => {
    const answer = await ask(host, url, path, { from: offset, to: offset + length }, signal);
    try {
      let skip = answer.ranged ? 0 : offset;
      let at = 0;
      while (at < length) {
        const part = await answer.read();
        if (!part) {
          throw new EngineError('size-mismatch', `${path}: the answer ended after ${at} of ${length} bytes`, {
            file: path,
            expected: length,
            actual: at,
          });
        }
        const useful = part.subarray(Math.min(skip, part.length)).subarray(0, length - at);
        skip = Math.max(0, skip - part.length);
        out.set(useful, at);
        at += useful.length;
      }
      return out;
    } finally {
      answer.close();
    }
  });
}

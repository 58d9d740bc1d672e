// What a Hugging Face repository says of itself, in one request: its commit, and each file's length and sha256.
// https://huggingface.co/docs/hub/api: GET /api/models/{owner}/{name}/revision/{revision}?blobs=true
// Another host, or one that answers otherwise, has no listing: then each file is asked for.

import { EngineError } from '../engine.ts';
import { parseJson } from '../format/json-file.ts';
import type { Host } from './host.ts';
import { fetchWhole } from './whole.ts';

/** A repository of 10,000 files has about 3 MB. */
const MAX_LISTING_BYTES = 16 * 2 ** 20;

export interface ListedFile {
  bytes: number;
  sha256: string | undefined;
}

export interface Listing {
  /** The same directory at its commit, which never changes. */
  base: string;
  files: ReadonlyMap<string, ListedFile>;
  revision: string;
  /** What its owner declares; undefined where nothing. */
  licence: string | undefined;
  languages: string[];
  /** Files are given only to who accepted conditions. */
  gated: boolean;
}

const REPOSITORY = /^(https?:\/\/[^/]+)\/([^/]+)\/([^/]+)\/resolve\/([^/]+)\/$/;

/** undefined where the host has none. Throws "network-failed", "aborted". */
export async function listRepository(
  host: Host,
  base: string,
  signal?: AbortSignal,
): Promise<Listing | undefined> {
  const match = REPOSITORY.exec(base);
  if (!match) return undefined;
  const [, origin, owner, name, revision] = match;
  const url = `${origin}/api/models/${owner}/${name}/revision/${revision}?blobs=true`;
  try {
    const bytes = await fetchWhole(host, url, 'revision', MAX_LISTING_BYTES, signal);
    const { sha, siblings, cardData, gated } = asRecord(
      parseJson(new TextDecoder().decode(bytes), 'revision'),
    );
    if (typeof sha !== 'string' || !/^[0-9a-f]{40,64}$/.test(sha) || !Array.isArray(siblings))
      return undefined;
    const files = new Map<string, ListedFile>();
    for (const sibling of siblings) {
      const { rfilename, size, lfs } = asRecord(sibling);
      if (typeof rfilename !== 'string' || !isLength(size)) return undefined;
      const { sha256 } = asRecord(lfs);
      const told = typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined;
      files.set(rfilename, { bytes: size, sha256: told });
    }
    const { license, language } = asRecord(cardData);
    return {
      base: `${origin}/${owner}/${name}/resolve/${sha}/`,
      files,
      revision: sha,
      licence: typeof license === 'string' && /^[\w.+-]{1,60}$/.test(license) ? license : undefined,
      languages: [language]
        .flat()
        .filter((code): code is string => typeof code === 'string' && /^[a-z]{2,3}$/.test(code)),
      gated: gated !== undefined && gated !== false,
    };
  } catch (error) {
    // A line that fails, fails for the files too and is named there; a refusal or a page just means: no listing here.
    if (error instanceof EngineError && error.reason !== 'network-failed' && error.reason !== 'aborted')
      return undefined;
    throw error;
  }
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const isLength = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

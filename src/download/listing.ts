// What a Hugging Face repository says of itself, in one request: its commit, and each file's length and sha256.
// https://huggingface.co/docs/hub/api: GET /api/models/{owner}/{name}/revision/{revision}?blobs=true
// It is an optional answer: another host has none, and a class that shares one address soon has used up its share of them.

import { EngineError } from '../failures.ts';
import { parseJson } from '../format/json-file.ts';
import type { Host } from './host.ts';
import { asCommit, baseOf, nameLedTo, repositoryAt } from './repository.ts';
import { fetchAnswer } from './whole.ts';

/** A repository of 10,000 files has about 3 MB. */
const MAX_LISTING_BYTES = 16 * 2 ** 20;
/** Tries for an optional answer, and the longest pause and silence between them, whatever the host asks for. */
const OPTIONAL_TRIES = 3;
const OPTIONAL_PAUSE_MS = 2_000;
const OPTIONAL_IDLE_MS = 10_000;

export interface ListedFile {
  bytes: number;
  sha256: string | undefined;
}

export interface Listing {
  /** The same directory at its commit, which never changes, under the name that the repository has now. */
  base: string;
  /** "owner/name" now. */
  name: string;
  /** Files of the directory, by their path in it. */
  files: ReadonlyMap<string, ListedFile>;
  revision: string;
  /** What its owner declares; undefined where nothing. */
  licence: string | undefined;
  languages: string[];
  /** Files are given only to who accepted conditions. */
  gated: boolean;
}

const optional = (host: Host): Host => ({
  ...host,
  get attempts() {
    return host.attempts;
  },
  // A connection that is down is waited for where the files are asked for: they cannot be done without.
  attemptsOf: (reason) => (reason === 'network-failed' ? 1 : OPTIONAL_TRIES),
  idleMs: Math.min(host.idleMs, OPTIONAL_IDLE_MS),
  wait: (ms, signal) => host.wait(Math.min(ms, OPTIONAL_PAUSE_MS), signal),
  // Its pauses are short, and the files' own are told.
  onWait: () => undefined,
});

/** undefined where the host has none, or does not give it now: what is wrong with it, the files will say. Throws "aborted". */
export async function listRepository(
  host: Host,
  base: string,
  signal?: AbortSignal,
): Promise<Listing | undefined> {
  const repository = repositoryAt(base);
  if (!repository) return undefined;
  const { origin, name, revision, folder } = repository;
  const url = `${origin}/api/models/${name}/revision/${revision}?blobs=true`;
  try {
    const answer = await fetchAnswer(optional(host), url, 'revision', MAX_LISTING_BYTES, signal);
    const { sha, siblings, cardData, gated } = asRecord(
      parseJson(new TextDecoder().decode(answer.bytes), 'revision'),
    );
    const commit = typeof sha === 'string' ? asCommit(sha) : null;
    if (commit === null || !Array.isArray(siblings)) return undefined;
    const files = new Map<string, ListedFile>();
    const prefix = decodeURIComponent(folder);
    for (const sibling of siblings) {
      const { rfilename, size, lfs } = asRecord(sibling);
      if (typeof rfilename !== 'string' || !isLength(size)) return undefined;
      if (!rfilename.startsWith(prefix)) continue;
      const { sha256 } = asRecord(lfs);
      const told = typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined;
      files.set(rfilename.slice(prefix.length), { bytes: size, sha256: told });
    }
    const { license, language } = asRecord(cardData);
    const now = nameLedTo(answer.url, repository);
    return {
      base: baseOf({ origin, name: now, revision: commit, folder }),
      name: now,
      files,
      revision: commit,
      licence: typeof license === 'string' && /^[\w.+-]{1,60}$/.test(license) ? license : undefined,
      languages: [language]
        .flat()
        .filter((code): code is string => typeof code === 'string' && /^[a-z]{2,3}$/.test(code)),
      gated: gated !== undefined && gated !== false,
    };
  } catch (error) {
    if (error instanceof EngineError && error.reason !== 'aborted') return undefined;
    throw error;
  }
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const isLength = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

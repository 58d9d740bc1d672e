// One request to a model host, and what its answers mean. Nothing here knows of stores or hashes.

import { EngineError, failedBy, failureOf } from '../failures.ts';
import type { ErrorReason } from '../failures.ts';
import { asCommit, commitOf } from './repository.ts';
import { askedPause, refusal } from './refusal.ts';

/** What a download needs of the world; tests put their own in. */
export interface Host {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  wait: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  /** A connection that brings nothing for this long is dead, whatever it says. */
  idleMs: number;
  /** Failures in a row, without a byte committed in between, before giving up. */
  attempts: number;
  /** Another number of them for some kinds of failure. */
  attemptsOf?: (reason: ErrorReason) => number;
  /** Ranges of one file asked for at the same time, at most; fewer while the connection is slow. */
  lanes: number;
  /** Called with each part that came, before more is read: what holds the speed down waits here. */
  pass?: (bytes: number, signal: AbortSignal | undefined) => Promise<void>;
  /** What goes with requests to an origin and to no other; undefined: nothing. */
  authorization?: (origin: string) => string | undefined;
  /** Told what failed and how long the pause before asking again is; with undefined when it is over. */
  onWait?: (wait: { error: EngineError; ms: number } | undefined) => void;
}

export const HOST: Host = {
  fetch: (url, init) => fetch(url, init),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done, { once: true });
      if (signal?.aborted) done();
    }),
  idleMs: 60_000,
  // With the pauses below some 15 minutes: a connection that drops at night comes back without anybody there.
  attempts: 20,
  lanes: 3,
};

/** First pause after a failure, doubled each time up to the last. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
/** Times that a hub is asked for a fresh address of a file where the one it gave is refused: it may have expired on its way. */
const FRESH_ADDRESSES = 5;
/** A host may ask for a longer pause (Retry-After), up to this. */
const LONGEST_ASKED_PAUSE_MS = 120_000;

export const aborted = (): EngineError => new EngineError('aborted', 'the download was stopped');

export interface Answer {
  /** true: the body is the range asked for; false: the host ignores ranges, and it is the whole file. */
  ranged: boolean;
  /**
   * What tells this version from another: the commit, where the address has one, for tags of several edges differ over the same
   * bytes; else the host's tag; null where there is none or CORS hides it.
   */
  etag: string | null;
  /** The file's length as a range's answer tells it, or null. */
  total: number | null;
  /** Content-Length of a whole file's answer: of what travels, which compression may have made shorter; or null. */
  length: number | null;
  /** The file's sha256 (hex) where the host tells it, or null. */
  sha256: string | null;
  /** Where redirects led. */
  url: string;
  /** The repository's commit where the host tells it, or null. */
  commit: string | null;
  /** The next bytes, or undefined at the end. Throws "network-failed", "aborted". */
  read(): Promise<Uint8Array | undefined>;
  /** Closes the connection. Must be called once, whatever happened. */
  close(): void;
}

/**
 * Asks for bytes [from, to) of `url`, or for all of it where `range` is left out.
 *
 * No If-Range: it would cost a CORS preflight that many hosts refuse, and it tells nothing that comparing the tags of two
 * answers does not.
 *
 * Throws "network-failed", "http-status", "captive-portal", "file-changed", "aborted", and what `refusal` says.
 */
export async function ask(
  host: Host,
  url: string,
  file: string,
  range?: { from: number; to: number },
  signal?: AbortSignal,
): Promise<Answer> {
  const line = new AbortController();
  let stalled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /**
   * Waits for the line, and for it alone: what is done with the bytes meanwhile (a slow disk) is no silence of the line.
   * An abort ends the wait by itself: some runtimes leave a read pending that begins after one.
   */
  const fromLine = <T>(work: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const cut = (): void => reject(new Error('the connection was cut'));
      if (line.signal.aborted) {
        cut();
        return;
      }
      line.signal.addEventListener('abort', cut, { once: true });
      timer = setTimeout(() => {
        stalled = true;
        line.abort();
      }, host.idleMs);
      void work()
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(timer);
          line.signal.removeEventListener('abort', cut);
        });
    });
  const stop = (): void => line.abort();
  const close = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    line.abort();
  };
  const failed = (error: unknown): EngineError => {
    close();
    if (error instanceof EngineError) return error;
    if (signal?.aborted) return aborted();
    const why = stalled ? 'stalled' : error instanceof Error ? error.message : String(error);
    return new EngineError('network-failed', `${file}: ${why}`, { file, why }, error);
  };

  if (signal?.aborted) throw aborted();
  signal?.addEventListener('abort', stop, { once: true });
  const { origin } = new URL(url);
  // Browsers take it off where a redirect leads to another origin: https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
  const authorization = host.authorization?.(origin);
  try {
    const response = await fromLine(() =>
      host.fetch(url, {
        signal: line.signal,
        cache: 'no-store', // the store is ours; a second copy in the HTTP cache would only take room
        credentials: 'omit',
        headers: {
          ...(range ? { Range: `bytes=${range.from}-${range.to - 1}` } : {}),
          ...(authorization === undefined ? {} : { Authorization: authorization }),
        },
      }),
    );
    const refused = refusal(response, file, url, authorization !== undefined);
    if (refused) throw refused;
    check(response, file);
    const { ranged, total } = place(response, file, range);
    const reader = response.body?.getReader();
    return {
      ranged,
      total,
      length: ranged ? null : Number(response.headers.get('content-length')) || null,
      etag: commitOf(url) ?? response.headers.get('etag'),
      sha256: toldSha256(response),
      url: response.url || url,
      commit: asCommit(response.headers.get('x-repo-commit')),
      async read() {
        try {
          const part = reader && (await fromLine(() => reader.read())).value;
          if (part) await host.pass?.(part.length, signal);
          return part;
        } catch (error) {
          throw failed(error);
        }
      },
      close,
    };
  } catch (error) {
    throw failed(error);
  }
}

function check(response: Response, file: string): void {
  if (response.status === 416) {
    throw new EngineError('file-changed', `${file}: the host's file is shorter than before`, {
      file,
      changed: 'length',
    });
  }
  if (!response.ok) {
    const asked = askedPause(response.headers);
    throw new EngineError('http-status', `${file}: the host answered ${response.status}`, {
      file,
      status: response.status,
      ...(asked === undefined ? {} : { retryAfter: asked }),
    });
  }
  const type = response.headers.get('content-type') ?? '';
  if (/^text\/html\b/i.test(type) && !/\.html?$/.test(file)) {
    throw new EngineError('captive-portal', `${file}: a web page came instead`, { file, type });
  }
}

/**
 * Hosts of large files under git name them by their sha256: X-Linked-ETag speaks of the file that was asked for. A plain tag
 * does so only where no redirect led elsewhere: a store behind the host may tag its copy with 64 digits of its own.
 */
function toldSha256(response: Response): string | null {
  const tag =
    response.headers.get('x-linked-etag') ?? (response.redirected ? null : response.headers.get('etag'));
  return /^"?([0-9a-f]{64})"?$/.exec(tag ?? '')?.[1] ?? null;
}

/** Where the body belongs. A host that hides Content-Range is taken at its 206. */
function place(
  response: Response,
  file: string,
  range: { from: number; to: number } | undefined,
): { ranged: boolean; total: number | null } {
  if (response.status !== 206 || !range) return { ranged: false, total: null };
  const told = response.headers.get('content-range');
  if (told === null) return { ranged: true, total: null };
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(told.trim());
  if (Number(match?.[1]) !== range.from) {
    throw new EngineError('network-failed', `${file}: asked from ${range.from}, got "${told}"`, {
      file,
      why: `Content-Range: ${told.slice(0, 100)}`,
    });
  }
  return { ranged: true, total: match?.[3] === '*' ? null : Number(match?.[3]) };
}

/** Whether asking again may help. */
function passing(error: EngineError): boolean {
  const { reason, details } = failureOf(error);
  switch (reason) {
    case 'network-failed':
    case 'size-mismatch':
    case 'delivery-refused':
      return true;
    case 'file-changed':
      return details.changed !== 'tag'; // a length may be a stale node's; another tag needs another start
    case 'http-status': {
      const { status } = details;
      return status >= 500 || status === 408 || status === 425 || status === 429;
    }
    default:
      return false;
  }
}

/** Whether another place may have what this one would not give. */
const elsewhere = ({ reason }: EngineError): boolean =>
  reason === 'http-status' ||
  reason === 'access-needed' ||
  reason === 'access-refused' ||
  reason === 'repository-missing' ||
  reason === 'repository-disabled' ||
  reason === 'revision-missing' ||
  reason === 'delivery-refused' ||
  reason === 'captive-portal' ||
  reason === 'network-failed' ||
  reason === 'size-mismatch' ||
  reason === 'file-changed';

/** Where the same file may be asked for, and which of them answered last: kept over many files. */
export interface Rotation {
  places: number;
  place: number;
}

/**
 * Runs `attempt` until it succeeds; pauses ever longer after failures that may pass and throws the last one when there
 * were too many in a row. `progressed()` starts the count anew. Where there are several places, a failure goes on to the
 * next one at once, and only a whole round of failures counts; `rotation.place` is the one to ask.
 */
export async function persist<T>(
  host: Host,
  signal: AbortSignal | undefined,
  attempt: (progressed: () => void, place: number) => Promise<T>,
  rotation: Rotation = { places: 1, place: 0 },
): Promise<T> {
  let failures = 0;
  /** Places that failed since the last success, and a failure among them that may pass. */
  let failed = 0;
  let mayPass: EngineError | undefined;
  const progressed = (): void => {
    failures = 0;
    failed = 0;
    mayPass = undefined;
  };
  for (;;) {
    try {
      return await attempt(progressed, rotation.place);
    } catch (error) {
      if (!(error instanceof EngineError) || !elsewhere(error)) throw error;
      if (passing(error)) mayPass ??= error;
      rotation.place = (rotation.place + 1) % rotation.places;
      if (++failed < rotation.places) continue;
      if (!mayPass) throw error;
      const { reason } = mayPass;
      const most =
        host.attemptsOf?.(reason) ?? (reason === 'delivery-refused' ? FRESH_ADDRESSES : host.attempts);
      if (++failures >= Math.min(most, host.attempts)) throw mayPass;
      const asked = failedBy(mayPass, 'http-status') ? (mayPass.details.retryAfter ?? 0) * 1000 : 0;
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
      // Spread, so that a classroom that lost its connection does not come back in step.
      const spread = pause * (0.75 + Math.random() / 2);
      const ms = Math.max(spread, Math.min(asked, LONGEST_ASKED_PAUSE_MS));
      host.onWait?.({ error: mayPass, ms });
      failed = 0;
      mayPass = undefined;
      await host.wait(ms, signal);
      host.onWait?.(undefined);
      if (signal?.aborted) throw aborted();
    }
  }
}

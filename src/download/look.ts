// Looking a model up while somebody waits in front of the screen: a few tries, and the name of the host that did not answer.

import { EngineError } from '../failures.ts';
import type { FoundModel, LookTry } from '../format/model-source.ts';
import type { Host } from './host.ts';
import { inspectModel } from './inspect.ts';

export interface Patience {
  attempts: number;
  /** Of one try without a byte. */
  idleMs: number;
  /** Of all tries since the last answer: no other one begins that could last longer. */
  silenceMs: number;
}

export const LOOK_PATIENCE: Patience = { attempts: 3, idleMs: 4_500, silenceMs: 10_000 };

export interface LookOptions {
  signal?: AbortSignal | undefined;
  /** A try failed, and another begins. */
  onTry?: ((tried: LookTry) => void) | undefined;
  patience?: Patience;
  now?: () => number;
}

/**
 * `work` with the patience of a person. Throws what that throws; instead of "network-failed", "host-silent" (details:
 * host, tries) or "host-unreadable" (host) where it answers but lets no page read what it says.
 */
export async function patiently<T>(
  host: Host,
  { signal, onTry, patience = LOOK_PATIENCE, now = () => Date.now() }: LookOptions,
  work: (host: Host, signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  let asked = '';
  let failures = 0;
  let answeredAt = now();
  const impatient: Host = {
    ...host,
    idleMs: patience.idleMs,
    get attempts() {
      const left = patience.silenceMs - (now() - answeredAt);
      return left < patience.idleMs ? 1 : patience.attempts;
    },
    fetch: async (url, init) => {
      asked = url;
      const response = await host.fetch(url, init);
      answeredAt = now();
      failures = 0;
      return response;
    },
    onWait: (wait) => {
      if (wait) failures++;
      else onTry?.({ attempt: failures + 1, attempts: patience.attempts, host: hostOf(asked) });
    },
  };
  try {
    return await work(impatient, signal);
  } catch (error) {
    if (!(error instanceof EngineError) || error.reason !== 'network-failed') throw error;
    const name = hostOf(asked);
    const quick = now() - answeredAt < patience.silenceMs - patience.idleMs;
    if (quick && (await answersUnread(host, asked, patience.idleMs))) {
      throw new EngineError('host-unreadable', `${name} lets no page read its files`, { host: name }, error);
    }
    const tries = failures + 1;
    throw new EngineError(
      'host-silent',
      `${name} did not answer in ${tries} tries`,
      { host: name, tries },
      error,
    );
  }
}

/** `inspectModel`, patiently. */
export const lookUp = (host: Host, address: string, options: LookOptions = {}): Promise<FoundModel> =>
  patiently(host, options, (impatient, signal) => inspectModel(impatient, address, signal));

const hostOf = (url: string): string => {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
};

/** Whether a host that pages may not read is there at all: an answer nobody may look into is an answer. */
async function answersUnread(host: Host, url: string, ms: number): Promise<boolean> {
  try {
    await host.fetch(url, {
      mode: 'no-cors',
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(ms),
    });
    return true;
  } catch {
    return false; // it does not answer this either
  }
}

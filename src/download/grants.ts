// Where the download's worker may go: the app's own host, what the catalog lists, and what a person confirmed in this session.
// Whoever can post a message to the worker can name an address; only who holds its port of confirmations can open one.

import { EngineError } from '../failures.ts';
import type { ModelSource } from '../format/model-source.ts';
import type { Host } from './host.ts';
import { repositoryAt } from './repository.ts';

const MAX_ADDRESS = 2_000;
/** A person confirms a few; a list that grows without end is no person's. */
const MAX_GRANTS = 1_000;

/**
 * The one spelling of an address that may be asked: https, or http on this very machine; without a user, a query or a fragment.
 * Throws "address-invalid".
 */
export function canonical(address: string): string {
  const refuse = (cause?: unknown): EngineError =>
    new EngineError(
      'address-invalid',
      'no address that may be asked',
      { given: address.slice(0, 100) },
      cause,
    );
  if (address.length > MAX_ADDRESS) throw refuse();
  let url: URL;
  try {
    url = new URL(address);
  } catch (cause) {
    throw refuse(cause);
  }
  const local = url.hostname === 'localhost' || url.hostname === '127.0.0.1';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) throw refuse();
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') throw refuse();
  return url.href;
}

/** What goes with a directory: its repository and the hub's list of that, or the directory alone. */
function prefixesOf(base: string): string[] {
  const repository = repositoryAt(base);
  if (!repository) return [base];
  const { origin, name } = repository;
  return [`${origin}/${name}/`, `${origin}/api/models/${name}/`];
}

export class Grants {
  private readonly prefixes: Set<string>;

  /** @param known directories of the catalog, and the app's own address: each with a slash at its end */
  constructor(known: Iterable<string>) {
    this.prefixes = new Set([...known].map(canonical).flatMap(prefixesOf));
  }

  /** Throws "address-invalid", "limit-exceeded". */
  allow(bases: readonly string[]): void {
    for (const base of bases) {
      for (const prefix of prefixesOf(canonical(base))) this.prefixes.add(prefix);
    }
    if (this.prefixes.size > MAX_GRANTS) {
      throw new EngineError('limit-exceeded', `more than ${MAX_GRANTS} confirmed addresses`, {
        what: 'entries',
        limit: MAX_GRANTS,
        actual: this.prefixes.size,
      });
    }
  }

  /** Throws "address-unconfirmed", "address-invalid". */
  check(address: string): void {
    const asked = canonical(address);
    for (const prefix of this.prefixes) if (asked.startsWith(prefix)) return;
    const { host } = new URL(asked);
    throw new EngineError('address-unconfirmed', `nobody confirmed ${asked} in this session`, { host });
  }

  checkSource({ base, mirrors = [], roots = [], library }: ModelSource): string[] {
    const places = [base, ...mirrors, ...roots, ...(library === undefined ? [] : [library])];
    for (const place of places) this.check(place);
    return places;
  }

  /** Whether something of an origin is open: a token goes nowhere else. */
  opens(origin: string): boolean {
    return [...this.prefixes].some((prefix) => prefix.startsWith(`${origin}/`));
  }
}

/** `host` for one piece of work: it asks the origins of what was confirmed for that, and follows where those lead. */
export function within(host: Host, places: readonly string[]): Host {
  const origins = new Set(places.map((place) => new URL(place).origin));
  return {
    ...host,
    fetch: (url, init) => {
      const { origin, host: name } = new URL(url);
      if (!origins.has(origin)) {
        const error = new EngineError('address-unconfirmed', `${url} is of another host`, { host: name });
        return Promise.reject(error);
      }
      return host.fetch(url, init);
    },
  };
}

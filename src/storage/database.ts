// One idb-keyval store = one database of ours. What idb-keyval leaves open is closed here: connections that another tab
// must be able to end, databases deleted under us, errors without a name, and a schema version from the first release on.

import { createStore } from 'idb-keyval';
import type { UseStore } from 'idb-keyval';
import { EngineError } from '../failures.ts';

/** Key of the record that says which version wrote a database. A string, so it sorts before every array key. */
export const SCHEMA_KEY = 'schema';

export interface DatabaseOptions {
  /** Brings an older database up to date inside the first transaction; `from` is the version found. */
  migrate?: (store: IDBObjectStore, from: number) => Promise<void>;
  /** What was stored is gone: the browser's settings, a tool or another tab deleted it while it was open. It began anew, empty. */
  onCleared?: () => void;
  /** A database that does not open for this long is held by something: said instead of waiting for ever. */
  openTimeoutMs?: number;
}

export interface Database {
  readonly name: string;
  /**
   * Runs `work` in one transaction and resolves with its result once the transaction is complete: all of it is
   * stored or nothing. `work` must only wait for requests of its own store (a transaction ends when it has none).
   * Throws "quota-exceeded", "storage-blocked", "storage-newer", "storage-failed".
   */
  read<T>(work: (store: IDBObjectStore) => Promise<T> | T): Promise<T>;
  write<T>(work: (store: IDBObjectStore) => Promise<T> | T): Promise<T>;
}

/** While a browser deletes a site's data it refuses to open a database (Chromium says AbortError): tried again after these. */
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 2000;

/** The result of one request, as a promise that keeps its transaction alive. */
export function requested<T>(request: IDBRequest<T>): Promise<T> {
  const result = new Promise<T>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('request failed'));
  });
  // Work that fails leaves requests nobody waits for; the transaction's own error speaks for them.
  result.catch(() => undefined);
  return result;
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () =>
      reject(transaction.error ?? new DOMException('transaction aborted', 'AbortError'));
  });
}

/** Every failure of IndexedDB by a reason of the table. `details.store` names the database. */
export function storageError(error: unknown, store: string): EngineError {
  if (error instanceof EngineError) return error;
  const name = error instanceof Error || error instanceof DOMException ? error.name : typeof error;
  const text = error instanceof Error || error instanceof DOMException ? error.message : String(error);
  // Firefox says NS_ERROR_* or UnknownError for some full disks; their texts name quota or space.
  if (name === 'QuotaExceededError' || /quota|disk (is )?full|no space/i.test(text)) {
    return new EngineError('quota-exceeded', `no room left for ${store}: ${text}`, { store }, error);
  }
  if (name === 'VersionError') {
    return new EngineError('storage-newer', `${store} is of a newer version of the app`, { store }, error);
  }
  return new EngineError('storage-failed', `${store}: ${name}: ${text}`, { store, error: name }, error);
}

/** The connection is gone, not the data: worth one more try on a new connection. */
const isClosed = (error: unknown): boolean =>
  (error instanceof DOMException || error instanceof Error) &&
  (error.name === 'InvalidStateError' || error.name === 'NotFoundError');

/**
 * @param name database name
 * @param version the schema this code reads and writes; a higher one in the database throws "storage-newer"
 */
export function openDatabase(
  name: string,
  version: number,
  { migrate, onCleared, openTimeoutMs = 10_000 }: DatabaseOptions = {},
): Database {
  let use: UseStore | undefined;
  let checked = false;
  /** Its schema record was there, or was written, in this page's life. */
  let known = false;

  const forget = (): void => {
    use = undefined;
    checked = false;
  };

  const attempt = async <T>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => Promise<T> | T,
  ): Promise<T> => {
    use ??= createStore(name, 'data');
    const opened = use;
    let began = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const blocked = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        if (began) return;
        forget();
        reject(new EngineError('storage-blocked', `${name} does not open`, { store: name }));
      }, openTimeoutMs);
    });
    try {
      return await Promise.race([
        opened(mode, async (store) => {
          began = true;
          clearTimeout(timer);
          const { db } = store.transaction;
          // A deletion or an upgrade elsewhere waits for us: let go, and open again when asked.
          db.onversionchange = () => {
            db.close();
            if (use === opened) forget();
            lookAgain();
          };
          db.onclose = () => {
            if (use === opened) forget();
            lookAgain();
          };
          const done = completed(store.transaction);
          done.catch(() => undefined); // awaited below; `work` may fail first
          try {
            const result = await work(store);
            await done;
            return result;
          } catch (error) {
            try {
              store.transaction.abort();
            } catch {
              // Already ended: `error` or the transaction's own error says why.
            }
            // A request refused for quota aborts the transaction: the transaction's error is the cause.
            await done.catch((cause: unknown) => {
              if (
                !(error instanceof EngineError) &&
                cause instanceof DOMException &&
                cause.name !== 'AbortError'
              )
                throw cause;
            });
            throw error;
          }
        }),
        blocked,
      ]);
    } finally {
      clearTimeout(timer);
    }
  };

  const run = async <T>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => Promise<T> | T,
  ): Promise<T> => {
    try {
      return await attempt(mode, work);
    } catch (error) {
      if (!isClosed(error)) throw error;
      forget(); // closed by the browser, or deleted under us
      return await attempt(mode, work);
    }
  };

  /** Reads the schema record once a connection and writes it where there is none. */
  const check = async (): Promise<void> => {
    if (checked) return;
    let lost = false;
    await run('readwrite', async (store) => {
      const found = await requested<unknown>(store.get(SCHEMA_KEY));
      const from = found === undefined ? version : found;
      if (typeof from !== 'number' || from > version) {
        throw new EngineError('storage-newer', `${name} has schema ${String(from)}, known up to ${version}`, {
          store: name,
          found: String(from),
          known: version,
        });
      }
      if (from < version) await migrate?.(store, from);
      if (found !== version) await requested(store.put(version, SCHEMA_KEY));
      lost = found === undefined && known;
    });
    checked = true;
    known = true;
    if (lost) onCleared?.();
  };

  /** After a connection's end: whether the data went with it, for whoever wants to know. What fails here is said when it is used. */
  const lookAgain = (pauseMs = FIRST_PAUSE_MS): void => {
    if (!onCleared) return;
    check().catch(() => {
      if (pauseMs <= LAST_PAUSE_MS) setTimeout(() => lookAgain(2 * pauseMs), pauseMs);
    });
  };

  const named =
    (mode: IDBTransactionMode) =>
    async <T>(work: (store: IDBObjectStore) => Promise<T> | T): Promise<T> => {
      try {
        await check();
        return await run(mode, work);
      } catch (error) {
        throw storageError(error, name);
      }
    };

  return { name, read: named('readonly'), write: named('readwrite') };
}

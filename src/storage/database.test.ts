import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EngineError } from '../failures.ts';
import { openDatabase, requested, SCHEMA_KEY } from './database.ts';

let name = '';
let count = 0;
beforeEach(() => {
  name = `test-${++count}`;
});
afterEach(() => {
  vi.restoreAllMocks();
});

const put = (store: IDBObjectStore, key: IDBValidKey, value: unknown): Promise<IDBValidKey> =>
  requested(store.put(value, key));
const get = (store: IDBObjectStore, key: IDBValidKey): Promise<unknown> => requested<unknown>(store.get(key));

const reasonOf = async (work: Promise<unknown>): Promise<EngineError> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof EngineError)) throw new Error(`no EngineError but ${String(error)}`);
  return error;
};

function rawOpen(version?: number): Promise<IDBDatabase> {
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = () => {
    if (!request.result.objectStoreNames.contains('data')) request.result.createObjectStore('data');
  };
  return requested(request);
}

test('writes the schema version at first use', async () => {
  await openDatabase(name, 3).read(() => undefined);
  const raw = await rawOpen();
  expect(await get(raw.transaction('data').objectStore('data'), SCHEMA_KEY)).toBe(3);
  raw.close();
});

test('a transaction whose work fails leaves nothing behind', async () => {
  const database = openDatabase(name, 1);
  const failing = database.write(async (store) => {
    await put(store, ['a'], 1);
    throw new EngineError('internal', 'on purpose');
  });
  expect((await reasonOf(failing)).reason).toBe('internal');
  expect(await database.read((store) => get(store, ['a']))).toBeUndefined();
});

test('a newer schema is refused and not touched', async () => {
  await openDatabase(name, 9).write((store) => put(store, ['a'], 1));
  const error = await reasonOf(openDatabase(name, 1).write((store) => put(store, ['a'], 2)));
  expect(error).toMatchObject({ reason: 'storage-newer', details: { found: '9', known: 1 } });
  expect(await openDatabase(name, 9).read((store) => get(store, ['a']))).toBe(1);
});

test('an older schema is migrated once, together with its version', async () => {
  await openDatabase(name, 1).write((store) => put(store, ['a'], 1));
  const migrate = vi.fn(async (store: IDBObjectStore, from: number) => {
    await put(store, ['a'], `from ${from}`);
  });
  const database = openDatabase(name, 2, { migrate });
  expect(await database.read((store) => get(store, ['a']))).toBe('from 1');
  await openDatabase(name, 2, { migrate }).read(() => undefined);
  expect(migrate).toHaveBeenCalledTimes(1);
});

test('lets go when the database is deleted elsewhere, and starts anew', async () => {
  const database = openDatabase(name, 1);
  await database.write((store) => put(store, ['a'], 1));
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onblocked = () => reject(new Error('the deletion was blocked by our connection'));
  });
  expect(await database.read((store) => get(store, ['a']))).toBeUndefined();
  expect(await database.read((store) => get(store, SCHEMA_KEY))).toBe(1);
});

test('says once that it was deleted under us, and not that it was only closed', async () => {
  const onCleared = vi.fn();
  const database = openDatabase(name, 1, { onCleared });
  let connection: IDBDatabase | undefined;
  await database.write((store) => {
    connection = store.transaction.db;
    return put(store, ['a'], 1);
  });
  connection?.close();
  connection?.onclose?.(new Event('close'));
  expect(await database.read((store) => get(store, ['a']))).toBe(1);
  expect(onCleared).not.toHaveBeenCalled();
  await requested(indexedDB.deleteDatabase(name));
  await vi.waitFor(() => expect(onCleared).toHaveBeenCalledTimes(1));
  expect(await database.read((store) => get(store, ['a']))).toBeUndefined();
  expect(onCleared).toHaveBeenCalledTimes(1);
});

test('opens again after the browser closed the connection', async () => {
  const database = openDatabase(name, 1);
  let connection: IDBDatabase | undefined;
  await database.write((store) => {
    connection = store.transaction.db;
    return put(store, ['a'], 1);
  });
  connection?.close();
  expect(await database.read((store) => get(store, ['a']))).toBe(1);
});

test('a database that another connection holds back is named, not waited for', async () => {
  const holder = await rawOpen(); // never answers "versionchange"
  const deletion = indexedDB.deleteDatabase(name);
  await new Promise((resolve) => (deletion.onblocked = resolve));
  const database = openDatabase(name, 1, { openTimeoutMs: 30 });
  expect((await reasonOf(database.read(() => undefined))).reason).toBe('storage-blocked');
  holder.close();
  await requested(deletion);
  expect(await database.read((store) => get(store, SCHEMA_KEY))).toBe(1);
});

test.each(['put', 'commit'] as const)(
  'a full disk at %s is a quota error and changes nothing',
  async (when) => {
    const database = openDatabase(name, 1);
    await database.write((store) => put(store, ['a'], 1));
    const full = new DOMException('no room', 'QuotaExceededError');
    const failing = database.write(async (store) => {
      if (when === 'put') {
        vi.spyOn(store, 'put').mockImplementation(() => {
          throw full;
        });
        await put(store, ['a'], 2);
      } else {
        await put(store, ['a'], 2);
        vi.spyOn(store.transaction, 'error', 'get').mockReturnValue(full);
        store.transaction.abort();
      }
    });
    expect(await reasonOf(failing)).toMatchObject({ reason: 'quota-exceeded', details: { store: name } });
    expect(await database.read((store) => get(store, ['a']))).toBe(1);
  },
);

test('no IndexedDB at all is a storage failure by name', async () => {
  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  expect(await reasonOf(openDatabase(name, 1).read(() => undefined))).toMatchObject({
    reason: 'storage-failed',
    details: { store: name, error: 'SecurityError' },
  });
});

// How many bytes the databases hold that are not models. Browsers tell only the sum of everything, so what lies there is
// walked through: text as UTF-8, buffers and Blobs by their length. Keys and indexes of the browser's own are not counted.

import { SCHEMA_KEY } from './database.ts';

/** Records read at a time: a conversation may have megabytes. */
const BATCH = 50;

/** Database name -> bytes, of this origin's databases whose name begins so. Empty where the browser lists none. */
export async function measureDatabases(
  prefix: string,
  without: readonly string[],
): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  const list = (await globalThis.indexedDB.databases?.().catch(() => [])) ?? [];
  for (const { name } of list)
    if (name?.startsWith(prefix) && !without.includes(name)) sizes.set(name, await measureDatabase(name));
  return sizes;
}

async function measureDatabase(name: string): Promise<number> {
  const database = await settled(globalThis.indexedDB.open(name));
  // Another tab that wants to change or delete it must not wait for this one.
  database.onversionchange = () => database.close();
  try {
    let bytes = 0;
    for (const storeName of database.objectStoreNames) {
      let range: IDBKeyRange | undefined;
      for (;;) {
        const store = database.transaction(storeName, 'readonly').objectStore(storeName);
        const [keys, values] = await Promise.all([
          settled(store.getAllKeys(range, BATCH)),
          settled(store.getAll(range, BATCH)),
        ]);
        // A database in which there is only the number of its schema holds nothing of anybody's.
        for (const [i, value] of values.entries()) if (keys[i] !== SCHEMA_KEY) bytes += bytesOf(value);
        const last = keys.at(-1);
        if (last === undefined || keys.length < BATCH) break;
        range = IDBKeyRange.lowerBound(last, true);
      }
    }
    return bytes;
  } finally {
    database.close();
  }
}

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('request failed'));
  });

/** Stored length of a value as structured clones keep it, near enough to show. */
export function bytesOf(value: unknown): number {
  let bytes = 0;
  const open: unknown[] = [value];
  const encoder = new TextEncoder();
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string') bytes += encoder.encode(next).length;
    else if (next instanceof Blob) bytes += next.size;
    else if (ArrayBuffer.isView(next) || next instanceof ArrayBuffer) bytes += next.byteLength;
    else if (next instanceof Map) open.push(...next.keys(), ...next.values());
    else if (next instanceof Set) open.push(...next.values());
    else if (typeof next === 'object' && next !== null)
      open.push(...Object.keys(next), ...Object.values(next));
    else bytes += 8;
  }
  return bytes;
}

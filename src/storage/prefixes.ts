// What a model computed of the instructions that conversations begin with: its keys and values, so that the next load does not
// compute them again. Only a convenience: whatever is not exactly what was kept is deleted, and computed anew.

import { openDatabase, requested } from './database.ts';

/** All of what a prefix's bytes depend on. */
export interface PrefixKey {
  modelId: string;
  /** Of the model's files as they are stored, one line a file: another content, another prefix. */
  files: readonly { path: string; sha256: string }[];
  /** How the engine lays bytes out. */
  layout: string;
  tokens: readonly number[];
}

export interface Prefixes {
  /** Verified bytes; null where there are none. Damaged ones are deleted. */
  load(key: PrefixKey): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Keeps bytes, unless they alone are too many; the ones unused longest make room, and those of other contents of the model go. */
  save(key: PrefixKey, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  drop(key: PrefixKey): Promise<void>;
  removeModel(modelId: string): Promise<void>;
  clear(): Promise<void>;
}

/** One prefix: 1,000 tokens of an 8B model in 8 bits, or 2,000 of a 1B. */
export const MAX_PREFIX_BYTES = 64 * 2 ** 20;
/** All of them together. */
export const MAX_PREFIXES_BYTES = 128 * 2 ** 20;
/** Part of every key: of another version, nothing is found. */
const VERSION = 1;

interface Note {
  /** Of the model's files and the layout. */
  of: string;
  /** Of the bytes. */
  sha256: string;
  size: number;
  usedAt: number;
}

async function sha256(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function idsOf({ modelId, files, layout, tokens }: PrefixKey) {
  const lines = files.map(({ path, sha256: hash }) => `${hash} ${path}`).sort();
  const of = await sha256(JSON.stringify([VERSION, modelId, layout, lines]));
  return { of, id: await sha256(JSON.stringify([of, tokens])) };
}

export function openPrefixes(name = 'yupana-prefixes', now: () => number = Date.now): Prefixes {
  const database = openDatabase(name, 1);
  const note = (modelId: string, id: string) => ['note', modelId, id];
  const data = (modelId: string, id: string) => ['bytes', modelId, id];

  async function remove(store: IDBObjectStore, modelId: string, id: string): Promise<void> {
    await requested(store.delete(note(modelId, id)));
    await requested(store.delete(data(modelId, id)));
  }

  async function notes(store: IDBObjectStore): Promise<{ modelId: string; id: string; note: Note }[]> {
    const range = IDBKeyRange.bound(['note'], ['note', []]);
    const keys = (await requested(store.getAllKeys(range))) as [string, string, string][];
    const values = await requested<Note[]>(store.getAll(range));
    return keys.map(([, modelId, id], i) => ({ modelId, id, note: values[i]! }));
  }

  async function drop(key: PrefixKey): Promise<void> {
    const { id } = await idsOf(key);
    await database.write((store) => remove(store, key.modelId, id));
  }

  return {
    async load(key) {
      const { id } = await idsOf(key);
      const found = await database.write(async (store) => {
        const kept = await requested<Note | undefined>(store.get(note(key.modelId, id)));
        if (kept === undefined) return null;
        await requested(store.put({ ...kept, usedAt: now() }, note(key.modelId, id)));
        return { kept, bytes: await requested<unknown>(store.get(data(key.modelId, id))) };
      });
      if (found === null) return null;
      const { kept, bytes } = found;
      if (bytes instanceof Uint8Array && bytes.byteLength === kept.size) {
        const own = new Uint8Array(bytes);
        if ((await sha256(own)) === kept.sha256) return own;
      }
      await drop(key);
      return null;
    },
    async save(key, bytes) {
      if (bytes.byteLength > MAX_PREFIX_BYTES) return;
      const { id, of } = await idsOf(key);
      const hash = await sha256(bytes);
      await database.write(async (store) => {
        const others = (await notes(store)).filter((each) => each.id !== id);
        const stale = others.filter((each) => each.modelId === key.modelId && each.note.of !== of);
        const fresh = others
          .filter((each) => !stale.includes(each))
          .sort((a, b) => b.note.usedAt - a.note.usedAt);
        let total = bytes.byteLength;
        for (const each of fresh) if ((total += each.note.size) > MAX_PREFIXES_BYTES) stale.push(each);
        for (const each of stale) await remove(store, each.modelId, each.id);
        const kept: Note = { of, sha256: hash, size: bytes.byteLength, usedAt: now() };
        await requested(store.put(kept, note(key.modelId, id)));
        await requested(store.put(bytes, data(key.modelId, id)));
      });
    },
    drop,
    removeModel: (modelId) =>
      database.write(async (store) => {
        for (const each of await notes(store)) {
          if (each.modelId === modelId) await remove(store, modelId, each.id);
        }
      }),
    clear: () =>
      database.write(async (store) => {
        for (const each of await notes(store)) await remove(store, each.modelId, each.id);
      }),
  };
}

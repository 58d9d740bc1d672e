// The records of the search index and the changes to them inside one transaction. The invariant everything rests on: of a
// conversation with a number, the index has every word (in a shard or in its log line). It may have more (what was edited
// away); the text itself decides at the end.

import { requested } from './database.ts';
import { decodeShard, encodeShard, shardOf, union, type Postings } from './search-shard.ts';

/** Raised with any change of records or of `fold`: an index of another format is built anew. */
export const INDEX_FORMAT = 1;
/** Conversations a block of the catalogue describes; a save rewrites one block (about 25 KB). */
export const BLOCK = 256;
/** Conversations whose new words wait in the log before they are merged into the shards. */
export const MAX_LOGS = 64;
/** Characters of one log line before they are merged. */
export const MAX_LOG_CHARACTERS = 256 * 1024;
/** Shards rewritten in one transaction of a merge: about ten milliseconds. */
export const SHARD_BATCH = 64;

export interface IndexState {
  format: typeof INDEX_FORMAT;
  /** false: being built, or given up: built anew before it is asked. */
  complete: boolean;
  /** Changes when everything is thrown away: work begun before must not write into what came after. */
  build: string;
  /** The next conversation's number. Numbers are never used twice. */
  next: number;
  /** Raised by every change, so that copies in memory know when they are old. */
  generation: number;
  logs: number;
  /** Numbers of deleted conversations whose words are still in shards. */
  dead: number[];
}

export interface Block {
  /** '' where the conversation is gone. */
  ids: string[];
  titles: string[];
  updated: number[];
}

export const KEYS = {
  state: ['state'],
  number: (id: string): IDBValidKey => ['number', id],
  block: (index: number): IDBValidKey => ['block', index],
  log: (number: number): IDBValidKey => ['log', number],
  shard: (shard: string): IDBValidKey => ['shard', shard],
  all: (kind: 'number' | 'block' | 'log' | 'shard'): IDBKeyRange => IDBKeyRange.bound([kind], [kind, []]),
};

/** A record that is not what this code writes: the index is built anew. */
export class DamagedIndex extends Error {}

/** Also as the cause of the error a transaction ends with. */
export const isDamage = (error: unknown): boolean =>
  error instanceof DamagedIndex || (error instanceof Error && error.cause instanceof DamagedIndex);

export const emptyState = (complete: boolean): IndexState => ({
  format: INDEX_FORMAT,
  complete,
  build: crypto.randomUUID(),
  next: 0,
  generation: 0,
  logs: 0,
  dead: [],
});

/** null: none, or of another format. */
export async function readState(store: IDBObjectStore): Promise<IndexState | null> {
  const value = await requested<unknown>(store.get(KEYS.state));
  if (typeof value !== 'object' || value === null) return null;
  const { format, complete, build, next, generation, logs, dead } = value as Partial<
    Record<keyof IndexState, unknown>
  >;
  const valid =
    format === INDEX_FORMAT &&
    typeof complete === 'boolean' &&
    typeof build === 'string' &&
    Number.isSafeInteger(next) &&
    Number.isSafeInteger(generation) &&
    Number.isSafeInteger(logs) &&
    Array.isArray(dead);
  return valid ? (value as IndexState) : null;
}

export const writeState = async (store: IDBObjectStore, state: IndexState): Promise<void> => {
  state.generation++;
  await requested(store.put(state, KEYS.state));
};

export function checkBlock(value: unknown): Block {
  const { ids, titles, updated } = (value ?? {}) as Partial<Record<keyof Block, unknown>>;
  if (!Array.isArray(ids) || !Array.isArray(titles) || !Array.isArray(updated))
    throw new DamagedIndex('block');
  if (ids.length !== titles.length || ids.length !== updated.length) throw new DamagedIndex('block');
  return value as Block;
}

export interface Described {
  id: string;
  title: string;
  /** NaN: its words are not all in yet. */
  updatedAt: number;
}

/** Gives conversations their numbers and writes what the list of results needs. @returns the numbers, in order */
export async function describe(
  store: IDBObjectStore,
  state: IndexState,
  conversations: readonly Described[],
): Promise<number[]> {
  const known = await Promise.all(
    conversations.map(({ id }) => requested<unknown>(store.get(KEYS.number(id)))),
  );
  const writes: Promise<unknown>[] = [];
  const numbers = conversations.map(({ id }, i) => {
    const before = known[i];
    if (typeof before === 'number') return before;
    const number = state.next++;
    writes.push(requested(store.put(number, KEYS.number(id))));
    return number;
  });
  const blocks = new Map<number, Block>();
  for (const index of new Set(numbers.map((number) => Math.floor(number / BLOCK)))) {
    const found = await requested<unknown>(store.get(KEYS.block(index)));
    blocks.set(index, found === undefined ? { ids: [], titles: [], updated: [] } : checkBlock(found));
  }
  conversations.forEach(({ id, title, updatedAt }, i) => {
    const number = numbers[i] ?? 0;
    const block = blocks.get(Math.floor(number / BLOCK));
    if (!block) return;
    while (block.ids.length <= number % BLOCK) {
      block.ids.push('');
      block.titles.push('');
      block.updated.push(0);
    }
    block.ids[number % BLOCK] = id;
    block.titles[number % BLOCK] = title;
    block.updated[number % BLOCK] = updatedAt;
  });
  for (const [index, block] of blocks) writes.push(requested(store.put(block, KEYS.block(index))));
  await Promise.all(writes);
  return numbers;
}

/** Adds words to a conversation's log line. @returns characters the line has now */
export async function log(
  store: IDBObjectStore,
  state: IndexState,
  number: number,
  terms: ReadonlySet<string>,
): Promise<number> {
  if (terms.size === 0) return 0;
  const before = await requested<unknown>(store.get(KEYS.log(number)));
  if (typeof before !== 'string') state.logs++;
  const line = [...new Set([...(typeof before === 'string' ? before.split('\n') : []), ...terms])].join('\n');
  await requested(store.put(line, KEYS.log(number)));
  return line.length;
}

/** Takes a conversation out of the catalogue; its number stays dead until no shard has it. */
export async function forget(store: IDBObjectStore, state: IndexState, id: string): Promise<void> {
  const number = await requested<unknown>(store.get(KEYS.number(id)));
  if (typeof number !== 'number') return;
  const index = Math.floor(number / BLOCK);
  const block = checkBlock(await requested<unknown>(store.get(KEYS.block(index))));
  block.ids[number % BLOCK] = '';
  block.titles[number % BLOCK] = '';
  const line = await requested<unknown>(store.get(KEYS.log(number)));
  if (line !== undefined) state.logs--;
  state.dead.push(number);
  await Promise.all([
    requested(store.delete(KEYS.number(id))),
    requested(store.delete(KEYS.log(number))),
    requested(store.put(block, KEYS.block(index))),
  ]);
}

/** Adds conversations to the terms of one shard. */
async function mergeShard(store: IDBObjectStore, shard: string, added: Postings): Promise<void> {
  const found = await requested<unknown>(store.get(KEYS.shard(shard)));
  const postings: Postings | null = found === undefined ? new Map() : decodeShard(found, () => true);
  if (!postings) throw new DamagedIndex(`shard ${shard}`);
  for (const [term, numbers] of added) {
    const before = postings.get(term);
    postings.set(term, before ? union(before, numbers) : numbers);
  }
  await requested(store.put(encodeShard(postings), KEYS.shard(shard)));
}

/** Terms by shard. Each list of numbers must be ascending. */
export function byShard(postings: Postings): [string, Postings][] {
  const shards = new Map<string, Postings>();
  for (const [term, numbers] of postings) {
    const shard = shardOf(term);
    let inside = shards.get(shard);
    if (!inside) shards.set(shard, (inside = new Map()));
    inside.set(term, numbers);
  }
  return [...shards];
}

export async function mergeShards(
  store: IDBObjectStore,
  shards: readonly [string, Postings][],
): Promise<void> {
  await Promise.all(shards.map(([shard, added]) => mergeShard(store, shard, added)));
}

/** The log's lines as postings. */
export function postingsOf(lines: ReadonlyMap<number, string>): Postings {
  const postings: Postings = new Map();
  for (const number of [...lines.keys()].sort((a, b) => a - b)) {
    for (const term of (lines.get(number) ?? '').split('\n')) {
      const list = postings.get(term);
      if (list) list.push(number);
      else postings.set(term, [number]);
    }
  }
  return postings;
}

export async function readLogs(store: IDBObjectStore): Promise<Map<number, string>> {
  const [keys, values] = await Promise.all([
    requested(store.getAllKeys(KEYS.all('log'))),
    requested<unknown[]>(store.getAll(KEYS.all('log'))),
  ]);
  const lines = new Map<number, string>();
  keys.forEach((key, i) => {
    const number: unknown = Array.isArray(key) ? key[1] : undefined;
    const line = values[i];
    if (typeof number !== 'number' || typeof line !== 'string') throw new DamagedIndex('log');
    lines.set(number, line);
  });
  return lines;
}

/** Takes dead conversations out of the shards from `from` on. @returns the shard to go on from, null at the end */
export async function sweep(
  store: IDBObjectStore,
  dead: ReadonlySet<number>,
  from: string,
): Promise<string | null> {
  const range = IDBKeyRange.bound(['shard', from], ['shard', []], from !== '');
  const [keys, values] = await Promise.all([
    requested(store.getAllKeys(range, SHARD_BATCH)),
    requested<unknown[]>(store.getAll(range, SHARD_BATCH)),
  ]);
  const writes: Promise<unknown>[] = [];
  keys.forEach((key, i) => {
    const postings = decodeShard(values[i], () => true);
    if (!postings) throw new DamagedIndex('shard');
    let changed = false;
    for (const [term, numbers] of postings) {
      const left = numbers.filter((number) => !dead.has(number));
      if (left.length === numbers.length) continue;
      changed = true;
      if (left.length > 0) postings.set(term, left);
      else postings.delete(term);
    }
    if (!changed) return;
    writes.push(
      postings.size > 0 ? requested(store.put(encodeShard(postings), key)) : requested(store.delete(key)),
    );
  });
  await Promise.all(writes);
  const last = keys.at(-1);
  return keys.length < SHARD_BATCH || !Array.isArray(last) ? null : String(last[1]);
}

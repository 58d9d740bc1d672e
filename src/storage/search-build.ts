// The long work on the search index, in small transactions: building it, bringing it up to date, merging its log.

import type { Conversation, ConversationStore, ConversationSummary, ListCursor } from './conversations.ts';
import { requested, type Database } from './database.ts';
import {
  byShard,
  checkBlock,
  DamagedIndex,
  describe,
  emptyState,
  forget,
  KEYS,
  mergeShards,
  postingsOf,
  readLogs,
  readState,
  SHARD_BATCH,
  sweep,
  writeState,
  type IndexState,
} from './search-records.ts';
import type { Postings } from './search-shard.ts';
import { addTerms } from './search-terms.ts';

const PAGE = 200;
/** Word-conversation pairs held in memory while building. */
const MAX_PAIRS = 500_000;
/** A conversation the store does not have is forgotten after this long: its save may still be on the way. */
const GRACE_MS = 60_000;

export interface Builder {
  /** One change of the index in one transaction. `build`: refuse if everything was thrown away since. */
  change<T>(work: (store: IDBObjectStore, state: IndexState) => Promise<T>, build?: string): Promise<T>;
  /** Builds what is missing: all of it where there is no valid index. */
  prepare(onProgress?: (done: number, total: number) => void): Promise<void>;
  rebuild(onProgress?: (done: number, total: number) => void): Promise<void>;
  /** Merges the log into the shards and takes deleted conversations out of them. */
  tidy(): Promise<void>;
  clear(): Promise<void>;
}

/** The terms of a whole conversation. */
export function allTerms(conversation: Pick<Conversation, 'title' | 'nodes'>): Set<string> {
  const terms = new Set<string>();
  addTerms(conversation.title, terms);
  for (const node of Object.values(conversation.nodes)) addTerms(node.content, terms);
  return terms;
}

/** One tab at a time does long work; where there are no Web Locks there are no tabs either. */
function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
  return locks ? (locks.request(name, work) as Promise<T>) : work();
}

export function createBuilder(
  database: Database,
  conversations: Pick<ConversationStore, 'list' | 'get'>,
  onError: (error: unknown) => void,
): Builder {
  const change: Builder['change'] = (work, build) =>
    database.write(async (store) => {
      const state = (await readState(store)) ?? emptyState(false);
      if (build !== undefined && state.build !== build) throw new DamagedIndex('thrown away meanwhile');
      const result = await work(store, state);
      await writeState(store, state);
      return result;
    });

  const wipe = (complete: boolean): Promise<string> =>
    database.write(async (store) => {
      const before = await readState(store);
      const state = { ...emptyState(complete), generation: before?.generation ?? 0 };
      await Promise.all(
        (['number', 'block', 'log', 'shard'] as const).map((kind) => requested(store.delete(KEYS.all(kind)))),
      );
      await writeState(store, state);
      return state.build;
    });

  const listAll = async (): Promise<Map<string, ConversationSummary>> => {
    const found = new Map<string, ConversationSummary>();
    let after: ListCursor | undefined;
    do {
      const page = await conversations.list(after ? { limit: PAGE, after } : { limit: PAGE });
      for (const summary of page) if (!found.has(summary.id)) found.set(summary.id, summary);
      const end = page.at(-1);
      after = page.length < PAGE || !end ? undefined : { updatedAt: end.updatedAt, id: end.id };
    } while (after);
    return found;
  };

  /** Indexes the given conversations. Their time is written last: until then they count as not indexed. */
  const add = async (
    ids: readonly string[],
    build: string,
    onProgress?: (done: number, total: number) => void,
  ): Promise<void> => {
    let postings: Postings = new Map();
    let pairs = 0;
    let described: Conversation[] = [];
    const flush = async (): Promise<void> => {
      const shards = byShard(postings);
      for (let at = 0; at < shards.length; at += SHARD_BATCH) {
        await change((store) => mergeShards(store, shards.slice(at, at + SHARD_BATCH)), build);
      }
      await change((store, state) => describe(store, state, described), build);
      postings = new Map();
      pairs = 0;
      described = [];
    };
    for (let at = 0; at < ids.length; at += PAGE) {
      const bodies = await Promise.all(
        ids.slice(at, at + PAGE).map((id) =>
          conversations.get(id).catch((error: unknown) => {
            onError(error); // one that cannot be read is not found; the others are
            return undefined;
          }),
        ),
      );
      const found = bodies.filter((body) => body !== undefined);
      const numbers = await change(
        (store, state) =>
          describe(
            store,
            state,
            found.map((body) => ({ id: body.id, title: body.title, updatedAt: Number.NaN })),
          ),
        build,
      );
      for (const [i, body] of found.entries()) {
        const number = numbers[i] ?? 0;
        for (const term of allTerms(body)) {
          const list = postings.get(term);
          if (list) list.push(number);
          else postings.set(term, [number]);
          pairs++;
        }
        described.push(body);
      }
      if (pairs > MAX_PAIRS) await flush();
      onProgress?.(Math.min(at + PAGE, ids.length), ids.length);
    }
    await flush();
  };

  const rebuildNow: Builder['rebuild'] = async (onProgress) => {
    const build = await wipe(false);
    // Oldest first: numbers rise with time, as they do when conversations are saved one by one.
    await add([...(await listAll()).keys()].reverse(), build, onProgress);
    await change(async (_, state) => {
      state.complete = true;
    }, build);
  };

  const catchUp: Builder['rebuild'] = async (onProgress) => {
    const { state, known } = await database.read(async (store) => {
      const blocks = await requested<unknown[]>(store.getAll(KEYS.all('block')));
      const times = new Map<string, number>();
      for (const block of blocks.map(checkBlock)) {
        block.ids.forEach((id, i) => id !== '' && times.set(id, block.updated[i] ?? Number.NaN));
      }
      return { state: await readState(store), known: times };
    });
    if (!state?.complete) return rebuildNow(onProgress);
    const stored = await listAll();
    const missed = [...stored.values()].filter(({ id, updatedAt }) => known.get(id) !== updatedAt);
    if (missed.length > 0) await add(missed.map(({ id }) => id).reverse(), state.build, onProgress);
    const gone: string[] = [];
    for (const [id, updatedAt] of known) {
      if (stored.has(id) || updatedAt > Date.now() - GRACE_MS) continue;
      if ((await conversations.get(id).catch(() => null)) === undefined) gone.push(id);
    }
    if (gone.length > 0) {
      await change(async (store, current) => {
        for (const id of gone) await forget(store, current, id);
      }, state.build);
    }
  };

  const tidyNow = async (): Promise<void> => {
    const { state, lines } = await database.read(async (store) => ({
      state: await readState(store),
      lines: await readLogs(store),
    }));
    if (!state) return;
    const { build } = state;
    // A merge that is cut short is merged again: a conversation added twice to a term is in it once.
    const shards = byShard(postingsOf(lines));
    for (let at = 0; at < shards.length; at += SHARD_BATCH) {
      await change((store) => mergeShards(store, shards.slice(at, at + SHARD_BATCH)), build);
    }
    const dead = await change(async (store, current) => {
      for (const [number, line] of lines) {
        // A line that has grown since stays, and one that is gone was of a deleted conversation.
        if ((await requested<unknown>(store.get(KEYS.log(number)))) !== line) continue;
        await requested(store.delete(KEYS.log(number)));
        current.logs--;
      }
      return new Set(current.dead);
    }, build);
    if (dead.size === 0) return;
    for (let from: string | null = ''; from !== null;) {
      const start: string = from;
      from = await change((store) => sweep(store, dead, start), build);
    }
    await change(async (_, current) => {
      current.dead = current.dead.filter((number) => !dead.has(number));
    }, build);
  };

  return {
    change,
    prepare: (onProgress) => exclusively(database.name, () => catchUp(onProgress)),
    rebuild: (onProgress) => exclusively(database.name, () => rebuildNow(onProgress)),
    tidy: () => exclusively(database.name, tidyNow),
    clear: async () => {
      await wipe(true);
    },
  };
}

// Search over all conversations from an index of its own: a query reads the catalogue, the shards of its words and the few
// conversations it shows, however many there are. Saves add to a log that is merged now and then; the index is built anew
// where it is damaged, of another format or incomplete, and once a session it catches up with what it missed.

import { EngineError } from '../failures.ts';
import type { Conversation, ConversationStore } from './conversations.ts';
import { openDatabase, requested } from './database.ts';
import { createBuilder } from './search-build.ts';
import {
  BLOCK,
  checkBlock,
  DamagedIndex,
  describe,
  forget,
  isDamage,
  KEYS,
  log,
  MAX_LOG_CHARACTERS,
  MAX_LOGS,
  readLogs,
  readState,
  type Block,
  type Described,
} from './search-records.ts';
import { decodeShard, SHARD_CHARACTERS, shardOf } from './search-shard.ts';
import { addTerms, matches, queryTerms, searchConversation, type SearchHit } from './search-terms.ts';

/** Shards a beginning of two letters may reach: every Latin letter and digit as the third, and then some. */
export const MAX_SHARDS_A_TERM = 96;
/** Conversations read at most for each result asked for; only those edited since they matched are read in vain. */
export const MAX_BODIES_A_RESULT = 3;
const BODIES_AT_ONCE = 8;
const DEFAULT_LIMIT = 20;

export interface SearchResults {
  /** Matches in titles first, then newest first. */
  hits: SearchHit[];
  /** There may be more than `limit`. */
  more: boolean;
}

export interface SearchIndex {
  /**
   * Every word of the query, by its beginning, without accents or case, anywhere in a conversation.
   * Throws "aborted" and storage errors.
   */
  search(query: string, options?: { limit?: number; signal?: AbortSignal }): Promise<SearchResults>;
  /** Before the conversation itself is stored: the index may say too much, never too little. */
  update(conversation: Conversation): Promise<void>;
  /** After the conversation itself is deleted. */
  remove(id: string): Promise<void>;
  clear(): Promise<void>;
  /** Catches up with the store, or builds the index; `search` does it by itself the first time. */
  prepare(onProgress?: (done: number, total: number) => void): Promise<void>;
  /** Merges the log and takes the words of deleted conversations out. Runs by itself when there is enough to do. */
  tidy(): Promise<void>;
  /** Records that queries have read since it was opened, of the index and of conversations. For tests and benchmarks. */
  readonly recordsRead: number;
}

interface Cache {
  generation: number;
  blocks: Block[];
  logs: Map<number, string[]>;
  /** Terms of titles by number, as far as queries asked for them. */
  titles: Map<number, string[]>;
}

/** @param onError hears of failures in the background; the next search repairs what it can */
export function openSearchIndex(
  conversations: Pick<ConversationStore, 'list' | 'get'>,
  {
    name = 'yupana-search',
    onError = () => undefined,
  }: { name?: string; onError?: (error: unknown) => void } = {},
): SearchIndex {
  const database = openDatabase(name, 1);
  const builder = createBuilder(database, conversations, onError);
  let recordsRead = 0;
  let prepared: Promise<void> | undefined;
  let tidying: Promise<void> | undefined;
  let tidyAgain = false;
  let updates: Promise<unknown> = Promise.resolve();
  /** What is in memory of the index, good while the stored generation is this one. */
  let cache: Cache | undefined;
  /** The conversation saved last: a save while an answer is written then adds only its few new words. */
  let last: { id: string; terms: Set<string>; contents: Map<string, string> } | undefined;

  const prepare: SearchIndex['prepare'] = (onProgress) => {
    prepared ??= builder
      .prepare(onProgress)
      .catch((error: unknown) => {
        if (isDamage(error)) return builder.rebuild(onProgress);
        throw error;
      })
      .catch((error: unknown) => {
        prepared = undefined; // tried again when asked again
        throw error;
      });
    return prepared;
  };

  const tidy = (): Promise<void> => {
    if (tidying) tidyAgain = true;
    tidying ??= (async () => {
      do {
        tidyAgain = false;
        await builder.tidy().catch((error: unknown) => {
          if (!isDamage(error)) throw error;
          return builder.rebuild();
        });
      } while (tidyAgain);
    })().finally(() => {
      tidying = undefined;
    });
    return tidying;
  };

  const tidyLater = (): void => {
    tidy().catch(onError);
  };

  const newTerms = ({ id, title, nodes }: Conversation): Set<string> => {
    if (last?.id !== id) last = { id, terms: new Set(), contents: new Map() };
    const found = new Set<string>();
    const look = (key: string, text: string): void => {
      if (last?.contents.get(key) === text) return;
      last?.contents.set(key, text);
      addTerms(text, found);
    };
    look('', title);
    for (const node of Object.values(nodes)) look(node.id, node.content);
    for (const term of last.terms) found.delete(term);
    return found;
  };

  const update = async (conversation: Conversation): Promise<void> => {
    const terms = newTerms(conversation);
    try {
      const full = await builder.change(async (store, state) => {
        const [number = 0] = await describe(store, state, [conversation]);
        const characters = await log(store, state, number, terms);
        return state.logs >= MAX_LOGS || characters >= MAX_LOG_CHARACTERS;
      });
      for (const term of terms) last?.terms.add(term);
      if (full) tidyLater();
    } catch (error) {
      last = undefined; // all its words again, next time
      throw error;
    }
  };

  /** Everything a query needs of the index, in one transaction. @returns numbers of conversations that have all terms */
  const candidates = (terms: readonly string[]): Promise<number[]> =>
    database.read(async (store) => {
      const state = await readState(store);
      recordsRead++;
      if (!state?.complete) throw new DamagedIndex('incomplete');
      if (cache?.generation !== state.generation) {
        const blocks = (await requested<unknown[]>(store.getAll(KEYS.all('block')))).map(checkBlock);
        const logs = await readLogs(store);
        recordsRead += blocks.length + logs.size;
        cache = {
          generation: state.generation,
          blocks,
          logs: new Map([...logs].map(([number, line]) => [number, line.split('\n')])),
          titles: new Map(),
        };
      }
      const { logs } = cache;
      const found = await Promise.all(
        terms.map(async (term) => {
          // From two letters on a term is a beginning; the shards of beginnings are neighbours.
          const range =
            term.length === 1 || term.length >= SHARD_CHARACTERS
              ? KEYS.shard(shardOf(term))
              : IDBKeyRange.bound(KEYS.shard(term), KEYS.shard(`${term}\uffff`));
          const shards = await requested<unknown[]>(store.getAll(range, MAX_SHARDS_A_TERM));
          recordsRead += shards.length;
          const numbers: number[] = [];
          for (const shard of shards) {
            const postings = decodeShard(shard, (word) => matches(term, word));
            if (!postings) throw new DamagedIndex('shard');
            for (const list of postings.values()) for (const number of list) numbers.push(number);
          }
          for (const [number, words] of logs)
            if (words.some((word) => matches(term, word))) numbers.push(number);
          return numbers;
        }),
      );
      const counts = new Uint8Array(state.next);
      found.forEach((numbers, i) => {
        for (const number of numbers) if (counts[number] === i) counts[number] = i + 1;
      });
      const all: number[] = [];
      counts.forEach((count, number) => count === terms.length && all.push(number));
      return all;
    });

  const ask = async (
    terms: string[],
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<SearchResults> => {
    const numbers = await candidates(terms);
    const { blocks, titles } = cache ?? { blocks: [], titles: new Map<number, string[]>() };
    const inTitle: Described[] = [];
    const inText: Described[] = [];
    for (const number of numbers) {
      const block = blocks[Math.floor(number / BLOCK)];
      const id = block?.ids[number % BLOCK] ?? '';
      if (id === '') continue;
      const title = block?.titles[number % BLOCK] ?? '';
      const updatedAt = block?.updated[number % BLOCK] || 0; // NaN: being added
      let words = titles.get(number);
      if (!words) {
        const set = new Set<string>();
        addTerms(title, set);
        titles.set(number, (words = [...set]));
      }
      const all = terms.every((term) => words.some((word) => matches(term, word)));
      (all ? inTitle : inText).push({ id, title, updatedAt });
    }
    const newest = (a: Described, b: Described): number => b.updatedAt - a.updatedAt;
    inTitle.sort(newest);
    inText.sort(newest);
    const hits = inTitle
      .slice(0, limit)
      .flatMap((described) => searchConversation({ ...described, nodes: {} }, terms) ?? []);
    let read = 0;
    while (hits.length < limit && read < inText.length && read < limit * MAX_BODIES_A_RESULT) {
      if (signal?.aborted) throw new EngineError('aborted', 'another search came');
      const batch = inText.slice(read, read + Math.min(BODIES_AT_ONCE, limit - hits.length));
      read += batch.length;
      recordsRead += batch.length;
      for (const body of await Promise.all(batch.map(({ id }) => conversations.get(id)))) {
        const hit = body && searchConversation(body, terms);
        if (hit) hits.push(hit);
      }
    }
    return { hits, more: inTitle.length > limit || read < inText.length };
  };

  return {
    async search(query, { limit = DEFAULT_LIMIT, signal } = {}) {
      const terms = queryTerms(query);
      if (terms.length === 0) return { hits: [], more: false };
      await prepare();
      if (signal?.aborted) throw new EngineError('aborted', 'another search came');
      try {
        return await ask(terms, limit, signal);
      } catch (error) {
        if (!isDamage(error)) throw error;
        await builder.rebuild();
        return await ask(terms, limit, signal);
      }
    },
    update(conversation) {
      const done = updates.then(() => update(conversation));
      updates = done.catch(() => undefined); // its caller hears of it; the next save still runs
      return done;
    },
    async remove(id) {
      await updates;
      if (last?.id === id) last = undefined;
      await builder.change((store, state) => forget(store, state, id));
      tidyLater();
    },
    async clear() {
      await updates;
      last = undefined;
      await builder.clear();
    },
    prepare,
    tidy,
    get recordsRead() {
      return recordsRead;
    },
  };
}

/**
 * The store with its index kept beside it. A conversation is saved even where the index fails: `onError` hears of it, and
 * the index catches up in the next session.
 */
export function withSearch(
  store: ConversationStore,
  index: Pick<SearchIndex, 'update' | 'remove' | 'clear'>,
  onError: (error: unknown) => void,
): ConversationStore {
  return {
    list: (options) => store.list(options),
    get: (id) => store.get(id),
    async put(conversation, base) {
      await index.update(conversation).catch(onError);
      return store.put(conversation, base);
    },
    async update(id, step) {
      const found = await store.get(id);
      if (found) await index.update(step(found)).catch(onError);
      return store.update(id, step);
    },
    async delete(id) {
      const deleted = await store.delete(id);
      await index.remove(id).catch(onError);
      return deleted;
    },
    async clear() {
      await store.clear();
      await index.clear().catch(onError);
    },
  };
}

// Locked conversations: the conversation store's shape over sealed records. What the database shows without the passphrase:
// how many records there are, how long each is, and the rounds of the key derivation. What it cannot tell: that somebody
// with access to the disk put an older copy of the whole vault back. There is no recovery.
//
// A save is sealed before its transaction begins, and written only where the vault is still as it was read: else again.

import { EngineError } from '../failures.ts';
import type { Conversation, ConversationStore, ConversationSummary } from './conversations.ts';
import { openDatabase, requested, type Database } from './database.ts';
import { mergeConversation } from './merge-conversation.ts';
import type { SearchResults } from './search-index.ts';
import { queryTerms, searchConversation, type SearchHit } from './search-terms.ts';
import {
  checkHeader,
  createHeader,
  MIN_ITERATIONS,
  openHeader,
  rewrapHeader,
  seal,
  unseal,
  type VaultHeader,
} from './vault-crypto.ts';
import { ivOf, notAsWritten, openIndex, sealIndex, type VaultIndex } from './vault-index.ts';

export interface Vault extends ConversationStore {
  /** Forgets the key and everything read with it; every later call throws "vault-locked". */
  lock(): void;
  readonly locked: boolean;
  /** When it was last asked for something (milliseconds since 1970): the caller locks it after a while without use. */
  readonly lastUsed: number;
  /** Records that are not what was written, as of the last look: left out of lists, and counted here. */
  readonly damaged: number;
  /** Records of which an older copy was put back, or that were taken away, as of the last look. */
  readonly rolledBack: number;
  /** Over the decrypted texts, in memory while unlocked: nothing about words is ever stored. */
  search(query: string, options?: { limit?: number; signal?: AbortSignal }): Promise<SearchResults>;
}

export const VAULT_NAME = 'yupana-vault';
export const DEFAULT_ITERATIONS = MIN_ITERATIONS;

const HEADER = ['header'];
const INDEX = ['index'];
/** Drawn for each vault: one that was destroyed and made anew has another. */
const ID = ['id'];
/** Each failure means that another tab wrote meanwhile. */
const MAX_TRIES = 100;
/** Records have names of their own, random, so that no id of a conversation is seen. */
const summaryKey = (record: string): IDBValidKey => ['summary', record];
const bodyKey = (record: string): IDBValidKey => ['body', record];

async function readHeader(database: Database): Promise<VaultHeader> {
  const value = await database.read((store) => requested<unknown>(store.get(HEADER)));
  if (value === undefined) throw new EngineError('vault-missing', 'there is no vault');
  return checkHeader(value);
}

export async function vaultExists(name = VAULT_NAME): Promise<boolean> {
  return (await openDatabase(name, 1).read((store) => requested(store.count(HEADER)))) > 0;
}

/** Throws "vault-exists", "vault-passphrase-short". */
export async function createVault(
  passphrase: string,
  { name = VAULT_NAME, iterations = DEFAULT_ITERATIONS }: { name?: string; iterations?: number } = {},
): Promise<Vault> {
  const database = openDatabase(name, 1);
  const header = await createHeader(passphrase, iterations);
  await database.write(async (store) => {
    if ((await requested(store.count(HEADER))) > 0)
      throw new EngineError('vault-exists', 'there is a vault already');
    await requested(store.put(header, HEADER));
    await requested(store.put(crypto.randomUUID(), ID));
  });
  return unlocked(database, await openHeader(header, passphrase), await vaultId(database));
}

/** Throws "vault-missing", "vault-passphrase", "vault-damaged". Takes the time of the key derivation: about a second. */
export async function openVault(
  passphrase: string,
  { name = VAULT_NAME }: { name?: string } = {},
): Promise<Vault> {
  const database = openDatabase(name, 1);
  const id = await vaultId(database);
  return unlocked(database, await openHeader(await readHeader(database), passphrase), id);
}

/** Those of the first release get theirs when they are opened. */
async function vaultId(database: Database): Promise<string> {
  const drawn = crypto.randomUUID();
  return database.write(async (store) => {
    const found = await requested<unknown>(store.get(ID));
    if (typeof found === 'string' || (await requested(store.count(HEADER))) === 0) return String(found);
    await requested(store.put(drawn, ID));
    return drawn;
  });
}

/**
 * Wraps the same key anew; vaults that are open stay open. Throws like `openVault`, and "vault-passphrase-short"; also
 * "vault-passphrase" where another tab changed it meanwhile: the one given is the vault's no longer.
 */
export async function changePassphrase(
  passphrase: string,
  next: string,
  { name = VAULT_NAME, iterations = DEFAULT_ITERATIONS }: { name?: string; iterations?: number } = {},
): Promise<void> {
  const database = openDatabase(name, 1);
  const before = await readHeader(database);
  // Rounds only rise.
  const header = await rewrapHeader(before, passphrase, next, Math.max(iterations, before.iterations));
  await database.write(async (store) => {
    const now = await requested<unknown>(store.get(HEADER));
    if (now === undefined) throw new EngineError('vault-missing', 'the vault was deleted meanwhile');
    if (ivOf(checkHeader(now).key) !== ivOf(before.key))
      throw new EngineError('vault-passphrase', 'the passphrase was changed meanwhile');
    await requested(store.put(header, HEADER));
  });
}

/** Deletes the vault and all it holds: the only way on when the passphrase is forgotten. */
export async function destroyVault(name = VAULT_NAME): Promise<void> {
  await openDatabase(name, 1).write(async (store) => {
    const kinds = ['header', 'id', 'index', 'summary', 'body'];
    await Promise.all(kinds.map((kind) => requested(store.delete(IDBKeyRange.bound([kind], [kind, []])))));
  });
}

const summaryOf = ({
  id,
  title,
  createdAt,
  updatedAt,
  modelId,
  nodes,
}: Conversation): ConversationSummary => ({
  id,
  title,
  createdAt,
  updatedAt,
  modelId,
  messages: Object.keys(nodes).length,
});

/** Sealed by this key, so written by this code: the shape was checked when it was saved. */
const asSummary = (value: unknown): ConversationSummary & { indexed?: true } =>
  value as ConversationSummary & { indexed?: true };
const asConversation = (value: unknown): Conversation => value as Conversation;

interface Entry {
  record: string;
  /** The sealed summary's IV: changes with every save, also those of other tabs. */
  iv: string;
  summary: ConversationSummary;
}

/** The vault as it was read in one transaction. */
interface Look {
  /** Conversation -> its records, the newest first: more than one only where an older version of the app made them. */
  records: Map<string, Entry[]>;
  index: VaultIndex | null;
  /** The index's IV; '' where there is none. */
  at: string;
  /** Records there are. */
  found: Map<string, string>;
}

type Step = (stored: Conversation | undefined) => Conversation | 'delete' | undefined;

function unlocked(database: Database, dataKey: CryptoKey, vaultId: string): Vault {
  let key: CryptoKey | null = dataKey;
  let lastUsed = Date.now();
  let look: Look = { records: new Map(), index: null, at: '', found: new Map() };
  let damaged = 0;
  let gone: string[] = [];
  const oldBodies = new Set<string>();
  let writes: Promise<unknown> = Promise.resolve();

  const use = (): CryptoKey => {
    if (!key) throw new EngineError('vault-locked', 'the vault is locked');
    lastUsed = Date.now();
    return key;
  };
  /** After each wait: what was decrypted meanwhile must not outlive the lock. */
  const still = (): void => {
    if (!key) throw new EngineError('vault-locked', 'the vault was locked meanwhile');
  };
  /** Another vault may stand in its place: a record sealed with this one's key would be one that nobody can open. */
  const mustBeOurs = async (store: IDBObjectStore): Promise<void> => {
    if ((await requested<unknown>(store.get(ID))) === vaultId && (await requested(store.count(HEADER))) > 0)
      return;
    throw new EngineError('vault-missing', 'the vault was deleted meanwhile');
  };

  /** What the database has now, decrypting only what changed. */
  const refresh = async (): Promise<Look> => {
    const current = use();
    const range = IDBKeyRange.bound(['summary'], ['summary', []]);
    const [sealedIndex, keys, sealed] = await database.read((store) =>
      Promise.all([
        requested<unknown>(store.get(INDEX)),
        requested(store.getAllKeys(range)),
        requested<unknown[]>(store.getAll(range)),
      ]),
    );
    const at = ivOf(sealedIndex);
    const index = at !== '' && at === look.at ? look.index : await openIndex(current, sealedIndex);
    const known = new Map([...look.records.values()].flat().map((entry) => [entry.record, entry]));
    const found = new Map<string, string>();
    let bad = index === null && sealedIndex !== undefined ? 1 : 0;
    let indexGone = false;
    const opened = await Promise.all(
      keys.map(async (name, i): Promise<Entry | null> => {
        const record = Array.isArray(name) ? String(name[1]) : '';
        const iv = ivOf(sealed[i]);
        found.set(record, iv);
        const before = known.get(record);
        if (before && before.iv === iv) return before;
        try {
          const { indexed, ...summary } = asSummary(await unseal(current, `summary ${record}`, sealed[i]));
          if (indexed && sealedIndex === undefined) indexGone = true;
          return { record, iv, summary };
        } catch (error) {
          if (!(error instanceof EngineError) || error.reason !== 'vault-damaged') throw error;
          bad++;
          return null;
        }
      }),
    );
    still();
    const records = new Map<string, Entry[]>();
    for (const entry of opened) {
      if (!entry) continue;
      const copies = [...(records.get(entry.summary.id) ?? []), entry];
      records.set(
        entry.summary.id,
        copies.sort((a, b) => b.summary.updatedAt - a.summary.updatedAt),
      );
    }
    damaged = bad;
    gone = index ? notAsWritten(index, found) : indexGone ? ['index'] : [];
    look = { records, index, at, found };
    return look;
  };

  const bodyOf = async (record: string): Promise<Conversation | undefined> => {
    const current = use();
    const [sealed, index] = await database.read((store) =>
      Promise.all([requested<unknown>(store.get(bodyKey(record))), requested<unknown>(store.get(INDEX))]),
    );
    if (sealed === undefined) return undefined;
    const body = asConversation(await unseal(current, `body ${record}`, sealed));
    still();
    const newest = look.index?.[record]?.body ?? '';
    if (ivOf(index) === look.at && newest !== '' && newest !== ivOf(sealed)) oldBodies.add(record);
    return body;
  };

  /** All that is stored of one conversation. */
  const whole = async (copies: readonly Entry[]): Promise<Conversation | undefined> => {
    const bodies = (await Promise.all(copies.map(({ record }) => bodyOf(record)))).filter(
      (body) => body !== undefined,
    );
    return bodies.reduceRight<Conversation | undefined>(
      (older, newer) => mergeConversation(null, newer, older),
      undefined,
    );
  };

  /** Writes one after another: a save is made from what the one before it left. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = writes.then(work);
    writes = done.catch(() => undefined);
    return done;
  };

  /** @param unreadable stands in for what is stored and cannot be read. @returns what was there, and what is now */
  const change = async (
    id: string,
    step: Step,
    unreadable?: Conversation,
  ): Promise<{ before: Conversation | undefined; after: Conversation | undefined }> => {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const current = use();
      const { records, index, at, found } = await refresh();
      const copies = records.get(id) ?? [];
      let before: Conversation | undefined;
      let next: ReturnType<Step>;
      try {
        before = await whole(copies);
        next = step(before);
      } catch (error) {
        if (!(error instanceof EngineError) || error.reason !== 'vault-damaged') throw error;
        next = unreadable ?? 'delete';
      }
      if (!next || (next === 'delete' && copies.length === 0)) return { before, after: undefined };
      const after = next === 'delete' ? undefined : next;
      const record = copies[0]?.record ?? crypto.randomUUID();
      const rest: VaultIndex = {};
      for (const [name, summary] of found)
        if (!copies.some((copy) => copy.record === name)) rest[name] = index?.[name] ?? { summary, body: '' };
      const sealed = after && {
        summary: await seal(current, `summary ${record}`, { ...summaryOf(after), indexed: true }),
        body: await seal(current, `body ${record}`, after),
      };
      if (sealed) rest[record] = { summary: ivOf(sealed.summary), body: ivOf(sealed.body) };
      const list = await sealIndex(current, rest);
      still();
      const done = await database.write(async (store) => {
        await mustBeOurs(store);
        if (ivOf(await requested<unknown>(store.get(INDEX))) !== at) return false;
        await Promise.all([
          ...copies.flatMap((copy) => [
            requested(store.delete(summaryKey(copy.record))),
            requested(store.delete(bodyKey(copy.record))),
          ]),
          requested(store.put(list, INDEX)),
        ]);
        if (sealed) {
          await requested(store.put(sealed.summary, summaryKey(record)));
          await requested(store.put(sealed.body, bodyKey(record)));
        }
        return true;
      });
      if (done) return { before, after };
    }
    throw new EngineError('storage-failed', `${database.name} is changed by others all the time`, {
      store: database.name,
    });
  };

  const listed = async (): Promise<ConversationSummary[]> =>
    [...(await refresh()).records.values()]
      .flatMap(([newest]) => (newest ? [newest.summary] : []))
      .sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1));

  return {
    async list({ limit, after } = {}) {
      const all = await listed();
      const from = after
        ? all.findIndex(
            (s) => s.updatedAt < after.updatedAt || (s.updatedAt === after.updatedAt && s.id > after.id),
          )
        : 0;
      return from < 0 ? [] : all.slice(from, limit === undefined ? undefined : from + limit);
    },
    get: async (id) => whole((await refresh()).records.get(id) ?? []),
    put: (conversation, base = null) =>
      inTurn(async () => {
        const step: Step = (stored) => mergeConversation(base, conversation, stored);
        return (await change(conversation.id, step, conversation)).after;
      }),
    update: (id, step) => inTurn(async () => (await change(id, (stored) => stored && step(stored))).after),
    delete: (id) => inTurn(async () => (await change(id, () => 'delete')).before),
    clear: () =>
      inTurn(async () => {
        const list = await sealIndex(use(), {});
        await database.write(async (store) => {
          await mustBeOurs(store);
          const kinds = ['summary', 'body'];
          await Promise.all(
            kinds.map((kind) => requested(store.delete(IDBKeyRange.bound([kind], [kind, []])))),
          );
          await requested(store.put(list, INDEX));
        });
      }),
    async search(query, { limit = 20, signal } = {}) {
      const terms = queryTerms(query);
      if (terms.length === 0) return { hits: [], more: false };
      const inTitle: SearchHit[] = [];
      const inText: SearchHit[] = [];
      for (const { id } of await listed()) {
        if (signal?.aborted) throw new EngineError('aborted', 'another search came');
        const body = await whole(look.records.get(id) ?? []);
        const hit = body && searchConversation(body, terms);
        if (hit) (hit.messageId === null ? inTitle : inText).push(hit);
      }
      const hits = [...inTitle, ...inText];
      return { hits: hits.slice(0, limit), more: hits.length > limit };
    },
    lock() {
      key = null;
      look = { records: new Map(), index: null, at: '', found: new Map() };
    },
    get locked() {
      return key === null;
    },
    get damaged() {
      return damaged;
    },
    get rolledBack() {
      return new Set([...gone, ...oldBodies]).size;
    },
    get lastUsed() {
      return lastUsed;
    },
  };
}

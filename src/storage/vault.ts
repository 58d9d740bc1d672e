// Locked conversations: the conversation store's shape over sealed records. What the database shows without the passphrase:
// how many records there are, how long each is, and the rounds of the key derivation. What it cannot tell: that somebody
// with access to the disk deleted a record or put an older copy of it back. There is no recovery.

import { EngineError } from '../failures.ts';
import type { Conversation, ConversationStore, ConversationSummary } from './conversations.ts';
import { openDatabase, requested, type Database } from './database.ts';
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
  type Sealed,
  type VaultHeader,
} from './vault-crypto.ts';

export interface Vault extends ConversationStore {
  /** Forgets the key and everything read with it; every later call throws "vault-locked". */
  lock(): void;
  readonly locked: boolean;
  /** When it was last asked for something (milliseconds since 1970): the caller locks it after a while without use. */
  readonly lastUsed: number;
  /** Records that are not what was written, as of the last look: left out of lists, and counted here. */
  readonly damaged: number;
  /** Over the decrypted texts, in memory while unlocked: nothing about words is ever stored. */
  search(query: string, options?: { limit?: number; signal?: AbortSignal }): Promise<SearchResults>;
}

export const VAULT_NAME = 'yupana-vault';
export const DEFAULT_ITERATIONS = MIN_ITERATIONS;

const HEADER = ['header'];
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
  });
  return unlocked(database, await openHeader(header, passphrase));
}

/** Throws "vault-missing", "vault-passphrase", "vault-damaged". Takes the time of the key derivation: about a second. */
export async function openVault(
  passphrase: string,
  { name = VAULT_NAME }: { name?: string } = {},
): Promise<Vault> {
  const database = openDatabase(name, 1);
  return unlocked(database, await openHeader(await readHeader(database), passphrase));
}

/** Wraps the same key anew; vaults that are open stay open. Throws like `openVault`, and "vault-passphrase-short". */
export async function changePassphrase(
  passphrase: string,
  next: string,
  { name = VAULT_NAME, iterations = DEFAULT_ITERATIONS }: { name?: string; iterations?: number } = {},
): Promise<void> {
  const database = openDatabase(name, 1);
  const before = await readHeader(database);
  // Rounds only rise.
  const header = await rewrapHeader(before, passphrase, next, Math.max(iterations, before.iterations));
  await database.write((store) => requested(store.put(header, HEADER)));
}

/** Deletes the vault and all it holds: the only way on when the passphrase is forgotten. */
export async function destroyVault(name = VAULT_NAME): Promise<void> {
  await openDatabase(name, 1).write(async (store) => {
    const kinds = ['header', 'summary', 'body'];
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
const asSummary = (value: unknown): ConversationSummary => value as ConversationSummary;
const asConversation = (value: unknown): Conversation => value as Conversation;

interface Entry {
  record: string;
  /** The sealed summary's IV: changes with every save, also those of other tabs. */
  iv: string;
  summary: ConversationSummary;
}

function unlocked(database: Database, dataKey: CryptoKey): Vault {
  let key: CryptoKey | null = dataKey;
  let lastUsed = Date.now();
  let entries = new Map<string, Entry>();
  let damaged = 0;
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

  /** What the database has now, decrypting only summaries that changed. One entry a conversation, the newest. */
  const refresh = async (): Promise<Map<string, Entry>> => {
    const current = use();
    const range = IDBKeyRange.bound(['summary'], ['summary', []]);
    const [keys, sealed] = await database.read((store) =>
      Promise.all([requested(store.getAllKeys(range)), requested<unknown[]>(store.getAll(range))]),
    );
    const known = new Map([...entries.values()].map((entry) => [entry.record, entry]));
    let bad = 0;
    const found = await Promise.all(
      keys.map(async (at, i): Promise<Entry | null> => {
        const record = Array.isArray(at) ? String(at[1]) : '';
        const iv = (sealed[i] as Partial<Sealed> | undefined)?.iv?.join(',') ?? '';
        const before = known.get(record);
        if (before && before.iv === iv) return before;
        try {
          return { record, iv, summary: asSummary(await unseal(current, `summary ${record}`, sealed[i])) };
        } catch (error) {
          if (!(error instanceof EngineError) || error.reason !== 'vault-damaged') throw error;
          bad++;
          return null;
        }
      }),
    );
    still();
    const next = new Map<string, Entry>();
    for (const entry of found) {
      if (!entry) continue;
      const other = next.get(entry.summary.id);
      if (!other || other.summary.updatedAt <= entry.summary.updatedAt) next.set(entry.summary.id, entry);
    }
    entries = next;
    damaged = bad;
    return next;
  };

  const bodyOf = async (record: string): Promise<Conversation | undefined> => {
    const current = use();
    const sealed = await database.read((store) => requested<unknown>(store.get(bodyKey(record))));
    if (sealed === undefined) return undefined;
    const body = asConversation(await unseal(current, `body ${record}`, sealed));
    still();
    return body;
  };

  /** Writes one after another: two saves of a new conversation must find the same record. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = writes.then(work);
    writes = done.catch(() => undefined);
    return done;
  };

  const listed = async (): Promise<ConversationSummary[]> =>
    [...(await refresh()).values()]
      .map(({ summary }) => summary)
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
    async get(id) {
      const entry = (await refresh()).get(id);
      return entry && bodyOf(entry.record);
    },
    put: (conversation) =>
      inTurn(async () => {
        const current = use();
        const record = (await refresh()).get(conversation.id)?.record ?? crypto.randomUUID();
        const [summary, body] = await Promise.all([
          seal(current, `summary ${record}`, summaryOf(conversation)),
          seal(current, `body ${record}`, conversation),
        ]);
        await database.write(async (store) => {
          await Promise.all([
            requested(store.put(summary, summaryKey(record))),
            requested(store.put(body, bodyKey(record))),
          ]);
        });
      }),
    delete: (id) =>
      inTurn(async () => {
        const record = (await refresh()).get(id)?.record;
        if (record === undefined) return;
        await database.write(async (store) => {
          await Promise.all([
            requested(store.delete(summaryKey(record))),
            requested(store.delete(bodyKey(record))),
          ]);
        });
      }),
    clear: () =>
      inTurn(async () => {
        use();
        await database.write(async (store) => {
          const kinds = ['summary', 'body'];
          await Promise.all(
            kinds.map((kind) => requested(store.delete(IDBKeyRange.bound([kind], [kind, []])))),
          );
        });
      }),
    async search(query, { limit = 20, signal } = {}) {
      const terms = queryTerms(query);
      if (terms.length === 0) return { hits: [], more: false };
      const inTitle: SearchHit[] = [];
      const inText: SearchHit[] = [];
      for (const { id } of await listed()) {
        if (signal?.aborted) throw new EngineError('aborted', 'another search came');
        const entry = entries.get(id);
        const body = entry && (await bodyOf(entry.record));
        const hit = body && searchConversation(body, terms);
        if (hit) (hit.messageId === null ? inTitle : inText).push(hit);
      }
      const hits = [...inTitle, ...inText];
      return { hits: hits.slice(0, limit), more: hits.length > limit };
    },
    lock() {
      key = null;
      entries = new Map();
    },
    get locked() {
      return key === null;
    },
    get damaged() {
      return damaged;
    },
    get lastUsed() {
      return lastUsed;
    },
  };
}

// Who keeps a conversation: this browser's store, the memory of this page (temporary), or the vault (locked). One store for
// the chat; an id, once claimed for a private place, never falls through to the open one.

import { SvelteMap } from 'svelte/reactivity';
import { EngineError } from '../../../failures.ts';
import type { Conversation, ConversationStore, ConversationSummary } from '../../../storage/conversations.ts';
import type { SearchIndex, SearchResults } from '../../../storage/search-index.ts';
import type * as VaultModule from '../../../storage/vault.ts';
import { sameData } from '../../kit/check.ts';

export type Keeper = 'open' | 'temporary' | 'locked';

export interface PrivateDependencies {
  open: ConversationStore;
  loadVault: () => Promise<typeof VaultModule>;
  /** Tells the other tabs of this browser. */
  tell: (news: { kind: 'lock' } | { kind: 'vault' } | { kind: 'locked'; id: string }) => void;
  /** Runs as the vault closes, while its conversations are still known as locked. */
  onLock: () => void;
  /** Conversations of the open store came or went. */
  onOpenChange: () => Promise<void>;
  newId: () => string;
}

const summaryOf = (conversation: Conversation): ConversationSummary => ({
  id: conversation.id,
  title: conversation.title,
  createdAt: conversation.createdAt,
  updatedAt: conversation.updatedAt,
  modelId: conversation.modelId,
  messages: Object.keys(conversation.nodes).length,
});

const newestFirst = (a: ConversationSummary, b: ConversationSummary): number => b.updatedAt - a.updatedAt;

export class ConversationStores {
  /** Where the next new conversation goes. */
  next = $state.raw<Keeper>('open');
  /** null until it was looked for. */
  exists = $state.raw<boolean | null>(null);
  unlocked = $state.raw(false);
  temporary = $state.raw<readonly ConversationSummary[]>([]);
  locked = $state.raw<readonly ConversationSummary[]>([]);
  /** Locked records that are not what was written. */
  damaged = $state.raw(0);
  readonly store: ConversationStore;
  private readonly deps: PrivateDependencies;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- what is shown of it is in `temporary`
  private readonly memory = new Map<string, Conversation>();
  /** Random ids, no more: they stay after the vault is closed, so that a late write finds it closed. */
  private readonly places = new SvelteMap<string, Exclude<Keeper, 'open'>>();
  private vault: VaultModule.Vault | null = null;

  constructor(deps: PrivateDependencies) {
    this.deps = deps;
    const { open } = deps;
    this.store = {
      list: (options) => open.list(options),
      get: async (id) => this.storeOf(id).get(id),
      put: async (conversation, base) => {
        const stored = await this.storeOf(conversation.id).put(conversation, base);
        await this.wrote(conversation.id);
        return stored;
      },
      update: async (id, step) => {
        const stored = await this.storeOf(id).update(id, step);
        await this.wrote(id);
        return stored;
      },
      delete: async (id) => {
        const deleted = await this.storeOf(id).delete(id);
        await this.wrote(id);
        return deleted;
      },
      clear: () => open.clear(),
    };
  }

  keeperOf(id: string): Keeper {
    return this.places.get(id) ?? 'open';
  }

  isPrivate(id: string): boolean {
    return this.places.has(id);
  }

  /** An id for a conversation that begins, kept where the person chose. */
  newConversationId(): string {
    const id = this.deps.newId();
    if (this.next === 'temporary' || (this.next === 'locked' && this.unlocked))
      this.places.set(id, this.next);
    this.next = 'open';
    return id;
  }

  async look(): Promise<void> {
    const { vaultExists } = await this.deps.loadVault();
    this.exists = await vaultExists();
    if (!this.exists) this.lock(false);
  }

  async create(passphrase: string): Promise<void> {
    const { createVault } = await this.deps.loadVault();
    await this.enter(await createVault(passphrase));
    this.exists = true;
    this.deps.tell({ kind: 'vault' });
  }

  async unlock(passphrase: string): Promise<void> {
    const { openVault } = await this.deps.loadVault();
    await this.enter(await openVault(passphrase));
  }

  async changePassphrase(passphrase: string, next: string): Promise<void> {
    const { changePassphrase } = await this.deps.loadVault();
    await changePassphrase(passphrase, next);
  }

  /** Deletes the vault and all it holds. */
  async destroy(): Promise<void> {
    this.lock();
    const { destroyVault } = await this.deps.loadVault();
    await destroyVault();
    this.exists = false;
    this.deps.tell({ kind: 'vault' });
  }

  /** Forgets the key and everything read with it. @param tell the other tabs too */
  lock(tell = true): void {
    if (tell) this.deps.tell({ kind: 'lock' });
    if (!this.vault) return;
    this.deps.onLock();
    this.vault.lock();
    this.vault = null;
    this.unlocked = false;
    this.locked = [];
    this.damaged = 0;
    if (this.next === 'locked') this.next = 'open';
  }

  /** Takes a conversation to another keeper: written there first, then taken away here. */
  async move(id: string, to: Keeper): Promise<void> {
    const from = this.keeperOf(id);
    const conversation = await this.store.get(id);
    if (from === to || !conversation) return;
    const target = this.storeFor(to);
    await target.put(conversation);
    await this.storeOf(id).delete(id);
    if (to === 'open') this.places.delete(id);
    else this.places.set(id, to);
    await this.wrote(id);
    if (from === 'open' || to === 'open') await this.deps.onOpenChange();
  }

  /** For an export that the person wants in plain. Throws "vault-locked". */
  async listLocked(): Promise<ConversationSummary[]> {
    return this.storeFor('locked').list();
  }

  /** The open index, and what is unlocked. */
  searchable(index: Pick<SearchIndex, 'search'>): Pick<SearchIndex, 'search'> {
    return {
      search: async (query, options): Promise<SearchResults> => {
        const [open, locked] = await Promise.all([
          index.search(query, options),
          this.vault?.search(query, options).catch((error: unknown) => {
            if (error instanceof EngineError && error.reason === 'vault-locked') return undefined;
            throw error;
          }),
        ]);
        return locked ? { hits: [...locked.hits, ...open.hits], more: open.more || locked.more } : open;
      },
    };
  }

  private storeFor(keeper: Keeper): ConversationStore {
    switch (keeper) {
      case 'open':
        return this.deps.open;
      case 'locked':
        if (!this.vault) throw new EngineError('vault-locked', 'the vault is locked');
        return this.vault;
      case 'temporary':
        return this.inMemory;
    }
  }

  private storeOf(id: string): ConversationStore {
    return this.storeFor(this.keeperOf(id));
  }

  private readonly inMemory: ConversationStore = {
    list: () => Promise.resolve([...this.memory.values()].map(summaryOf).sort(newestFirst)),
    get: (id) => Promise.resolve(this.memory.get(id)),
    put: (conversation) => {
      this.memory.set(conversation.id, conversation);
      return Promise.resolve(conversation);
    },
    update: (id, step) => {
      const found = this.memory.get(id);
      return found ? this.inMemory.put(step(found)) : Promise.resolve(undefined);
    },
    delete: (id) => {
      const found = this.memory.get(id);
      this.memory.delete(id);
      return Promise.resolve(found);
    },
    clear: () => Promise.resolve(this.memory.clear()),
  };

  /** Another tab wrote to the vault. */
  async hear(): Promise<void> {
    if (this.unlocked) await this.relist();
  }

  private async wrote(id: string): Promise<void> {
    if (this.keeperOf(id) === 'locked') this.deps.tell({ kind: 'locked', id });
    if (this.isPrivate(id) || this.temporary.length > 0 || this.unlocked) await this.relist();
  }

  private async relist(): Promise<void> {
    this.temporary = [...this.memory.values()].map(summaryOf).sort(newestFirst);
    const { vault } = this;
    if (!vault) return;
    const locked = await vault.list();
    if (vault !== this.vault) return;
    for (const { id } of locked) if (!this.places.has(id)) this.places.set(id, 'locked');
    this.locked = locked;
    this.damaged = vault.damaged;
  }

  private async enter(vault: VaultModule.Vault): Promise<void> {
    const summaries = await vault.list();
    for (const { id } of summaries) {
      // A move that was cut off, or a file brought in meanwhile, left the same id in the open too.
      const open = await this.deps.open.get(id).catch(() => null);
      const sealed = open === undefined ? undefined : await vault.get(id);
      if (!sealed) this.places.set(id, 'locked');
      else if (open && sameData(open, sealed)) {
        await this.deps.open.delete(id);
        this.places.set(id, 'locked');
      } else {
        const other = this.deps.newId();
        await vault.put({ ...sealed, id: other });
        await vault.delete(id);
        this.places.set(other, 'locked');
      }
    }
    this.vault = vault;
    this.unlocked = true;
    this.locked = await vault.list();
    this.damaged = vault.damaged;
    await this.deps.onOpenChange();
  }
}

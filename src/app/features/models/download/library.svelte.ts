// The person's own part of the library: models added by address, mirrors, speed, tokens (in memory only), and what is known of
// this machine.

import { EngineError } from '../../../../failures.ts';
import {
  EMPTY_LIBRARY,
  openLibrary,
  type LibraryRecord,
  type LibraryStore,
} from '../../../../storage/library.ts';
import type { StorageEstimate } from '../../../../storage/quota.ts';
import type { DownloadClient } from '../../../../wire/download-client.ts';
import type { FoundModel, LookTry, ModelSource } from '../../../../wire/download-protocol.ts';
import { isClickOn } from '../../../kit/click.ts';
import { catalogModelOf } from '../added-models.ts';
import { advise, type Advice, type Machine } from '../advice.ts';
import type { ModelEntry, Models } from '../models.svelte.ts';

/** Asks the person's mirrors before a model's own host. */
export function withRoots(client: DownloadClient, roots: () => readonly string[]): DownloadClient {
  const own: Pick<DownloadClient, 'download' | 'repair'> = {
    download: (source, options) => client.download({ ...source, roots: [...roots()] }, options),
    repair: (source, options) => client.repair({ ...source, roots: [...roots()] }, options),
  };
  // Not spread: most of a client's calls are no properties of its own.
  return Object.assign(Object.create(client) as DownloadClient, own);
}

/** Tells other tabs when something of a model came or went. */
export function withNews(client: DownloadClient, tell: () => void): DownloadClient {
  const told = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => {
    return (...args: A): Promise<R> => work(...args).finally(tell);
  };
  const own: Pick<DownloadClient, 'download' | 'repair' | 'delete'> = {
    download: told(client.download),
    repair: told(client.repair),
    delete: told(client.delete),
  };
  return Object.assign(Object.create(client) as DownloadClient, own);
}

export class Library {
  record = $state.raw<LibraryRecord>(EMPTY_LIBRARY);
  /** Origins that a token is known for. */
  identified = $state.raw<readonly string[]>([]);
  private readonly store: LibraryStore;
  private readonly client: DownloadClient;
  private readonly models: () => Models;

  private readonly onChange: () => void;

  /** @param onChange something was stored that other tabs do not know */
  constructor(
    client: DownloadClient,
    models: () => Models,
    onChange: () => void = () => undefined,
    store = openLibrary(),
  ) {
    this.onChange = onChange;
    this.client = client;
    this.models = models;
    this.store = store;
  }

  async load(): Promise<void> {
    this.record = await this.store.load();
    for (const added of this.record.added) {
      if (!this.models().entry(added.id)) this.models().add(catalogModelOf(added));
    }
    if (this.record.limit !== null) await this.client.limit(this.record.limit);
  }

  async change(patch: Partial<Omit<LibraryRecord, 'added'>>): Promise<void> {
    this.record = await this.save(patch);
    if (patch.limit !== undefined) await this.client.limit(patch.limit);
  }

  /** Opens addresses to the download's worker, where a person's own click on `button` is what asks for them. */
  confirm(event: Event, button: Element | undefined, bases: readonly string[]): void {
    if (isClickOn(event, button)) this.client.confirm(bases);
  }

  /** Where a model comes from, the person's mirrors included. */
  placesOf({ base, mirrors = [] }: ModelSource): string[] {
    return [base, ...mirrors, ...this.record.roots];
  }

  addressesOf(address: string): Promise<readonly string[]> {
    return this.client.addressesOf(address);
  }

  /** Throws "offline" at once where the browser knows that, else as looking does. */
  async look(
    address: string,
    signal: AbortSignal,
    onTry?: (tried: LookTry) => void,
    online = navigator.onLine,
  ): Promise<FoundModel> {
    // What lies on this machine needs no line.
    if (!online && !/^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(address.trim()))
      throw new EngineError('offline', 'no connection');
    return this.client.look(address, { signal, onTry });
  }

  /** How many models a mirror lists. Throws as looking does, "host-unreadable" where it lets no page read it. */
  mirrored(root: string, signal: AbortSignal): Promise<number> {
    return this.client.mirror(root, { signal });
  }

  /** @returns the model's entry, which may have been there already */
  async add(found: FoundModel): Promise<ModelEntry> {
    const there = this.models().entry(found.id);
    if (there) return there;
    this.record = await this.save({ added: [...this.record.added, found] });
    const entry = this.models().add(catalogModelOf(found));
    await entry.refresh();
    return entry;
  }

  /** Takes a model that was added off the list; what is stored of it is deleted first, elsewhere. */
  async forget(id: string): Promise<void> {
    this.record = await this.save({ added: this.record.added.filter((model) => model.id !== id) });
    this.models().drop(id);
  }

  /** Another tab changed it. */
  async hear(): Promise<void> {
    const before = this.record.added;
    await this.load();
    for (const { id } of before) if (!this.isAdded(id)) this.models().drop(id);
  }

  private async save(patch: Partial<LibraryRecord>): Promise<LibraryRecord> {
    const saved = await this.store.save(patch, this.record);
    this.onChange();
    return saved;
  }

  isAdded(id: string): boolean {
    return this.record.added.some((model) => model.id === id);
  }

  /** Kept by this page and the download's worker, and nowhere else. */
  async identify(origin: string, token: string | null): Promise<void> {
    await this.client.token({ origin, token });
    const others = this.identified.filter((known) => known !== origin);
    this.identified = token === null ? others : [...others, origin];
  }

  clear(): Promise<void> {
    return this.store.clear();
  }
}

/** What the browser tells of this machine. */
export function machineOf(
  navigator: { deviceMemory?: number },
  room: StorageEstimate | null,
  maxBufferSize: number | null,
  gpu = true,
): Machine {
  const { deviceMemory } = navigator;
  return {
    memory: deviceMemory === undefined ? null : deviceMemory * 2 ** 30,
    maxBufferSize,
    disk: room === null || room.quota === null ? null : Math.max(0, room.quota - (room.usage ?? 0)),
    gpu,
  };
}

export function adviceFor(
  entry: ModelEntry,
  machine: Machine,
  context: number,
  cacheBits: 16 | 8,
  needsGpu = false,
): Advice {
  const { bytesOnDisk, memory } = entry.model;
  const stored = entry.status?.state === 'absent' ? 0 : (entry.status?.committedBytes ?? 0);
  return advise(machine, {
    weights: bytesOnDisk,
    bytesPerToken: memory.bytesPerToken,
    cacheBits,
    context,
    needsGpu,
    toStore: entry.ready ? 0 : Math.max(0, bytesOnDisk - stored),
  });
}

// What this browser keeps: models that no catalog names, when each was used, how many bytes everything else takes; and the way
// out of it by hand.

import { measureDatabases } from '../../../../storage/measure.ts';
import { openShards, type ShardStore } from '../../../../storage/shards.ts';
import { storedFacts } from '../../../../storage/stored-facts.ts';
import type { DownloadClient } from '../../../../wire/download-client.ts';
import { ownModel } from '../own-models.ts';
import type { ModelEntry, Models } from '../models.svelte.ts';
import type { Proved } from '../import/offline-proof.svelte.ts';

/** Bytes, models apart. */
export interface Kept {
  chats: number;
  vault: number;
  settings: number;
  shell: number;
  rest: number;
}

type Written = Awaited<ReturnType<DownloadClient['exportPack']>>;

export class StoredModels {
  /** Model id -> when it last answered, in milliseconds since 1970. */
  usedAt = $state.raw<Readonly<Record<string, number>>>({});
  /** null until it was counted. */
  kept = $state.raw<Kept | null>(null);
  private readonly models: Models;
  private readonly client: DownloadClient;
  private readonly shards: ShardStore = openShards();

  constructor(models: Models, client: DownloadClient) {
    this.models = models;
    this.client = client;
  }

  /** Learns what is stored. @param onProved what was proved of a model earlier */
  async load(onProved: (modelId: string, proved: Proved) => void): Promise<void> {
    for (const { note, status, ...facts } of await storedFacts(this.shards)) {
      if (note.usedAt !== undefined) this.usedAt = { ...this.usedAt, [facts.id]: note.usedAt };
      if (note.proved) onProved(facts.id, note.proved);
      if (this.models.entry(facts.id) ?? status.files.length === 0) continue;
      this.models.add(ownModel(facts)).status = status;
    }
  }

  async noteUse(modelId: string): Promise<void> {
    const usedAt = Date.now();
    this.usedAt = { ...this.usedAt, [modelId]: usedAt };
    await this.shards.addNote(modelId, { usedAt });
  }

  keepProof = (modelId: string, proved: Proved | null): Promise<void> =>
    this.shards.addNote(modelId, { proved });

  async measure(): Promise<void> {
    const sizes = await measureDatabases('yupana-', ['yupana-shards']);
    const take = (...names: string[]): number => {
      let bytes = 0;
      for (const name of names) {
        bytes += sizes.get(name) ?? 0;
        sizes.delete(name);
      }
      return bytes;
    };
    const kept = {
      chats: take('yupana-conversations', 'yupana-search'),
      vault: take('yupana-vault'),
      settings: take('yupana-settings'),
      shell: await cachedBytes(),
    };
    this.kept = { ...kept, rest: take(...sizes.keys()) };
  }

  /** Writes a model's pack into a folder of its own in `folder`. Throws what the worker does. */
  async carryOut(entry: ModelEntry, folder: FileSystemDirectoryHandle): Promise<Written> {
    const { id, name } = entry.model;
    return this.during(entry, (options) => this.client.exportPack({ note: { id, name }, folder }, options));
  }

  /** The pack as files to save. */
  carryFiles(entry: ModelEntry): Promise<readonly { name: string; blob: Blob }[]> {
    const { id, name } = entry.model;
    return this.during(entry, (options) => this.client.exportFiles({ id, name }, options));
  }

  /** Shown as the entry's task; what goes wrong is the caller's to say. */
  private async during<T>(
    entry: ModelEntry,
    work: (options: Parameters<Parameters<ModelEntry['run']>[1]>[0]) => Promise<T>,
  ): Promise<T> {
    let outcome: { value: T } | { error: unknown } | undefined;
    await entry.run('export', async (options) => {
      outcome = await work(options).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      return this.client.status(entry.model.id);
    });
    if (outcome && 'value' in outcome) return outcome.value;
    throw outcome?.error ?? new Error('the model is being worked on');
  }
}

async function cachedBytes(): Promise<number> {
  if (!('caches' in window)) return 0;
  let bytes = 0;
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys())
      bytes += (await (await cache.match(request))?.blob())?.size ?? 0;
  }
  return bytes;
}

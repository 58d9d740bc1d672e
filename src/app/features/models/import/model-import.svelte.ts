// Models carried by hand, as the page sees them: what was chosen, what there is in it, and what became of it.

import type { EngineError } from '../../../../failures.ts';
import type { DownloadClient } from '../../../../wire/download-client.ts';
import { rebuildError } from '../../../../wire/link.ts';
import type { ImportAccount, LocalFile, LocalModel } from '../../../../wire/download-protocol.ts';
import { asEngineError } from '../../../kit/faults.ts';
import { ownModel } from '../own-models.ts';
import type { ModelEntry, Models } from '../models.svelte.ts';

export interface Found {
  model: LocalModel;
  /** Once it was begun. */
  entry: ModelEntry | null;
  account: ImportAccount | null;
}

export class ModelImport {
  looking = $state.raw(false);
  found = $state.raw<readonly Found[]>([]);
  faults = $state.raw<readonly { folder: string; error: EngineError }[]>([]);
  error = $state.raw<EngineError | null>(null);
  private files: readonly LocalFile[] = [];
  private run = 0;
  private readonly client: DownloadClient;
  private readonly models: Models;

  constructor(client: DownloadClient, models: Models) {
    this.client = client;
    this.models = models;
  }

  /** Looks at chosen files; what was found before is forgotten. */
  async look(choose: () => Promise<readonly LocalFile[]>): Promise<void> {
    const run = ++this.run;
    this.looking = true;
    this.error = null;
    this.found = [];
    this.faults = [];
    try {
      const files = await choose();
      const pins = Object.fromEntries(
        this.models.entries
          .filter(({ model }) => !model.own)
          .map(({ model }) => [model.id, model.source.manifestSha256 ?? null]),
      );
      const { models, faults } = await this.client.inspectLocal({ files, pins });
      if (run !== this.run) return;
      this.files = files;
      this.found = models.map((model) => ({ model, entry: null, account: null }));
      this.faults = faults.map(({ folder, error }) => ({ folder, error: rebuildError(error) }));
    } catch (thrown) {
      const error = asEngineError(thrown);
      if (run === this.run && error.reason !== 'aborted') this.error = error;
    } finally {
      if (run === this.run) this.looking = false;
    }
  }

  forget(): void {
    this.run++;
    this.looking = false;
    this.files = [];
    this.found = [];
    this.faults = [];
    this.error = null;
  }

  /** Takes one of the models found. @returns its entry in the library, where it is whole now */
  async take(model: LocalModel): Promise<ModelEntry | null> {
    const entry = this.models.entry(model.id) ?? this.models.add(ownModel(model));
    const files = this.files;
    this.change(model, { entry, account: null });
    const ended = await entry.run('import', async (options) => {
      const { status, account } = await this.client.importLocal({ model, files }, options);
      this.change(model, { account });
      return status;
    });
    return ended && entry.ready ? entry : null;
  }

  private change(model: LocalModel, patch: Partial<Found>): void {
    this.found = this.found.map((found) => (found.model.id === model.id ? { ...found, ...patch } : found));
  }
}

// What a person decides about models: which answers, by whose engine, with how much context, and which goes.

import { loadPrefixes, loadWebLlmList } from './late.ts';
import type { EngineChoice } from '../../../storage/settings.ts';
import type { Library } from './download/library.svelte.ts';
import type { LoadWishes, ModelEntry, Models } from './models.svelte.ts';
import type { Preferences } from '../../text/preferences.svelte.ts';
import type { Page } from '../../kit/page.svelte.ts';

/** An answer may be being written: what lets the engine go waits for it, or ends it. */
export interface Answering {
  readonly run: object | null;
  stop(): void;
}

export interface ModelParts {
  models: Models;
  library: Library;
  chat: () => Answering;
  prefs: Preferences;
  page: Page;
  machine: { measure(): Promise<void> };
  offline: { prove(entry: ModelEntry): Promise<void> };
}

export class ModelActions {
  private readonly parts: ModelParts;

  constructor(parts: ModelParts) {
    this.parts = parts;
  }

  /** From now on this model answers, in later sessions too. */
  choose(id: string): void {
    this.parts.models.choose(id);
    void this.parts.prefs.change({ modelId: id });
  }

  /** Lets the engine go, unless an answer is being written; the next use loads it with the new size or numbers. */
  async changeContext(wishes: Partial<LoadWishes>): Promise<void> {
    const { settings } = this.parts.prefs;
    const keys = Object.keys(wishes) as (keyof LoadWishes)[];
    if (keys.every((key) => wishes[key] === settings[key])) return;
    await this.parts.prefs.change(wishes);
    if (!this.parts.chat().run) await this.parts.models.unload();
  }

  /** Whether the instructions' keys and values are kept; what was is erased with the choice. */
  async changeKeepPrefix(keepPrefix: boolean): Promise<void> {
    await this.parts.prefs.change({ keepPrefix });
    if (!keepPrefix) await (await loadPrefixes()).openPrefixes().clear();
  }

  /** Puts a model that MLC publishes on the list; the choice of its engine is what keeps it there. */
  async addWebLlm(id: string): Promise<void> {
    const model = (await loadWebLlmList()).catalogModelOf(id);
    if (!model || this.parts.models.entry(id)) return;
    await this.parts.models.add(model).refresh();
    await this.chooseEngine(id, 'web-llm');
    this.parts.page.toasts.show(this.parts.prefs.t.engines.more.added(model.name));
  }

  /** MLC's models that were put on the list in earlier sessions. */
  async restoreWebLlm(): Promise<void> {
    const missing = Object.keys(this.parts.prefs.settings.engines).filter(
      (id) => !this.parts.models.entry(id),
    );
    if (missing.length === 0) return;
    const { catalogModelOf } = await loadWebLlmList();
    for (const id of missing) {
      const model = catalogModelOf(id);
      if (model) this.parts.models.add(model);
    }
  }

  /** Whose engine runs a model from now on; one that is loaded and not writing is let go. */
  async chooseEngine(id: string, choice: EngineChoice): Promise<void> {
    const { [id]: before = 'auto', ...engines } = this.parts.prefs.settings.engines;
    if (choice === before) return;
    await this.parts.prefs.change({ engines: choice === 'auto' ? engines : { ...engines, [id]: choice } });
    const { engine } = this.parts.models;
    if (engine.kind !== 'none' && engine.modelId === id && !this.parts.chat().run)
      await this.parts.models.unload();
  }

  /** Proves that a model answers without a network; an answer being written goes first. */
  async prove(entry: ModelEntry): Promise<void> {
    const { chat, page, prefs, offline } = this.parts;
    if (chat().run) page.toasts.show(prefs.t.packs.busy);
    else await offline.prove(entry);
  }

  async remove(id: string): Promise<void> {
    const entry = this.parts.models.entry(id);
    if (!entry) return;
    if (this.parts.models.engine.kind !== 'none' && this.parts.models.engine.modelId === id) {
      this.parts.chat().stop();
      await this.parts.models.unload();
    }
    if (await entry.start('delete')) {
      const { own, webLlmOnly } = entry.model;
      if ((own && !this.parts.library.isAdded(id)) || webLlmOnly) this.parts.models.drop(id);
      if (webLlmOnly) await this.chooseEngine(id, 'auto');
      this.parts.page.toasts.show(this.parts.prefs.t.models.removed(entry.model.name));
    }
    await this.parts.machine.measure();
  }
}

// What the person chose: language, look, how answers are made. Written through to the store, applied at once.

import { DEFAULT_SETTINGS, type Settings, type SettingsStore } from '../../storage/settings.ts';
import { en } from './en/dictionary.ts';
import { es, type Dictionary } from './es/dictionary.ts';
import { createFormats, languageOf, type LanguageCode } from './format.ts';
import { pt } from './pt/dictionary.ts';

export const DICTIONARIES: Record<LanguageCode, Dictionary> = { es, pt, en };

export class Preferences {
  settings = $state.raw<Settings>(DEFAULT_SETTINGS);
  readonly language: LanguageCode = $derived.by(() =>
    this.settings.language === 'auto' ? languageOf(this.preferred) : this.settings.language,
  );
  readonly t: Dictionary = $derived.by(() => DICTIONARIES[this.language]);
  readonly f = $derived.by(() => createFormats(this.language, this.preferred));
  private readonly store: SettingsStore;
  private readonly preferred: readonly string[];
  private readonly onError: (error: unknown) => void;
  private changes = 0;

  constructor(store: SettingsStore, preferred: readonly string[], onError: (error: unknown) => void) {
    this.store = store;
    this.preferred = preferred;
    this.onError = onError;
  }

  async load(): Promise<void> {
    try {
      this.settings = await this.store.load();
    } catch (error) {
      this.onError(error); // the defaults hold
    }
  }

  /** Shown at once; the store's answer (checked values) follows. */
  async change(patch: Partial<Omit<Settings, 'schema'>>): Promise<void> {
    const change = ++this.changes;
    this.settings = { ...this.settings, ...patch };
    try {
      const stored = await this.store.save(patch);
      if (change === this.changes) this.settings = stored; // else a later change is already shown
    } catch (error) {
      this.onError(error);
    }
  }
}

// What the person chose: language, look, how answers are made. Written through to the store, applied at once.

import type { EngineError } from '../../failures.ts';
import { DEFAULT_SETTINGS, type Settings, type SettingsStore } from '../../storage/settings.ts';
import type { Dictionary } from './es/dictionary.ts';
import { createFormats, languageOf, LANGUAGES, type LanguageCode } from './format.ts';
import { loadDictionary, loadErrors } from './languages.ts';
import { faultText, type ErrorTexts, type FaultText, type Stored } from './texts.ts';

export interface PreferenceParts {
  store: SettingsStore;
  /** The browser's languages, the best first. */
  preferred: readonly string[];
  onError: (error: unknown) => void;
  /** Something was stored that other tabs do not know. */
  onChange?: () => void;
  loadDictionary?: (code: LanguageCode) => Promise<Dictionary>;
  loadErrors?: (code: LanguageCode) => Promise<ErrorTexts>;
}

export class Preferences {
  settings = $state.raw<Settings>(DEFAULT_SETTINGS);
  /** What is shown: its words and its numbers change together. */
  private shown = $state.raw<{ language: LanguageCode; words: Dictionary } | null>(null);
  private failures = $state.raw<ErrorTexts | null>(null);
  private failuresLoaded: Promise<void> = Promise.resolve();
  readonly f = $derived.by(() => createFormats(this.language, this.parts.preferred));
  private readonly parts: PreferenceParts;
  private changes = 0;

  constructor(parts: PreferenceParts) {
    this.parts = parts;
  }

  /** Whether `t` can be read. */
  get spoken(): boolean {
    return this.shown !== null;
  }

  get language(): LanguageCode {
    return this.shown?.language ?? this.wanted;
  }

  /** The words of the language that is shown. Only after `load`. */
  get t(): Dictionary {
    if (!this.shown) throw new Error('words were asked for before a language was loaded');
    return this.shown.words;
  }

  /** What a failure says to a person. Blank for the moment that its texts are still on their way. */
  fault(error: EngineError, stored: Stored = 'none'): FaultText {
    return this.failures ? faultText(this.failures, error, this.f, stored) : { what: '', todo: '' };
  }

  /** `fault` for who asks once only. */
  async faultOnce(error: EngineError): Promise<FaultText> {
    await this.failuresLoaded;
    return this.fault(error);
  }

  private get wanted(): LanguageCode {
    const { language } = this.settings;
    return language === 'auto' ? languageOf(this.parts.preferred) : language;
  }

  /** The settings, then their language. Throws only where no language at all can be loaded. */
  async load(): Promise<void> {
    try {
      this.settings = await this.parts.store.load();
    } catch (error) {
      await this.speak(); // the defaults hold
      this.parts.onError(error);
      return;
    }
    await this.speak();
  }

  /** Shown at once; the store's answer (checked values) follows. */
  async change(patch: Partial<Omit<Settings, 'schema'>>): Promise<void> {
    const change = ++this.changes;
    const before = this.settings;
    this.settings = { ...this.settings, ...patch };
    try {
      const [stored] = await Promise.all([this.parts.store.save(patch, before), this.speak()]);
      this.parts.onChange?.();
      if (change === this.changes) this.settings = stored; // else a later change is already shown
    } catch (error) {
      this.parts.onError(error);
    }
  }

  /** Another tab changed the settings. */
  async hear(): Promise<void> {
    const { changes } = this;
    const stored = await this.parts.store.load();
    if (changes !== this.changes) return; // what is stored last here comes after it
    this.settings = stored;
    await this.speak();
  }

  /** Shows the chosen language. One that cannot be fetched leaves the one before, or any that can be. */
  private async speak(): Promise<void> {
    const { wanted } = this;
    if (this.shown?.language === wanted) return;
    const load = this.parts.loadDictionary ?? loadDictionary;
    const others = this.shown ? [] : LANGUAGES.filter((code) => code !== wanted);
    let failure: unknown = null;
    for (const language of [wanted, ...others]) {
      try {
        const words = await load(language);
        if (this.wanted !== wanted) return; // a later choice is on its way
        this.shown = { language, words };
        this.failuresLoaded = this.speakOfFailures(language);
        if (failure !== null) this.parts.onError(failure);
        return;
      } catch (error) {
        failure ??= error;
      }
    }
    throw failure;
  }

  /** The texts of failures follow the words: the first screen does not wait for them. */
  private async speakOfFailures(language: LanguageCode): Promise<void> {
    try {
      const texts = await (this.parts.loadErrors ?? loadErrors)(language);
      if (this.language === language) this.failures = texts;
    } catch (error) {
      // Another language's texts stay; without any there is nothing to say this failure with.
      console.error(error);
    }
  }
}

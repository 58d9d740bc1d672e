import { expect, it, vi } from 'vitest';
import { EngineError } from '../../failures.ts';
import { DEFAULT_SETTINGS, type Settings, type SettingsStore } from '../../storage/settings.ts';
import type { Dictionary } from './es/dictionary.ts';
import type { LanguageCode } from './format.ts';
import { Preferences } from './preferences.svelte.ts';
import type { ErrorTexts } from './texts.ts';

/** A store in memory, and languages that come when they are let. */
function given(settings: Partial<Settings> = {}, missing: readonly LanguageCode[] = []) {
  let stored: Settings = { ...DEFAULT_SETTINGS, ...settings };
  const store = {
    load: () => Promise.resolve(stored),
    save: (patch: Partial<Settings>) => Promise.resolve((stored = { ...stored, ...patch })),
  } as unknown as SettingsStore;
  const held = new Map<LanguageCode, () => void>();
  const hold = new Set<LanguageCode>();
  /** Lets the texts of a language's failures come. */
  const failures = new Map<LanguageCode, () => void>();
  const loads: LanguageCode[] = [];
  const onError = vi.fn();
  const prefs = new Preferences({
    store,
    preferred: ['pt-BR'],
    onError,
    loadDictionary: async (code) => {
      loads.push(code);
      if (missing.includes(code)) throw new TypeError(`${code} is not there`);
      if (hold.has(code)) await new Promise<void>((resolve) => held.set(code, resolve));
      return { name: code } as Dictionary;
    },
    loadErrors: async (code) => {
      await new Promise<void>((resolve) => failures.set(code, resolve));
      return { offline: () => ({ what: `offline in ${code}`, todo: '' }) } as unknown as ErrorTexts;
    },
  });
  return { prefs, loads, hold, held, failures, onError };
}

it('loads the one language that is wanted, and no other', async () => {
  const { prefs, loads } = given();
  expect(prefs.spoken).toBe(false);
  expect(() => prefs.t).toThrow(/before a language was loaded/);
  await prefs.load();
  expect([prefs.t.name, prefs.language, loads]).toEqual(['pt', 'pt', ['pt']]);
});

it('keeps words and numbers of one language until the next is there', async () => {
  const { prefs, hold, held } = given();
  await prefs.load();
  hold.add('en');
  const changed = prefs.change({ language: 'en' });
  expect([prefs.t.name, prefs.language, prefs.f.locale.slice(0, 2)]).toEqual(['pt', 'pt', 'pt']);
  held.get('en')?.();
  await changed;
  expect([prefs.t.name, prefs.language, prefs.f.locale.slice(0, 2)]).toEqual(['en', 'en', 'en']);
});

it('shows the language that was chosen last, whichever comes first', async () => {
  const { prefs, hold, held } = given();
  await prefs.load();
  hold.add('en');
  const slow = prefs.change({ language: 'en' });
  await prefs.change({ language: 'es' });
  held.get('en')?.();
  await slow;
  expect([prefs.t.name, prefs.language]).toEqual(['es', 'es']);
});

it('speaks another language where the wanted one cannot be fetched, and says so', async () => {
  const { prefs, onError } = given({}, ['pt', 'es']);
  await prefs.load();
  expect(prefs.t.name).toBe('en');
  expect(onError).toHaveBeenCalledOnce();
});

it('keeps the shown language where the next cannot be fetched', async () => {
  const { prefs, onError } = given({}, ['en']);
  await prefs.load();
  await prefs.change({ language: 'en' });
  expect(prefs.t.name).toBe('pt');
  expect(onError).toHaveBeenCalledOnce();
});

it('fails to load only where no language can be fetched', async () => {
  await expect(given({}, ['es', 'pt', 'en']).prefs.load()).rejects.toThrow(/pt is not there/);
});

it('does not wait for the texts of failures, and says them when they come', async () => {
  const { prefs, failures } = given();
  await prefs.load();
  const error = new EngineError('offline', 'no connection');
  expect([prefs.t.name, prefs.fault(error).what]).toEqual(['pt', '']);
  const said = prefs.faultOnce(error);
  failures.get('pt')?.();
  expect((await said).what).toBe('offline in pt');
  await prefs.change({ language: 'es' });
  expect(prefs.fault(error).what).toBe('offline in pt');
  const later = prefs.faultOnce(error);
  failures.get('es')?.();
  expect((await later).what).toBe('offline in es');
});

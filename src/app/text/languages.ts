// The languages: one folder each, of which the page loads one. A new language is a folder with the files of `es/`, a code in
// format.ts and a line here. By language, not by feature, because who translates gets and sends one folder.

import { self as en } from './en/self.ts';
import type { Dictionary } from './es/dictionary.ts';
import { self as es } from './es/self.ts';
import { LANGUAGES, type LanguageCode } from './format.ts';
import type { OwnWords } from './own-words.ts';
import { self as pt } from './pt/self.ts';
import type { ErrorTexts } from './texts.ts';

export const OWN_WORDS: Record<LanguageCode, OwnWords> = { es, pt, en };

const DICTIONARIES: Record<LanguageCode, () => Promise<Dictionary>> = {
  es: async () => (await import('./es/dictionary.ts')).es,
  pt: async () => (await import('./pt/dictionary.ts')).pt,
  en: async () => (await import('./en/dictionary.ts')).en,
};

export const loadDictionary = (code: LanguageCode): Promise<Dictionary> => DICTIONARIES[code]();

const ERRORS: Record<LanguageCode, () => Promise<ErrorTexts>> = {
  es: async () => (await import('./es/errors.ts')).errors,
  pt: async () => (await import('./pt/errors.ts')).errors,
  en: async () => (await import('./en/errors.ts')).errors,
};

/** A fifth of a language's words, which the first screen seldom needs. */
export const loadErrors = (code: LanguageCode): Promise<ErrorTexts> => ERRORS[code]();

/** All of them, so that a change of language fetches nothing. */
export const loadDictionaries = (): Promise<unknown> =>
  Promise.all(LANGUAGES.flatMap((code): Promise<unknown>[] => [loadDictionary(code), loadErrors(code)]));

// What is said of the form that an answer is asked to have: why it is refused, and what is left out. Not part of a language's
// dictionary, because the first screen asks for no form: loaded when one is refused.

import type {
  GrammarFault,
  GrammarFaultsOf,
  Narrowing,
  NarrowingsOf,
  PatternFeature,
  SchemaFault,
  SchemaFaultsOf,
} from '../../form-faults.ts';
import type { LanguageCode } from './format.ts';
import { blank, type FaultText } from './texts.ts';

/** One text for each reason: a new reason does not compile until every language has its words. */
export interface FormTexts {
  /** Where: the keyword and its place. */
  at(keyword: string, pointer: string): string;
  /** Where in a grammar. */
  line(line: number, column: number): string;
  schema: { [W in keyof SchemaFaultsOf]: (fault: SchemaFaultsOf[W]) => FaultText };
  grammar: { [W in keyof GrammarFaultsOf]: (fault: GrammarFaultsOf[W]) => FaultText };
  left: { [W in keyof NarrowingsOf]: (fault: NarrowingsOf[W]) => string };
}

const TEXTS: Record<LanguageCode, () => Promise<FormTexts>> = {
  es: async () => (await import('./es/forms.ts')).forms,
  pt: async () => (await import('./pt/forms.ts')).forms,
  en: async () => (await import('./en/forms.ts')).forms,
};

export const loadFormTexts = (code: LanguageCode): Promise<FormTexts> => TEXTS[code]();

/** Why a schema is refused, by keyword and place, and what to write instead. */
export function schemaText(
  texts: FormTexts,
  fault: SchemaFault & { keyword: string; pointer: string },
): FaultText {
  const of = texts.schema[fault.why] as (fault: SchemaFault) => FaultText;
  const { what, todo } = of(fault);
  return { what: `${texts.at(blank(fault.keyword, '?'), blank(fault.pointer, ''))}: ${what}`, todo };
}

export function grammarText(
  texts: FormTexts,
  fault: GrammarFault & { line: number; column: number },
): FaultText {
  const of = texts.grammar[fault.why] as (fault: GrammarFault) => FaultText;
  const { what, todo } = of(fault);
  return { what: `${texts.line(fault.line, fault.column)}: ${what}`, todo };
}

/** What is left out of what a schema allows, by keyword and place. */
export function narrowingText(texts: FormTexts, fault: Narrowing): string {
  const of = texts.left[fault.why] as (fault: Narrowing) => string;
  return `${texts.at(blank(fault.keyword, '?'), blank(fault.pointer, ''))}: ${of(fault)}`;
}

/** A pattern's part with what is said of it. */
export const ofPattern = (
  words: Record<PatternFeature, string>,
  feature: PatternFeature,
  text: string,
): string => (blank(text, '') === '' ? words[feature] : `“${blank(text, '')}”: ${words[feature]}`);

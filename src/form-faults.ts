// What can be wrong with the form that an answer is asked to have, with the figures that its texts read. Imports nothing.

type None = Record<never, never>;

/** What a keyword's value is to be. */
export type SchemaPart =
  | ('schema' | 'schemas' | 'schema-map' | 'count' | 'number' | 'positive')
  | ('names' | 'values' | 'pattern' | 'types' | 'names-map' | 'reference');

/** What regular expressions have and no grammar holds to; "syntax": it cannot be read. */
export type PatternFeature =
  | ('syntax' | 'back-reference' | 'look-behind' | 'look-ahead-repeated' | 'repeated-too-often')
  | ('flags' | 'strings-property' | 'v-class' | 'too-large' | 'no-text');

/** Why a JSON schema is refused. */
export interface SchemaFaultsOf {
  malformed: { expected: SchemaPart };
  'number-too-large': None;
  /** Half of a surrogate pair. */
  'half-character': None;
  /** Its parts multiply each other beyond what is kept in memory. */
  'too-large': None;
  /** No value is valid. */
  contradiction: None;
  'keyword-unknown': None;
  'own-address': None;
  'type-missing': None;
  overlapping: None;
  /** `of`: a keyword below "not". */
  'no-opposite': { of: string };
  'reference-outside': { reference: string };
  'reference-nowhere': { reference: string };
  circular: None;
  /** `other`: the keyword to write. */
  beside: { beside: string; other: string };
  'over-limit': { limit: number; unit: 'items' | 'characters' | 'values' | 'patterns' };
  /** Counts names that the schema does not give. */
  'names-uncounted': None;
  pattern: { feature: PatternFeature; text: string };
  'format-unknown': { format: string; known: string };
  /** `limit`: the largest integer that can be asked for. */
  'multiple-inexact': { by: number; limit: number };
}

/** What is left out of what a schema allows. */
export interface NarrowingsOf {
  'no-fractions': None;
  'none-of-type': { type: 'array' | 'object' };
  'at-most': { limit: number; unit: 'items' | 'characters' };
  'counted-as-one': None;
  'in-order': None;
  'usual-texts': { format: string };
  'integers-of-format': { format: string };
  'digits-at-most': { limit: number };
  /** Read as JSON Schema 2020-12. */
  dialect: { dialect: string };
}

/** Why a grammar, a regular expression or a list of choices is refused. */
export interface GrammarFaultsOf {
  'escape-unknown': None;
  'text-open': None;
  'class-open': None;
  'class-empty': None;
  'range-backwards': None;
  'look-ahead': None;
  'too-deep': None;
  'bracket-open': None;
  unexpected: { sign: string };
  'count-unreadable': None;
  'count-too-large': { limit: number };
  'count-backwards': None;
  'rule-expected': None;
  'rule-twice': { rule: string };
  'rule-missing': { rule: string };
  'left-recursive': { rule: string };
  endless: None;
  'no-choice': None;
  pattern: { feature: PatternFeature; text: string };
}

/** A reason with its figures, whatever the reason. */
type Of<Map> = { [Why in keyof Map]: { why: Why } & Map[Why] }[keyof Map];
export type SchemaFault = Of<SchemaFaultsOf>;
export type NarrowingFault = Of<NarrowingsOf>;
export type GrammarFault = Of<GrammarFaultsOf>;

/** Held to, but some of the values that the schema allows cannot be written. */
export type Narrowing = NarrowingFault & {
  keyword: string;
  /** JSON pointer of the schema that has the keyword. */
  pointer: string;
  /** In English, for developers. */
  how: string;
};

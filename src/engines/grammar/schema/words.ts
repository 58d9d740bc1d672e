// What is said of refusals and of what is left out, in English: for developers, on the command line and in messages. The interface has
// its own words in each language.

import type { NarrowingFault, PatternFeature, SchemaFault, SchemaPart } from '../../../form-faults.ts';

const PARTS: Record<SchemaPart, string> = {
  schema: 'a schema: an object, true or false',
  schemas: 'a list of schemas',
  'schema-map': 'an object of schemas',
  count: 'a whole number from 0 on',
  number: 'a number',
  positive: 'a number above 0',
  names: 'a list of names',
  values: 'a list of values',
  pattern: 'a regular expression',
  types: 'one of null, boolean, number, string, array, object, integer, or a list of them',
  'names-map': 'an object of lists of names',
  reference: 'a text',
};

const FEATURES: Record<PatternFeature, string> = {
  syntax: 'cannot be read',
  'back-reference': 'is a back-reference',
  'look-behind': 'is a look-behind',
  'look-ahead-repeated': 'is a look-ahead that is repeated',
  'repeated-too-often': 'repeats too often',
  flags: 'changes flags',
  'strings-property': 'is a property of strings',
  'v-class': 'is a class of the v flag',
  'too-large': 'counts too far together with the other bounds',
  'no-text': 'matches no text',
};

export const patternWords = (feature: PatternFeature, text: string): string =>
  text === '' ? FEATURES[feature] : `${text} ${FEATURES[feature]}`;

/** Why it is refused, and what to write in its place. */
export function refusalWords(fault: SchemaFault): [why: string, instead: string] {
  const inside = 'put what it names into $defs and write "#/$defs/name"';
  switch (fault.why) {
    case 'malformed':
      return [`is not ${PARTS[fault.expected]}`, `write ${PARTS[fault.expected]}`];
    case 'number-too-large':
      return ['is a number too large for JavaScript', 'write a smaller one'];
    case 'half-character':
      return ['has half of a surrogate pair', 'write whole characters'];
    case 'too-large':
      return ['counts too far together with the other bounds', 'ask for fewer or for less of each'];
    case 'contradiction':
      return ['no value is valid', 'take away what contradicts itself'];
    case 'keyword-unknown':
      return [
        'is no keyword that is held to',
        'leave it out, or write it with the keywords of JSON Schema 2020-12',
      ];
    case 'own-address':
      return ['gives a part of the schema an address of its own', 'leave it out and refer by "#/$defs/name"'];
    case 'type-missing':
      return ['stands without a type', 'write "type": ["string", "null"], with the type you mean'];
    case 'overlapping':
      return [
        'its alternatives may hold together',
        'write "anyOf", or give each a property with a "const" of its own',
      ];
    case 'no-opposite':
      return [
        `"${fault.of}" below it has no opposite that a grammar holds to`,
        'say what is allowed instead of what is not',
      ];
    case 'reference-outside':
      return [`"${fault.reference}" is not in this schema`, inside];
    case 'reference-nowhere':
      return [`"${fault.reference}" names nothing`, inside];
    case 'circular':
      return ['leads in a circle', 'let it lead through a property or an item'];
    case 'beside':
      return [`stands beside "${fault.beside}"`, `write "${fault.other}" in the schema that names the parts`];
    case 'over-limit':
      return [`is held to up to ${fault.limit} ${fault.unit}`, `ask for ${fault.limit} or fewer`];
    case 'names-uncounted':
      return [
        'counts names that the schema does not give',
        'name the properties, or write an array of pairs',
      ];
    case 'pattern':
      return [patternWords(fault.feature, fault.text), 'write a pattern without it'];
    case 'format-unknown':
      return [`"${fault.format}" is not held to`, `write a "pattern", or one of ${fault.known}`];
    case 'multiple-inexact':
      return [
        `${fault.by} is not held to: doubles do not hold its multiples exactly`,
        `write an integer up to ${fault.limit}, or count in a smaller unit: cents, not euros`,
      ];
  }
}

export function narrowingWords(fault: NarrowingFault): string {
  switch (fault.why) {
    case 'no-fractions':
      return 'numbers that are no integers are left out too';
    case 'none-of-type':
      return `no ${fault.type} at all is written, to avoid one`;
    case 'at-most':
      return `at most ${fault.limit} ${fault.unit} are written`;
    case 'counted-as-one':
      return 'names that the schema does not give count as one';
    case 'in-order':
      return 'names are written in the order of the schema';
    case 'usual-texts':
      return `only the usual texts of the format ${fault.format} are written`;
    case 'integers-of-format':
      return `only integers of the format ${fault.format} are written`;
    case 'digits-at-most':
      return `numbers of more than ${fault.limit} digits are left out`;
    case 'dialect':
      return `${fault.dialect} is not known: it is read as JSON Schema 2020-12`;
  }
}

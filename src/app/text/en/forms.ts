import type { PatternFeature, SchemaPart } from '../../../form-faults.ts';
import { ofPattern, type FormTexts } from '../form-texts.ts';
import { blank } from '../texts.ts';

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
  types: 'one of the types of JSON Schema, or a list of them',
  'names-map': 'an object of lists of names',
  reference: 'a text',
};
const FEATURES: Record<PatternFeature, string> = {
  syntax: 'the pattern cannot be read',
  'back-reference': 'it looks back at what was matched before',
  'look-behind': 'it looks at what stands before',
  'look-ahead-repeated': 'it repeats a look ahead',
  'repeated-too-often': 'it repeats too often',
  flags: 'it changes flags inside',
  'strings-property': 'it is a property of whole strings',
  'v-class': 'it is a class of the flag v',
  'too-large': 'together with the other bounds the pattern counts too far',
  'no-text': 'no text matches the pattern',
};
const UNITS = { items: 'items', characters: 'characters', values: 'values', patterns: 'patterns' };
const REFER = 'Put what it names into $defs and write “#/$defs/name”.';
const PATTERN = 'Write a pattern without it, or a shorter one.';

export const forms: FormTexts = {
  at: (keyword, pointer) => `“${keyword}” at ${pointer === '' ? 'the root' : `“${pointer}”`}`,
  line: (line, column) => `Line ${line}, column ${column}`,
  schema: {
    malformed: ({ expected }) => ({
      what: `it is not ${PARTS[expected]}.`,
      todo: `Write ${PARTS[expected]}.`,
    }),
    'number-too-large': () => ({ what: 'the number is too large.', todo: 'Write a smaller one.' }),
    'half-character': () => ({ what: 'it has half of a character.', todo: 'Write whole characters.' }),
    'too-large': () => ({
      what: 'together with the other bounds it counts too far.',
      todo: 'Ask for fewer, or for less of each.',
    }),
    contradiction: () => ({ what: 'no value satisfies it.', todo: 'Take away what contradicts itself.' }),
    'keyword-unknown': () => ({
      what: 'it is no keyword that an answer can be held to.',
      todo: 'Leave it out, or say it with the keywords of JSON Schema 2020-12.',
    }),
    'own-address': () => ({ what: 'it gives a part of the schema an address of its own.', todo: REFER }),
    'type-missing': () => ({
      what: 'it stands without a type.',
      todo: 'Write a list of types, the one you mean and “null”.',
    }),
    overlapping: () => ({
      what: 'its alternatives may hold together.',
      todo: 'Write “anyOf”, or give each a property with a “const” of its own.',
    }),
    'no-opposite': ({ of }) => ({
      what: `“${blank(of, '?')}” has no opposite that an answer can be held to.`,
      todo: 'Say what is allowed instead of what is not.',
    }),
    'reference-outside': ({ reference }) => ({
      what: `“${blank(reference, '?')}” is not in this schema.`,
      todo: REFER,
    }),
    'reference-nowhere': ({ reference }) => ({
      what: `“${blank(reference, '?')}” names nothing.`,
      todo: REFER,
    }),
    circular: () => ({
      what: 'the reference leads in a circle.',
      todo: 'Let it lead through a property or an item.',
    }),
    beside: ({ beside, other }) => ({
      what: `it stands beside “${beside}”.`,
      todo: `Write “${other}” in the schema that names the parts.`,
    }),
    'over-limit': ({ limit, unit }) => ({
      what: `it is held to up to ${limit} ${UNITS[unit]}.`,
      todo: `Ask for ${limit} or fewer.`,
    }),
    'names-uncounted': () => ({
      what: 'it counts names that the schema does not give.',
      todo: 'Name the properties, or ask for an array of pairs.',
    }),
    pattern: ({ feature, text }) => ({ what: `${ofPattern(FEATURES, feature, text)}.`, todo: PATTERN }),
    'format-unknown': ({ format, known }) => ({
      what: `an answer cannot be held to the format “${blank(format, '?')}”.`,
      todo: `Write a “pattern”, or one of these: ${known}.`,
    }),
    'multiple-inexact': ({ by, limit }) => ({
      what: `the multiples of ${by} cannot be written exactly.`,
      todo: `Write a whole number up to ${limit}, or count in a smaller unit: cents, not euros.`,
    }),
  },
  grammar: {
    'escape-unknown': () => ({
      what: 'an escape that is no character.',
      todo: 'Write the character itself.',
    }),
    'text-open': () => ({ what: 'a text without its closing quote.', todo: 'Close it.' }),
    'class-open': () => ({ what: 'a class without its closing bracket.', todo: 'Close it.' }),
    'class-empty': () => ({ what: 'a class without a character.', todo: 'Write which characters it has.' }),
    'range-backwards': () => ({ what: 'a range that ends before it begins.', todo: 'Turn it round.' }),
    'look-ahead': () => ({ what: 'a look ahead, which is not held to.', todo: 'Write it without.' }),
    'too-deep': () => ({
      what: 'brackets are nested too deep.',
      todo: 'Use rules in place of some of them.',
    }),
    'bracket-open': () => ({ what: 'a bracket is not closed.', todo: 'Close it.' }),
    unexpected: ({ sign }) => ({
      what: `“${blank(sign, '?')}” is not expected here.`,
      todo: 'Check the rule.',
    }),
    'count-unreadable': () => ({ what: 'a count cannot be read.', todo: 'Write {2}, {2,} or {2,5}.' }),
    'count-too-large': ({ limit }) => ({
      what: `a count above ${limit}.`,
      todo: `Ask for ${limit} or fewer.`,
    }),
    'count-backwards': () => ({ what: 'a count whose end is below its beginning.', todo: 'Turn it round.' }),
    'rule-expected': () => ({ what: 'a rule is expected.', todo: 'Write “name ::= …”.' }),
    'rule-twice': ({ rule }) => ({
      what: `the rule “${blank(rule, '?')}” is there twice.`,
      todo: 'Keep one.',
    }),
    'rule-missing': ({ rule }) => ({
      what: `there is no rule called “${blank(rule, '?')}”.`,
      todo: 'Write it.',
    }),
    'left-recursive': ({ rule }) => ({
      what: `the rule “${blank(rule, '?')}” begins with itself.`,
      todo: 'Write the repetition with * or +.',
    }),
    endless: () => ({
      what: 'no text fits it: every way goes on for ever.',
      todo: 'Give some rule a way that ends.',
    }),
    'no-choice': () => ({ what: 'there is no choice in the list.', todo: 'Write at least one.' }),
    pattern: ({ feature, text }) => ({ what: `${ofPattern(FEATURES, feature, text)}.`, todo: PATTERN }),
  },
  left: {
    'no-fractions': () => 'numbers with a fraction are left out too.',
    'none-of-type': ({ type }) => `no ${type} at all is written, to avoid one.`,
    'at-most': ({ limit, unit }) => `at most ${limit} ${UNITS[unit]} are written.`,
    'counted-as-one': () => 'names that the schema does not give count as one.',
    'in-order': () => 'names are written in the order of the schema.',
    'usual-texts': ({ format }) => `only the usual texts of the format “${blank(format, '?')}” are written.`,
    'integers-of-format': ({ format }) =>
      `only whole numbers of the format “${blank(format, '?')}” are written.`,
    'digits-at-most': ({ limit }) => `numbers of more than ${limit} digits are left out.`,
    dialect: ({ dialect }) =>
      `“${blank(dialect, '?')}” is not known: the schema is read as JSON Schema 2020-12.`,
  },
};

// Strings and numbers: what all schemas of one place say of them, as one term.

import type { Narrowing } from '../../../form-faults.ts';
import { integerTerm, numberTerm } from '../numbers.ts';
import type { Bounds } from '../numbers.ts';
import { PatternError, lengthTerm, patternTerm } from '../pattern.ts';
import { NEVER, and, cat, literal, longest, mod, not, optional, or, rep, shortest } from '../term.ts';
import type { Term } from '../term.ts';
import { FORMATS, FORMATS_THAT_TELL, INTEGER_FORMATS, SHORT_FORMATS } from './formats.ts';
import { NOT_PATTERN } from './keywords.ts';
import type { Way } from './expand.ts';
import { countOf, malformed, narrowing, numberOf, refusal } from './node.ts';

type Note = (narrowing: Narrowing) => void;

/** Characters that are counted; what a schema allows beyond is told as left out. */
const MAX_COUNTED = 2_000;
/** Numbers of more digits are not what their text says. */
const SAFE = 1e15 - 1;
const MAX_MULTIPLE = 1_000;
/** Fractions that doubles hold exactly. */
const HALVES: readonly number[] = [0.5, 0.25, 0.125];

function held(source: unknown, keyword: string, at: string, whole = false): Term {
  if (typeof source !== 'string') throw malformed(keyword, at, 'pattern');
  try {
    return patternTerm(source, whole);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw refusal(keyword, at, { why: 'pattern', feature: error.feature, text: error.text });
  }
}
export const keyPattern = (source: string, at: string): Term => held(source, 'patternProperties', at);

/** The strings that are valid, without their quotes and escapes. */
export function stringTerm({ nodes }: Pick<Way, 'nodes'>, note: Note): Term {
  let [min, max] = [0, Infinity];
  const parts: Term[] = [];
  for (const { schema, at } of nodes) {
    min = Math.max(min, countOf(schema, at, 'minLength') ?? 0);
    max = Math.min(max, countOf(schema, at, 'maxLength') ?? Infinity);
  }
  const most = max;
  for (const { schema, at } of nodes) {
    if (min > MAX_COUNTED) {
      throw refusal('minLength', at, { why: 'over-limit', limit: MAX_COUNTED, unit: 'characters' });
    }
    if (max !== Infinity && max > MAX_COUNTED) {
      note(narrowing('maxLength', at, { why: 'at-most', limit: MAX_COUNTED, unit: 'characters' }));
      max = MAX_COUNTED;
    }
    if (schema['pattern'] !== undefined) parts.push(held(schema['pattern'], 'pattern', at));
    if (schema[NOT_PATTERN] !== undefined) parts.push(not(held(schema[NOT_PATTERN], 'pattern', at)));
    const format = schema['format'];
    if (
      format === undefined ||
      FORMATS_THAT_TELL.has(String(format)) ||
      Object.hasOwn(INTEGER_FORMATS, String(format))
    ) {
      continue;
    }
    const pattern =
      typeof format === 'string' && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
    if (pattern === undefined) {
      const known = Object.keys(FORMATS).join(', ');
      throw refusal('format', at, { why: 'format-unknown', format: String(format), known });
    }
    const whole = held(pattern, 'format', at, true);
    const short = SHORT_FORMATS[String(format)];
    const fits = short === undefined || longest(whole) <= most;
    parts.push(fits ? whole : held(short, 'format', at, true));
    note(narrowing('format', at, { why: 'usual-texts', format: String(format) }));
  }
  if (min > max) return NEVER;
  // What the other parts keep to by themselves is not counted again.
  if (Math.max(0, ...parts.map((part) => shortest(part))) >= min) min = 0;
  if (Math.min(...parts.map(longest)) <= max) max = Infinity;
  if (parts.length === 0 || min > 0 || max < Infinity) parts.push(lengthTerm(min, max));
  return and(...parts);
}

/** The numbers that are valid. */
export function numbersTerm({ nodes, integer }: Pick<Way, 'nodes' | 'integer'>, note: Note): Term {
  let whole = integer;
  const bounds: Bounds = { low: -Infinity, high: Infinity, lowOpen: false, highOpen: false };
  const low = (value: number | undefined, open: boolean): void => {
    if (value === undefined || value < bounds.low) return;
    bounds.lowOpen = value === bounds.low ? bounds.lowOpen || open : open;
    bounds.low = value;
  };
  const high = (value: number | undefined, open: boolean): void => {
    if (value === undefined || value > bounds.high) return;
    bounds.highOpen = value === bounds.high ? bounds.highOpen || open : open;
    bounds.high = value;
  };
  const multiples: { by: number; at: string }[] = [];
  for (const { schema, at } of nodes) {
    low(numberOf(schema, at, 'minimum'), false);
    low(numberOf(schema, at, 'exclusiveMinimum'), true);
    high(numberOf(schema, at, 'maximum'), false);
    high(numberOf(schema, at, 'exclusiveMaximum'), true);
    const format = INTEGER_FORMATS[String(schema['format'])];
    if (format) {
      note(narrowing('format', at, { why: 'integers-of-format', format: String(schema['format']) }));
      whole = true;
      low(format[0], false);
      high(format[1], format[1] > 2 ** 53);
    }
    const by = numberOf(schema, at, 'multipleOf');
    if (by === undefined) continue;
    if (by <= 0) throw malformed('multipleOf', at, 'positive');
    multiples.push({ by, at });
  }
  if (multiples.length === 0) return whole ? integerTerm(bounds) : numberTerm(bounds);

  const parts: Term[] = [];
  for (const { by, at } of multiples) {
    if (Number.isInteger(by) && by <= MAX_MULTIPLE) {
      whole = true;
      if (by > 1) parts.push(cat(optional(literal('-')), mod(by)));
    } else if (HALVES.includes(by)) {
      const zeros = rep(literal('0'), 0, 12);
      const steps = Array.from({ length: 1 / by - 1 }, (_, i) => literal(String((i + 1) * by).slice(1)));
      const fraction = or(cat(literal('.0'), zeros), ...steps.map((step) => cat(step, zeros)));
      parts.push(cat(optional(literal('-')), rep(lengthDigit, 1, 15), optional(fraction)));
    } else {
      throw refusal('multipleOf', at, { why: 'multiple-inexact', by, limit: MAX_MULTIPLE });
    }
    if (bounds.low < -SAFE || bounds.high > SAFE) {
      note(narrowing('multipleOf', at, { why: 'digits-at-most', limit: 15 }));
    }
  }
  low(-SAFE, false);
  high(SAFE, false);
  return and(whole ? integerTerm(bounds, false) : numberTerm(bounds), ...parts);
}
const lengthDigit = or(...Array.from('0123456789', literal));

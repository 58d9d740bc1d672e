// Regular expressions in tokenizer.json run over everything people write. One that backtracks exponentially would hang the
// engine on a short text, so its signs are refused before it is compiled.

import { isRecord, tokenizerFault } from './vocabulary.ts';

/** The longest in use have some 400 characters. */
const MAX_PATTERN = 4096;
/** Steps within steps of a normalizer or pre-tokenizer; in use there are two. */
const MAX_DEPTH = 8;

const QUANTIFIER = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})/;

/** Unbounded repeats in one alternative: n of them make the work grow as the text's length to the power n. In use there are 2. */
const MAX_DEGREE = 2;
/** Ways of matching one text by bounded choices, as a power of two; in use there are some 20 ways. */
const MAX_CHOICES = 12;

/** What a piece of a pattern may cost a matcher that backtracks. */
interface Work {
  /** Unbounded repeats in a row. */
  degree: number;
  /** Base-two logarithm of the ways that bounded repeats and alternatives leave. */
  choices: number;
}

const ENDLESS: Work = { degree: Infinity, choices: Infinity };

/** One of several alternatives: the dearest one's degree, the ways of all. */
const either = (parts: readonly Work[]): Work => ({
  degree: Math.max(...parts.map(({ degree }) => degree)),
  choices: Math.log2(parts.reduce((ways, { choices }) => ways + 2 ** choices, 0)),
});

/** How often a quantifier lets its piece come. */
function timesOf(quantifier: RegExpExecArray): { least: number; most: number } {
  const [, sign, least = '', comma, most = ''] = quantifier;
  if (sign === '?') return { least: 0, most: 1 };
  if (sign !== undefined) return { least: sign === '+' ? 1 : 0, most: Infinity };
  return { least: Number(least), most: comma === undefined ? Number(least) : Number(most || Infinity) };
}

/** A piece that comes so many times. What varies and comes without end doubles the work with each character. */
function repeated({ degree, choices }: Work, { least, most }: { least: number; most: number }): Work {
  const varies = degree > 0 || choices > 0;
  if (most === Infinity) return varies ? ENDLESS : { degree: 1, choices: 0 };
  return { degree: degree * most, choices: choices * most + Math.log2(most - least + 1) };
}

/** Bounds what a pattern may cost, from its text alone: whether two pieces match the same characters is not asked. */
export function workOf(pattern: string): Work {
  /** Of each open group: its alternatives so far, the last one under way, and the last piece of that. */
  const open: { done: Work[]; now: Work; last: Work | undefined }[] = [];
  const start = () => ({ done: [] as Work[], now: { degree: 0, choices: 0 }, last: undefined });
  let group: (typeof open)[number] = start();
  const settle = (): void => {
    if (!group.last) return;
    const { now, last } = group;
    group.now = { degree: now.degree + last.degree, choices: now.choices + last.choices };
    group.last = undefined;
  };
  const close = (): Work => {
    settle();
    return group.done.length === 0 ? group.now : either([...group.done, group.now]);
  };
  for (let i = 0; i < pattern.length; i++) {
    const quantifier = QUANTIFIER.exec(pattern.slice(i, i + 24));
    if (quantifier && group.last) {
      group.last = repeated(group.last, timesOf(quantifier));
      i += quantifier[0].length - 1;
      if (pattern[i + 1] === '?' || pattern[i + 1] === '+') i++; // lazy, or without going back
      continue;
    }
    const character = pattern[i];
    if (character === '(') {
      settle();
      open.push(group);
      group = start();
      if (pattern[i + 1] === '?') i++; // "(?:", "(?!", "(?i:" and the like: no quantifier
    } else if (character === ')' && open.length > 0) {
      const work = close();
      group = open.pop()!;
      group.last = work;
    } else if (character === '|') {
      settle();
      group.done.push(group.now);
      group.now = { degree: 0, choices: 0 };
    } else {
      settle();
      if (character === '\\')
        i += /^\\[pP]\{/.test(pattern.slice(i, i + 3)) ? Math.max(1, pattern.slice(i).indexOf('}')) : 1;
      else if (character === '[') i = endOfClass(pattern, i);
      group.last = { degree: 0, choices: 0 };
    }
  }
  while (open.length > 0) {
    const work = close();
    group = open.pop()!;
    group.last = work;
  }
  return close();
}

/** Whether a backtracking matcher may work on it without a bound that holds for any text. */
export function mayNeverEnd(pattern: string): boolean {
  const { degree, choices } = workOf(pattern);
  return !(degree <= MAX_DEGREE && choices <= MAX_CHOICES);
}

/** Index of the bracket that closes the class opened at `start`; classes may be nested. */
function endOfClass(pattern: string, start: number): number {
  let depth = 0;
  for (let i = start; i < pattern.length; i++) {
    if (pattern[i] === '\\') i++;
    else if (pattern[i] === '[') depth++;
    else if (pattern[i] === ']' && --depth === 0) return i;
  }
  return pattern.length;
}

/** Throws "tokenizer-invalid" where a step of `part` holds a pattern that may hang. */
export function checkPatterns(part: unknown, field: string, depth = 0): void {
  if (depth > MAX_DEPTH) throw tokenizerFault(`${field} is nested too deep`, { field, expected: MAX_DEPTH });
  if (Array.isArray(part)) {
    for (const step of part as unknown[]) checkPatterns(step, field, depth + 1);
  } else if (isRecord(part)) {
    for (const [key, value] of Object.entries(part)) {
      if (key !== 'Regex') checkPatterns(value, field, depth + 1);
      else if (typeof value !== 'string' || value.length > MAX_PATTERN || mayNeverEnd(value)) {
        const actual = String(value).slice(0, 80);
        throw tokenizerFault(`${field} has a pattern that may never end: ${actual}`, { field, actual });
      }
    }
  }
}

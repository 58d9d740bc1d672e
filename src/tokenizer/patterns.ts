// Regular expressions in tokenizer.json run over everything people write. One that backtracks exponentially would hang the
// engine on a short text, so its signs are refused before it is compiled.

import { isRecord, tokenizerFault } from './vocabulary.ts';

/** The longest in use have some 400 characters. */
const MAX_PATTERN = 4096;
/** Steps within steps of a normalizer or pre-tokenizer; in use there are two. */
const MAX_DEPTH = 8;

/** `*`, `+` and `{n,}`: without an upper bound. */
const UNBOUNDED = /^(?:[*+]|\{\d+,\})/;
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})/;

/**
 * Whether a group whose body can vary (an alternation, a quantifier) is repeated without bound: "(a+)+", "(a|a)*". That is
 * what makes a backtracking matcher's work double with each character, and no tokenizer in use needs it.
 */
export function repeatsVaryingGroup(pattern: string): boolean {
  const varies = [false];
  let justClosed: boolean | undefined;
  for (let i = 0; i < pattern.length;) {
    const rest = pattern.slice(i, i + 24);
    const quantifier = QUANTIFIER.exec(rest)?.[0];
    if (quantifier !== undefined) {
      if (justClosed && UNBOUNDED.test(rest)) return true;
      varies[varies.length - 1] = true;
      i += quantifier.length;
      continue;
    }
    justClosed = undefined;
    const character = pattern[i];
    if (character === '\\') i++;
    else if (character === '[') i = endOfClass(pattern, i);
    else if (character === '(') {
      varies.push(false);
      // "(?:", "(?!", "(?i:" and the like: this question mark is no quantifier.
      if (pattern[i + 1] === '?') i++;
    } else if (character === '|') varies[varies.length - 1] = true;
    else if (character === ')' && varies.length > 1) {
      justClosed = varies.pop() ?? false;
      if (justClosed) varies[varies.length - 1] = true;
    }
    i++;
  }
  return false;
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
      else if (typeof value !== 'string' || value.length > MAX_PATTERN || repeatsVaryingGroup(value)) {
        const actual = String(value).slice(0, 80);
        throw tokenizerFault(`${field} has a pattern that may never end: ${actual}`, { field, actual });
      }
    }
  }
}

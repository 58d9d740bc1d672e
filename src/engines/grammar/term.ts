// What a text may be: regular expressions with "and" and "not", and rules that refer to each other. Equal terms are one object, so that
// the terms that a text leads to can be counted.

import { charsOf } from './charset.ts';
import type { CharSet } from './charset.ts';

/** Where a text has an edge that an assertion asks for. */
export type Edge = 'start' | 'end' | 'word' | 'inside';

export type Term = { readonly id: number } & (
  | { readonly kind: 'never' | 'empty' }
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'cat'; readonly first: Term; readonly rest: Term }
  | { readonly kind: 'or' | 'and'; readonly parts: readonly Term[] }
  | { readonly kind: 'not'; readonly body: Term }
  | { readonly kind: 'rep'; readonly body: Term; readonly min: number; readonly max: number }
  | { readonly kind: 'edge'; readonly edge: Edge }
  /** Decimal digits of a number that leaves no remainder when divided by `by`, after digits that left `left`. */
  | { readonly kind: 'mod'; readonly by: number; readonly left: number }
  | { readonly kind: 'ref'; readonly rule: string }
);

const known = new Map<string, Term>();
let ids = 0;

type Shape<T> = T extends unknown ? Omit<T, 'id'> : never;
function term(key: string, shape: Shape<Term>): Term {
  let found = known.get(key);
  if (!found) known.set(key, (found = { id: ids++, ...shape } as Term));
  return found;
}

export const NEVER = term('never', { kind: 'never' });
export const EMPTY = term('empty', { kind: 'empty' });

export const set = (chars: CharSet): Term =>
  chars.length === 0 ? NEVER : term(`set ${chars.join()}`, { kind: 'set', set: chars });
export const ref = (rule: string): Term => term(`ref ${rule}`, { kind: 'ref', rule });
export const edge = (kind: Edge): Term => term(`edge ${kind}`, { kind: 'edge', edge: kind });
export const mod = (by: number, left = 0): Term => term(`mod ${by} ${left}`, { kind: 'mod', by, left });

/** One after the other. */
export function cat(...terms: readonly Term[]): Term {
  let out: Term = EMPTY;
  for (let i = terms.length - 1; i >= 0; i--) out = pair(terms[i] ?? EMPTY, out);
  return out;
}

function pair(first: Term, rest: Term): Term {
  if (first === NEVER || rest === NEVER) return NEVER;
  if (first === EMPTY) return rest;
  if (rest === EMPTY) return first;
  if (first.kind === 'cat') return pair(first.first, pair(first.rest, rest));
  return term(`cat ${first.id} ${rest.id}`, { kind: 'cat', first, rest });
}

export const literal = (text: string): Term => cat(...Array.from(text, (char) => set(charsOf(char))));

export function or(...terms: readonly Term[]): Term {
  return joined('or', terms);
}
export function and(...terms: readonly Term[]): Term {
  return joined('and', terms);
}

function joined(kind: 'or' | 'and', terms: readonly Term[]): Term {
  const [nothing, all] = kind === 'or' ? [NEVER, ANYTHING] : [ANYTHING, NEVER];
  const parts = new Set<Term>();
  for (const part of terms) {
    if (part === all) return all;
    if (part === nothing) continue;
    if (part.kind === kind) for (const inner of part.parts) parts.add(inner);
    else parts.add(part);
  }
  if (parts.size === 0) return nothing;
  const [only] = parts;
  if (parts.size === 1 && only) return only;
  // The order of alternatives says nothing: sorted, equal ones are one.
  const sorted = [...parts].sort((a, b) => a.id - b.id);
  return term(`${kind} ${sorted.map(({ id }) => id).join()}`, { kind, parts: sorted });
}

export function not(body: Term): Term {
  if (body.kind === 'not') return body.body;
  if (body === NEVER) return ANYTHING;
  if (body === ANYTHING) return NEVER;
  return term(`not ${body.id}`, { kind: 'not', body });
}

/** @param max Infinity: without end */
export function rep(body: Term, min: number, max: number): Term {
  if (max === 0 || body === EMPTY) return EMPTY;
  if (body === NEVER) return min === 0 ? EMPTY : NEVER;
  if (min === 1 && max === 1) return body;
  if (body.kind === 'rep' && body.min === 0 && body.max === Infinity) return body;
  return term(`rep ${body.id} ${min} ${max}`, { kind: 'rep', body, min, max });
}
export const optional = (body: Term): Term => rep(body, 0, 1);

const EVERYTHING = set([0, 0xd7ff, 0xe000, 0x10ffff]);
/** Any text. */
export const ANYTHING: Term = rep(EVERYTHING, 0, Infinity);
export const ANY_CHAR = EVERYTHING;

/** Whether only steps through its texts tell what it is: it has an "and", a "not", an edge or a remainder. */
export function needsStates(body: Term): boolean {
  switch (body.kind) {
    case 'and':
    case 'not':
    case 'edge':
    case 'mod':
      return true;
    case 'cat':
      return needsStates(body.first) || needsStates(body.rest);
    case 'or':
      return body.parts.some(needsStates);
    case 'rep':
      return needsStates(body.body);
    default:
      return false;
  }
}

/** Sets and references once every repetition is written out: what a grammar's reader keeps in memory. */
export function sizeOf(body: Term): number {
  switch (body.kind) {
    case 'cat': {
      let sum = 0;
      let rest: Term = body;
      for (; rest.kind === 'cat'; rest = rest.rest) sum += sizeOf(rest.first);
      return sum + sizeOf(rest);
    }
    case 'or':
    case 'and':
      return body.parts.reduce((sum, part) => sum + sizeOf(part), 0);
    case 'not':
      return sizeOf(body.body);
    case 'rep':
      return Math.max(1, body.max === Infinity ? body.min : body.max) * sizeOf(body.body);
    default:
      return 1;
  }
}
/** Beyond it a repetition of repetitions is refused. */
export const MAX_SIZE = 50_000;

/**
 * Characters that a text of a term has at the least; 0 where that is not known.
 * @param ofRule the same of a rule that is referred to
 */
export function shortest(body: Term, ofRule: (rule: string) => number = () => 0): number {
  const of = (term: Term): number => shortest(term, ofRule);
  switch (body.kind) {
    case 'never':
      return Infinity;
    case 'set':
      return 1;
    case 'cat': {
      let sum = 0;
      let rest: Term = body;
      for (; rest.kind === 'cat'; rest = rest.rest) sum += of(rest.first);
      return sum + of(rest);
    }
    case 'or':
      return Math.min(...body.parts.map(of));
    case 'and':
      return Math.max(...body.parts.map(of));
    case 'rep':
      return body.min === 0 ? 0 : body.min * of(body.body);
    case 'ref':
      return ofRule(body.rule);
    default:
      return 0;
  }
}
/** And at the most; Infinity where that is not known. */
export function longest(body: Term): number {
  switch (body.kind) {
    case 'never':
    case 'empty':
    case 'edge':
      return 0;
    case 'set':
      return 1;
    case 'cat': {
      let sum = 0;
      let rest: Term = body;
      for (; rest.kind === 'cat'; rest = rest.rest) sum += longest(rest.first);
      return sum + longest(rest);
    }
    case 'or':
      return Math.max(...body.parts.map(longest));
    case 'and':
      return Math.min(...body.parts.map(longest));
    case 'rep':
      return body.max === Infinity ? Infinity : body.max * longest(body.body);
    default:
      return Infinity;
  }
}

/** The same term over other characters. */
export function mapSets(body: Term, change: (chars: CharSet) => Term): Term {
  switch (body.kind) {
    case 'set':
      return change(body.set);
    case 'cat':
      return cat(mapSets(body.first, change), mapSets(body.rest, change));
    case 'or':
      return or(...body.parts.map((part) => mapSets(part, change)));
    case 'rep':
      return rep(mapSets(body.body, change), body.min, body.max);
    default:
      return body;
  }
}

const constants = new Map(known);
/** Forgets all terms but the constants: between two compilations, never within one. */
export function forgetTerms(): void {
  known.clear();
  for (const [key, kept] of constants) known.set(key, kept);
}

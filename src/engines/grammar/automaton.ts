// A term's deterministic automaton, by derivatives (Brzozowski 1964): what may follow a character is again a term, and equal terms
// are one state. "And", "not", edges and remainders need nothing special.

import { EVERY, difference, has, partition, union } from './charset.ts';
import type { CharSet } from './charset.ts';
import { EMPTY, NEVER, and, cat, mod, needsStates, not, or, rep } from './term.ts';
import type { Term } from './term.ts';

/** States of one automaton: a longer one comes of counting far, or of patterns that multiply each other. */
const MAX_STATES = 3_000;

export const WORD: CharSet = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
const DIGITS = Array.from({ length: 10 }, (_, digit): CharSet => [0x30 + digit, 0x30 + digit]);

/** What stands before or after a place in the text. */
type Side = 'nothing' | 'word' | 'other';

function emptyAt(term: Term, before: Side, after: Side): boolean {
  switch (term.kind) {
    case 'never':
    case 'set':
    case 'ref':
      return false;
    case 'empty':
      return true;
    case 'cat':
      return emptyAt(term.first, before, after) && emptyAt(term.rest, before, after);
    case 'or':
      return term.parts.some((part) => emptyAt(part, before, after));
    case 'and':
      return term.parts.every((part) => emptyAt(part, before, after));
    case 'not':
      return !emptyAt(term.body, before, after);
    case 'rep':
      return term.min === 0 || emptyAt(term.body, before, after);
    case 'edge':
      if (term.edge === 'start') return before === 'nothing';
      if (term.edge === 'end') return after === 'nothing';
      return (term.edge === 'word') === ((before === 'word') !== (after === 'word'));
    case 'mod':
      return term.left === 0;
  }
}

function after(term: Term, code: number, before: Side, kind: Side): Term {
  const next = (part: Term): Term => after(part, code, before, kind);
  switch (term.kind) {
    case 'never':
    case 'empty':
    case 'edge':
    case 'ref':
      return NEVER;
    case 'set':
      return has(term.set, code) ? EMPTY : NEVER;
    case 'cat': {
      const within = cat(next(term.first), term.rest);
      return emptyAt(term.first, before, kind) ? or(within, next(term.rest)) : within;
    }
    case 'or':
      return or(...term.parts.map(next));
    case 'and':
      return and(...term.parts.map(next));
    case 'not':
      return not(next(term.body));
    case 'rep':
      return cat(next(term.body), rep(term.body, Math.max(0, term.min - 1), term.max - 1));
    case 'mod': {
      const digit = code - 0x30;
      return digit >= 0 && digit <= 9 ? mod(term.by, (term.left * 10 + digit) % term.by) : NEVER;
    }
  }
}

/** The sets by which a term tells its next characters apart. */
function tellingSets(term: Term, into: Map<string, CharSet>): void {
  const add = (chars: CharSet): unknown => into.set(chars.join(), chars);
  switch (term.kind) {
    case 'set':
      add(term.set);
      break;
    case 'cat':
      tellingSets(term.first, into);
      // Wherever the first may be empty, by its surroundings or always.
      if (mayBeEmpty(term.first)) tellingSets(term.rest, into);
      break;
    case 'or':
    case 'and':
      for (const part of term.parts) tellingSets(part, into);
      break;
    case 'not':
    case 'rep':
      tellingSets(term.body, into);
      break;
    case 'edge':
      if (term.edge === 'word' || term.edge === 'inside') add(WORD);
      break;
    case 'mod':
      DIGITS.forEach(add);
      break;
    default:
  }
}

const SIDES: readonly Side[] = ['nothing', 'word', 'other'];
const mayBeEmpty = (term: Term): boolean => SIDES.some((a) => SIDES.some((b) => emptyAt(term, a, b)));

function hasEdge(term: Term): boolean {
  switch (term.kind) {
    case 'edge':
      return true;
    case 'cat':
      return hasEdge(term.first) || hasEdge(term.rest);
    case 'or':
    case 'and':
      return term.parts.some(hasEdge);
    case 'not':
    case 'rep':
      return hasEdge(term.body);
    default:
      return false;
  }
}

export interface State {
  /** Whether the text may end here. */
  ends: boolean;
  /** Disjoint sets of characters, each with the state that follows. */
  next: { set: CharSet; to: number }[];
}

/**
 * States that lead to an end, the first one first; none where no text is possible. undefined: more than `limit` states.
 * @param term without references
 */
export function automaton(term: Term, limit = MAX_STATES): State[] | undefined {
  const edges = needsStates(term) && hasEdge(term);
  const states: State[] = [];
  const indices = new Map<string, number>();
  const terms: { term: Term; before: Side }[] = [];
  const indexOf = (term: Term, before: Side): number => {
    const side = edges && hasEdge(term) ? before : 'other';
    const key = `${term.id} ${side}`;
    let index = indices.get(key);
    if (index === undefined) {
      indices.set(key, (index = terms.length));
      terms.push({ term, before: side });
    }
    return index;
  };
  indexOf(term, 'nothing');
  for (let i = 0; i < terms.length; i++) {
    if (i >= limit) return undefined;
    const { term, before } = terms[i]!;
    const sets = new Map<string, CharSet>();
    tellingSets(term, sets);
    const to = new Map<number, CharSet[]>();
    for (const block of partition([...sets.values()])) {
      const code = block[0]!;
      const kind: Side = has(WORD, code) ? 'word' : 'other';
      const following = after(term, code, before, kind);
      if (following === NEVER) continue;
      const index = indexOf(following, kind);
      to.set(index, [...(to.get(index) ?? []), block]);
    }
    states.push({
      ends: emptyAt(term, before, 'nothing'),
      next: [...to].map(([index, blocks]) => ({ to: index, set: union(...blocks) })),
    });
  }
  return trimmed(states);
}

/** Without the states that lead to no end. */
function trimmed(states: readonly State[]): State[] {
  const from: number[][] = states.map(() => []);
  states.forEach(({ next }, i) => next.forEach(({ to }) => from[to]?.push(i)));
  const living = new Set<number>();
  const open = states.flatMap(({ ends }, i) => (ends ? [i] : []));
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    if (living.has(i)) continue;
    living.add(i);
    open.push(...from[i]!);
  }
  if (!living.has(0)) return [];
  const places = new Map([...living].sort((a, b) => a - b).map((old, index) => [old, index]));
  return [...places.keys()].map((old) => {
    const { ends, next } = states[old]!;
    return {
      ends,
      next: next.flatMap(({ set, to }) => {
        const place = places.get(to);
        return place === undefined ? [] : [{ set, to: place }];
      }),
    };
  });
}

/** Whether a term's automaton takes a text. */
export function takes(states: readonly State[], text: string): boolean {
  let state = states[0];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const step = state?.next.find(({ set }) => has(set, code));
    if (!step) return false;
    state = states[step.to];
  }
  return state?.ends ?? false;
}

export const everyBut = (set: CharSet): CharSet => difference(EVERY, set);

// A grammar read character by character: where a text stands in it, what must follow, and the shortest text that makes it whole.
// Stacks of what is still to come, equal ones shared (a graph-structured stack), so that no state is looked at twice.

import { has, partition } from './charset.ts';
import type { CharSet } from './charset.ts';
import type { Rules } from './rules.ts';
import { EMPTY, NEVER, cat, rep, shortest } from './term.ts';
import type { Term } from './term.ts';

/** Of rules that begin with each other. */
const MOST_ROUNDS = 40;

interface Stack {
  readonly id: number;
  readonly top: Term;
  readonly below: Stack | null;
  /** Characters at the least until the end. */
  readonly least: number;
  heads?: Heads;
}
interface Heads {
  /** Nothing need follow. */
  ends: boolean;
  next: { set: CharSet; then: Stack | null }[];
}

/** Where a text stands: every way in which it may have come there. The same ways are the same place. */
export interface Place {
  /** What may follow, by disjoint sets of characters, and where each leads. */
  readonly steps: readonly { set: CharSet; to: Place }[];
  /** Nothing need follow. */
  readonly ends: boolean;
  /** Characters until the end, at the least, and such a text. */
  readonly least: number;
  readonly ending: string;
  /** After one more character; undefined where it does not fit. */
  after(code: number): Place | undefined;
}

export interface Reader {
  readonly start: Place;
  /** By how many characters the shortest ending may grow with one more character, at the most. */
  readonly growth: number;
}

/** Places remembered: beyond it they are found anew. */
const MOST_PLACES = 20_000;

export function createReader({ root, rules }: Rules): Reader {
  const leastOf = new Map<string, number>();
  const least = (term: Term): number => shortest(term, (rule) => leastOf.get(rule) ?? Infinity);
  for (let changed = true; changed;) {
    changed = false;
    for (const [name, body] of rules) {
      const now = least(body);
      if (now < (leastOf.get(name) ?? Infinity)) {
        leastOf.set(name, now);
        changed = true;
      }
    }
  }
  const termLeast = new Map<Term, number>();
  const leastKept = (term: Term): number => {
    let found = termLeast.get(term);
    if (found === undefined) termLeast.set(term, (found = least(term)));
    return found;
  };

  const grows = growthOf({ root, rules }, leastKept);

  const stacks = new Map<string, Stack>();
  const push = (top: Term, below: Stack | null): Stack | null => {
    if (top === EMPTY) return below;
    const key = `${top.id} ${below?.id ?? ''}`;
    let found = stacks.get(key);
    if (!found) {
      found = { id: stacks.size, top, below, least: leastKept(top) + (below?.least ?? 0) };
      stacks.set(key, found);
    }
    return found;
  };

  function headsOf(stack: Stack): Heads {
    if (stack.heads) return stack.heads;
    const heads: Heads = { ends: false, next: [] };
    const seen = new Set<Stack>();
    const told = new Set<string>();
    const open: (Stack | null)[] = [stack];
    while (open.length > 0) {
      const here = open.pop() ?? null;
      if (here === null) {
        heads.ends = true;
        continue;
      }
      if (seen.has(here)) continue;
      seen.add(here);
      const { top, below } = here;
      switch (top.kind) {
        case 'set': {
          const key = `${top.id} ${below?.id ?? ''}`;
          if (!told.has(key)) heads.next.push({ set: top.set, then: below });
          told.add(key);
          break;
        }
        case 'cat':
          open.push(push(top.first, push(top.rest, below)));
          break;
        case 'or':
          for (const part of top.parts) open.push(push(part, below));
          break;
        case 'rep':
          if (top.min === 0) open.push(below);
          open.push(push(cat(top.body, rep(top.body, Math.max(0, top.min - 1), top.max - 1)), below));
          break;
        case 'ref':
          open.push(push(rules.get(top.rule) ?? NEVER, below));
          break;
        default:
      }
    }
    stack.heads = heads;
    return heads;
  }

  const places = new Map<string, Place>();
  const placeOf = (stacks: readonly (Stack | null)[]): Place => {
    const key = stacks
      .map((stack) => stack?.id ?? -1)
      .sort((a, b) => a - b)
      .join();
    let place = places.get(key);
    if (!place) {
      if (places.size >= MOST_PLACES) places.clear();
      places.set(key, (place = createPlace(stacks)));
    }
    return place;
  };

  function createPlace(stacks: readonly (Stack | null)[]): Place {
    const heads = stacks.map((stack) => (stack ? headsOf(stack) : { ends: true, next: [] }));
    let steps: { set: CharSet; to: Place }[] | undefined;
    let ending: string | undefined;
    const ascii: (Place | null | undefined)[] = [];
    const step = (code: number): Place | undefined => {
      const next = new Set<Stack | null>();
      for (const { next: ways } of heads) {
        for (const { set, then } of ways) if (has(set, code)) next.add(then);
      }
      return next.size > 0 ? placeOf([...next]) : undefined;
    };
    return {
      ends: heads.some(({ ends }) => ends),
      least: Math.min(...stacks.map((stack) => stack?.least ?? 0)),
      get steps() {
        if (steps) return steps;
        const sets = new Map(heads.flatMap(({ next }) => next.map(({ set }) => [set.join(), set] as const)));
        const found: { set: CharSet; to: Place }[] = [];
        for (const block of partition([...sets.values()])) {
          const to = step(block[0]!);
          if (to) found.push({ set: block, to });
        }
        return (steps = found);
      },
      get ending() {
        return (ending ??= endingOf(stacks));
      },
      after(code) {
        if (code >= 0x80) return step(code);
        let found = ascii[code];
        if (found === undefined) ascii[code] = found = step(code) ?? null;
        return found ?? undefined;
      },
    };
  }

  function endingOf(stacks: readonly (Stack | null)[]): string {
    let here = [...stacks].sort((a, b) => (a?.least ?? 0) - (b?.least ?? 0))[0] ?? null;
    let text = '';
    while (here !== null && here.least > 0) {
      const [best] = headsOf(here).next.sort((a, b) => (a.then?.least ?? 0) - (b.then?.least ?? 0));
      if (!best) break;
      // A plain letter rather than whatever comes first.
      const code = [0x61, 0x30, 0x20].find((each) => has(best.set, each)) ?? best.set[0] ?? 0;
      text += String.fromCodePoint(code);
      here = best.then;
    }
    return text;
  }

  return { start: placeOf([push(rules.get(root) ?? NEVER, null)]), growth: grows };
}

/** What the choice of a longer way than the shortest adds, where one character makes it: also a choice within a choice. */
function growthOf({ rules }: Rules, least: (term: Term) => number): number {
  const ofRule = new Map<string, number>();
  let most = 0;
  /** By the term's first character; what comes behind it grows by characters of its own. */
  const first = (term: Term): number => {
    switch (term.kind) {
      case 'or': {
        const fewest = least(term);
        const parts = term.parts.filter((part) => Number.isFinite(least(part)));
        return Math.max(0, ...parts.map((part) => least(part) - fewest + first(part)));
      }
      case 'rep':
        return (term.min === 0 ? least(term.body) : 0) + first(term.body);
      case 'cat': {
        let found = 0;
        let rest: Term = term;
        for (; rest.kind === 'cat'; rest = rest.rest) {
          found = Math.max(found, first(rest.first));
          if (least(rest.first) > 0) break;
        }
        // The others are met later, each as the first of its own.
        for (; rest.kind === 'cat'; rest = rest.rest) most = Math.max(most, first(rest.first));
        const last = first(rest);
        most = Math.max(most, last);
        return least(term) === 0 ? Math.max(found, last) : found;
      }
      case 'ref':
        return ofRule.get(term.rule) ?? 0;
      default:
        return 0;
    }
  };
  for (let round = 0, changed = true; changed && round < MOST_ROUNDS; round++) {
    changed = false;
    for (const [name, body] of rules) {
      const now = first(body);
      most = Math.max(most, now);
      if (now > (ofRule.get(name) ?? 0)) {
        ofRule.set(name, now);
        changed = true;
      }
    }
  }
  return most;
}

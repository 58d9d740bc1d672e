// Sets of Unicode characters, as ranges of code points. Surrogates are none: a text of UTF-8 has no way to write them.

/** Ranges [first, last, first, last, …], ascending, neither touching nor overlapping. */
export type CharSet = readonly number[];

export const EVERY: CharSet = [0, 0xd7ff, 0xe000, 0x10ffff];
export const NONE: CharSet = [];

/** @param pairs ranges in any order, which may overlap */
export function ranges(pairs: readonly (readonly [number, number])[]): CharSet {
  const sorted = [...pairs].sort((a, b) => a[0] - b[0]);
  const out: number[] = [];
  for (const [first, last] of sorted) {
    const end = out.at(-1);
    if (end !== undefined && first <= end + 1) out[out.length - 1] = Math.max(end, last);
    else out.push(first, last);
  }
  return withoutSurrogates(out);
}

export const pairsOf = (set: CharSet): [number, number][] =>
  Array.from({ length: set.length / 2 }, (_, i) => [set[2 * i] ?? 0, set[2 * i + 1] ?? 0]);

function withoutSurrogates(set: readonly number[]): CharSet {
  return intersection(set, EVERY);
}

export const charsOf = (text: string): CharSet =>
  ranges(Array.from(text, (char) => [char.codePointAt(0) ?? 0, char.codePointAt(0) ?? 0]));

export function union(...sets: readonly CharSet[]): CharSet {
  return ranges(sets.flatMap(pairsOf));
}

export function intersection(a: CharSet, b: CharSet): CharSet {
  const out: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [aFirst = 0, aLast = 0] = [a[i], a[i + 1]];
    const [bFirst = 0, bLast = 0] = [b[j], b[j + 1]];
    const [first, last] = [Math.max(aFirst, bFirst), Math.min(aLast, bLast)];
    if (first <= last) out.push(first, last);
    if (aLast < bLast) i += 2;
    else j += 2;
  }
  return out;
}

export function complement(set: CharSet): CharSet {
  const out: number[] = [];
  let next = 0;
  for (const [first, last] of pairsOf(set)) {
    if (first > next) out.push(next, first - 1);
    next = last + 1;
  }
  if (next <= 0x10ffff) out.push(next, 0x10ffff);
  return withoutSurrogates(out);
}

export const difference = (a: CharSet, b: CharSet): CharSet => intersection(a, complement(b));

export function has(set: CharSet, code: number): boolean {
  for (let i = 0; i < set.length; i += 2) {
    if (code < (set[i] ?? 0)) return false;
    if (code <= (set[i + 1] ?? 0)) return true;
  }
  return false;
}

/** Disjoint sets that together are every character, such that each of `sets` is a union of some of them. */
export function partition(sets: readonly CharSet[]): CharSet[] {
  let blocks: CharSet[] = [EVERY];
  for (const set of sets) {
    blocks = blocks
      .flatMap((block) => [intersection(block, set), difference(block, set)])
      .filter(({ length }) => length > 0);
  }
  return blocks;
}

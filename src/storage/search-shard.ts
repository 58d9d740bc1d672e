// One record of the search index: the terms that share a beginning, each with the numbers of the conversations that have
// it, ascending, as differences in LEB128 varints (a common word costs about a byte a conversation).

/** Terms by their first characters: shards small enough to rewrite, few enough to reach by one key. */
export const SHARD_CHARACTERS = 3;

export const shardOf = (term: string): string => term.slice(0, SHARD_CHARACTERS);

export type Postings = Map<string, number[]>;

export interface ShardRecord {
  /** Sorted, joined by line feeds. */
  terms: string;
  /** Conversations of each term. */
  counts: Uint32Array;
  /** The numbers of all terms, one after another. */
  numbers: Uint8Array;
  /** Of all the above: a damaged record is known, not believed. */
  check: number;
}

/** FNV-1a, 32 bits: against accidents, not against people. */
function checksum(terms: string, counts: Uint32Array, numbers: Uint8Array): number {
  let hash = 0x811c9dc5;
  const add = (value: number): void => {
    hash = Math.imul(hash ^ value, 0x01000193);
  };
  for (let i = 0; i < terms.length; i++) add(terms.charCodeAt(i));
  for (const count of counts) add(count);
  for (const byte of numbers) add(byte);
  return hash >>> 0;
}

export function encodeShard(postings: Postings): ShardRecord {
  const sorted = [...postings.keys()].sort();
  const counts = new Uint32Array(sorted.length);
  const bytes: number[] = [];
  sorted.forEach((term, i) => {
    const numbers = postings.get(term) ?? [];
    counts[i] = numbers.length;
    let before = 0;
    for (const number of numbers) {
      let delta = number - before;
      before = number;
      for (; delta >= 0x80; delta >>>= 7) bytes.push((delta & 0x7f) | 0x80);
      bytes.push(delta);
    }
  });
  const terms = sorted.join('\n');
  const numbers = Uint8Array.from(bytes);
  return { terms, counts, numbers, check: checksum(terms, counts, numbers) };
}

/** null: damaged. `wanted` decides whose numbers are read; the others' are passed over. */
export function decodeShard(value: unknown, wanted: (term: string) => boolean): Postings | null {
  if (typeof value !== 'object' || value === null) return null;
  const { terms, counts, numbers, check } = value as Partial<Record<keyof ShardRecord, unknown>>;
  if (typeof terms !== 'string' || !(counts instanceof Uint32Array) || !(numbers instanceof Uint8Array))
    return null;
  const names = terms.split('\n');
  if (names.length !== counts.length || check !== checksum(terms, counts, numbers)) return null;
  const postings: Postings = new Map();
  let at = 0;
  for (let i = 0; i < names.length; i++) {
    const term = names[i] ?? '';
    const list: number[] | null = wanted(term) ? [] : null;
    let number = 0;
    for (let left = counts[i] ?? 0; left > 0; left--) {
      let delta = 0;
      let shift = 0;
      for (;;) {
        const byte = numbers[at++];
        if (byte === undefined) return null;
        delta |= (byte & 0x7f) << shift;
        if (byte < 0x80) break;
        shift += 7;
      }
      number += delta;
      list?.push(number);
    }
    if (list) postings.set(term, list);
  }
  return at === numbers.length ? postings : null;
}

/** Two ascending lists as one, without doubles. */
export function union(a: readonly number[], b: readonly number[]): number[] {
  const out: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = a[i] ?? Infinity;
    const y = b[j] ?? Infinity;
    out.push(Math.min(x, y));
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return out;
}

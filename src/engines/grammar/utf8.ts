// Sets of characters as the bytes of UTF-8. xgrammar 0.1 compares classes byte by byte, so that a class of accented letters, as it
// lies, would let lone bytes through; given the bytes, it is exact, also for tokens that end in the middle of a character.

import { pairsOf } from './charset.ts';
import type { CharSet } from './charset.ts';

/** From and to, for each byte of a character. */
export type ByteRanges = readonly (readonly [first: number, last: number])[];

const encoder = new TextEncoder();
const bytesOf = (code: number): number[] => [...encoder.encode(String.fromCodePoint(code))];
/** The last character of one, two, three and four bytes. */
const LAST = [0x7f, 0x7ff, 0xffff, 0x10ffff];

/** Sequences of byte ranges that together spell exactly the characters of a set (as RE2 and Rust's utf8-ranges do). */
export function byteSequences(chars: CharSet): ByteRanges[] {
  const out: ByteRanges[] = [];
  const split = (first: number, last: number): void => {
    const end = LAST.find((each) => first <= each && each < last);
    if (end !== undefined) {
      split(first, end);
      split(end + 1, last);
      return;
    }
    // Where the leading bytes differ, the trailing ones are to run from their first to their last.
    if (last > 0x7f) {
      for (let bits = 6; bits < 24; bits += 6) {
        const mask = 2 ** bits - 1;
        if (first >> bits === last >> bits) continue;
        if ((first & mask) !== 0) {
          split(first, first | mask);
          split((first | mask) + 1, last);
          return;
        }
        if ((last & mask) !== mask) {
          split(first, (last & ~mask) - 1);
          split(last & ~mask, last);
          return;
        }
      }
    }
    const [from, to] = [bytesOf(first), bytesOf(last)];
    out.push(from.map((byte, i) => [byte, to[i] ?? byte] as const));
  };
  for (const [first, last] of pairsOf(chars)) split(first, last);
  return out;
}

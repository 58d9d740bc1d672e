import { describe, expect, it } from 'vitest';
import { createLookup } from './lookup.ts';

describe('prompt lookup', () => {
  it('drafts what followed the last three tokens where they stood before', () => {
    const lookup = createLookup([1, 2, 3, 4, 5, 6, 7, 9, 1, 2, 3]);
    expect(lookup.draft(3)).toEqual([4, 5, 6]);
    expect(lookup.draft(20)).toEqual([4, 5, 6, 7, 9, 1, 2, 3]);
    lookup.push(4);
    expect(lookup.draft(2)).toEqual([5, 6]);
    lookup.push(8);
    expect(lookup.draft(2)).toEqual([]);
  });

  it('takes the latest place, and needs three tokens', () => {
    expect(createLookup([1, 2, 3, 4, 1, 2, 3, 5, 1, 2, 3]).draft(1)).toEqual([5]);
    expect(createLookup([1, 2]).draft(4)).toEqual([]);
    expect(createLookup([]).draft(4)).toEqual([]);
    expect(createLookup([7, 7, 7, 7]).draft(4)).toEqual([7]);
  });

  it('is found out where only hashes agree', () => {
    // Two triples of one hash: the first token weighs 0x9e3779b1 squared, modulo 2^32.
    const weight = Math.imul(0x9e3779b1, 0x9e3779b1) >>> 0;
    expect(createLookup([1, 2, 3, 4, 0, 2, 3 + weight]).draft(2)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { decodeShard, encodeShard, union } from './search-shard.ts';

describe('search shards', () => {
  it('gives back what was put in, for any numbers', () => {
    const seed = Date.now() % 2 ** 31;
    console.log(`shard seed ${seed}`);
    let state = seed;
    const random = (): number => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) / 0x7fffffff;
    for (let round = 0; round < 20; round++) {
      const postings = new Map<string, number[]>();
      for (let i = 0; i < 30; i++) {
        const numbers = new Set<number>();
        for (let j = 0; j < 1 + random() * 50; j++)
          numbers.add(Math.floor(random() * 10 ** (1 + random() * 6)));
        postings.set(
          `t${i}${'ñ'.repeat(i % 3)}`,
          [...numbers].sort((a, b) => a - b),
        );
      }
      const record = encodeShard(postings);
      const back = decodeShard(record, () => true);
      expect(new Map([...(back ?? [])].sort())).toEqual(new Map([...postings].sort()));
      expect(decodeShard(record, (term) => term === 't3')).toEqual(new Map([['t3', postings.get('t3')]]));
    }
  });

  it('costs about a byte a conversation for common words', () => {
    const all = Array.from({ length: 10_000 }, (_, i) => i);
    expect(encodeShard(new Map([['que', all]])).numbers.length).toBe(10_000);
  });

  it('knows damage', () => {
    const record = encodeShard(new Map([['sol', [1, 5, 300]]]));
    for (const bad of [
      null,
      'x',
      {},
      { ...record, terms: 'sal' },
      { ...record, numbers: record.numbers.slice(1) },
      { ...record, counts: Uint32Array.of(2) },
      { ...record, counts: [3] },
      { ...record, check: record.check ^ 1 },
    ]) {
      expect(decodeShard(bad, () => true)).toBeNull();
    }
  });

  it('unites ascending lists', () => {
    expect(union([1, 4, 9], [2, 4, 10, 11])).toEqual([1, 2, 4, 9, 10, 11]);
    expect(union([], [3])).toEqual([3]);
    expect(union([0, 1], [0, 1])).toEqual([0, 1]);
  });
});

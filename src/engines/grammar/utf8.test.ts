import { expect, test } from 'vitest';
import { createUtf8Filter, WHOLE } from './utf8.ts';

/** One token a byte, spelled as pieces spell bytes, and a stop token. */
const vocabulary = {
  tokens: [...Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).padStart(2, '0')}>`), ''],
  spelling: 'pieces' as const,
  stopTokens: [256],
};

test('exactly the texts that a strict decoder takes can be written', () => {
  const { filter, step } = createUtf8Filter(vocabulary, 257);
  const strict = new TextDecoder('utf-8', { fatal: true });
  let seed = 1;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const seen = new Set<number>();
  for (let run = 0; run < 2_000; run++) {
    const bytes: number[] = [];
    let state = WHOLE;
    do {
      const bits = new Uint32Array(9).fill(0xffff_ffff);
      filter(bits, state);
      const allowed = Array.from({ length: 257 }, (_, id) => id).filter(
        (id) => ((bits[id >> 5] ?? 0) >>> (id & 31)) & 1,
      );
      expect(allowed.includes(256)).toBe(state === WHOLE);
      const high = allowed.filter((id) => id >= 128 && id < 256);
      const id = high[random(high.length)] ?? 0;
      bytes.push(id);
      state = step(state, id);
    } while (state !== WHOLE);
    seen.add(bytes.length);
    expect(() => strict.decode(Uint8Array.from(bytes)), String(bytes)).not.toThrow();
  }
  expect([...seen].sort()).toEqual([2, 3, 4]);
});

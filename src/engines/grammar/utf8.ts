// Which tokens keep a text well-formed UTF-8. xgrammar's "any other character" takes bytes that are none (lone surrogates, overlong
// forms), and a text with holes is longer than its schema allows once it is decoded.

import type { Vocabulary } from '../../engine.ts';
import { bytesSpelled } from '../../tokenizer/decoder.ts';

/** Between characters. */
export const WHOLE = 0;
/** The other states: bytes still to come, where the next one may be any, or is bounded after E0, ED, F0 and F4. */
const [ONE, TWO, THREE, AFTER_E0, AFTER_ED, AFTER_F0, AFTER_F4] = [1, 2, 3, 4, 5, 6, 7];
const STATES = 8;
const BROKEN = -1;

/** The state after a byte (Unicode standard, table 3-7). */
function after(state: number, byte: number): number {
  const within = (low: number, high: number, next: number): number =>
    byte >= low && byte <= high ? next : BROKEN;
  switch (state) {
    case WHOLE:
      if (byte < 0x80) return WHOLE;
      if (byte >= 0xc2 && byte <= 0xdf) return ONE;
      if (byte === 0xe0) return AFTER_E0;
      if (byte === 0xed) return AFTER_ED;
      if (byte >= 0xe1 && byte <= 0xef) return TWO;
      if (byte === 0xf0) return AFTER_F0;
      if (byte === 0xf4) return AFTER_F4;
      return within(0xf1, 0xf3, THREE);
    case ONE:
      return within(0x80, 0xbf, WHOLE);
    case TWO:
      return within(0x80, 0xbf, ONE);
    case THREE:
      return within(0x80, 0xbf, TWO);
    case AFTER_E0:
      return within(0xa0, 0xbf, ONE);
    case AFTER_ED:
      return within(0x80, 0x9f, ONE);
    case AFTER_F0:
      return within(0x90, 0xbf, TWO);
    default:
      return within(0x80, 0x8f, TWO);
  }
}

export interface Utf8Filter {
  /** Takes out of `bits` the tokens that would break a character begun before. */
  filter(bits: Uint32Array, state: number): void;
  /** The state after a token. */
  step(state: number, id: number): number;
}

export function createUtf8Filter(
  { tokens, spelling, stopTokens }: Vocabulary,
  vocabSize: number,
): Utf8Filter {
  const bytesOf = bytesSpelled(spelling);
  const spelled = Array.from({ length: vocabSize }, (_, id) => bytesOf(tokens[id] ?? ''));
  const step = (state: number, id: number): number => {
    for (const byte of spelled[id] ?? []) {
      state = after(state, byte);
      if (state === BROKEN) break;
    }
    return state;
  };
  const masks = Array.from({ length: STATES }, (_, state) => {
    const mask = new Uint32Array(Math.ceil(vocabSize / 32));
    for (let id = 0; id < vocabSize; id++) {
      const allowed = stopTokens.includes(id) ? state === WHOLE : step(state, id) !== BROKEN;
      if (allowed) mask[id >> 5] = (mask[id >> 5] ?? 0) | (1 << (id & 31));
    }
    return mask;
  });
  return {
    filter(bits, state) {
      const mask = masks[state];
      if (mask)
        for (let word = 0; word < bits.length; word++) bits[word] = (bits[word] ?? 0) & (mask[word] ?? 0);
    },
    step,
  };
}

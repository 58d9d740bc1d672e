// A constraint as the engines' loops use it: one bitset, filled for each token, and refused where nothing is in it.

import { EngineError } from '../failures.ts';
import type { TokenConstraint } from '../engine.ts';

export interface AllowedTokens {
  /** The next token's bitset, or undefined where every token may come. The same array each time. */
  next(): Promise<Uint32Array<ArrayBuffer> | undefined>;
  /** After a draw; returns whether the answer is whole. */
  accept(id: number): boolean;
}

/** @param maxTokens tokens that the answer may have at most */
export function allowedTokens(
  constraint: TokenConstraint,
  vocabSize: number,
  maxTokens: number,
): AllowedTokens {
  const bits = new Uint32Array(Math.ceil(vocabSize / 32));
  const beyond = vocabSize % 32;
  constraint.reset(maxTokens);
  return {
    async next() {
      if ((await constraint.mask(bits)) === false) return undefined;
      // Past the vocabulary there are no logits.
      if (beyond > 0) bits[bits.length - 1]! &= 2 ** beyond - 1;
      if (bits.every((word) => word === 0)) {
        throw new EngineError('constraint-empty', 'The constraint allows no token');
      }
      return bits;
    },
    accept(id) {
      constraint.accept(id);
      return constraint.finished;
    },
  };
}

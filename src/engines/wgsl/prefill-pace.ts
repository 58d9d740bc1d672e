// How much of a prompt goes into one submit: so many tokens, through so many layers, that it takes about 250 ms at most. Watchdogs
// end a device whose submits take seconds, a desktop stands still meanwhile, and a stop is heard only between two of them. The pace
// is the model's on this device, whichever session computes.

import { gemmTile } from '../../gpu/kernels/gemm.ts';

/** A submit's time at most, as far as it can be foreseen. */
export const SUBMIT_MILLISECONDS = 250;
/** What is planned for: a pace that falls, as with the positions held, must not meet a submit that is too long. */
const AIM_MILLISECONDS = 180;
/** The first tokens of all, through one layer: nothing is known yet. */
const FIRST_TOKENS = 16;
const FIRST_LAYERS = 1;
/** Chunks grow so much at most from one to the next, and so do the layers of a submit. */
const GROWTH = 4;
/** Chunks of less are multiples of no tile. */
const WHOLE = 64;

export interface PrefillPace {
  /** Tokens of the next chunk, of a prompt that has so many left. */
  tokens(left: number): number;
  /** Layers of the next submit of a chunk of so many tokens. */
  layers(tokens: number): number;
  /** So many layers of a chunk took so long. */
  took(tokens: number, layers: number, milliseconds: number): void;
}

/** What tokens cost: those of whole tiles. */
function computed(tokens: number): number {
  const tile = gemmTile(tokens);
  return Math.ceil(tokens / tile) * tile;
}

/** @param layerCount of the model @param mostTokens of a chunk, a multiple of 64 */
export function prefillPace(layerCount: number, mostTokens: number): PrefillPace {
  /** Milliseconds of one layer for one token, in a chunk of at least 64 tokens where there was one. */
  let each: number | undefined;
  let largest = FIRST_TOKENS;
  let mostLayers = FIRST_LAYERS;

  return {
    tokens(left) {
      if (each === undefined) return Math.min(left, FIRST_TOKENS);
      // All layers at once where 64 tokens allow it. Else 64 tokens are split by layers: smaller chunks would read the weights
      // more often, and only where one layer alone takes too long are they worth it.
      const fitting = AIM_MILLISECONDS / (each * layerCount);
      let wanted = Math.max(WHOLE, Math.floor(fitting / WHOLE) * WHOLE);
      while (wanted > FIRST_TOKENS && wanted <= WHOLE && wanted * each > AIM_MILLISECONDS) wanted /= 2;
      return Math.min(left, wanted, largest * GROWTH, mostTokens);
    },
    layers(tokens) {
      if (each === undefined) return FIRST_LAYERS;
      const fitting = Math.floor(AIM_MILLISECONDS / (each * computed(tokens)));
      return Math.max(1, Math.min(fitting, mostLayers * GROWTH, layerCount));
    },
    took(tokens, layers, milliseconds) {
      each = Math.max(milliseconds, 0.01) / (layers * computed(tokens));
      largest = Math.max(largest, computed(tokens));
      mostLayers = Math.max(mostLayers, layers);
    },
  };
}

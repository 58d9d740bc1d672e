// Q4_0 -> q4f16_1 without a loss: both share a half as scale among 32 values; only where zero lies differs.

import { decodeFloat16 } from '../format/float16.ts';
import type { QuantizedRows } from './quantize.ts';

const BLOCK_BYTES = 18;
/** From here on a weight is infinite as a half. */
const INFINITE_FROM = 65520;

/**
 * A weight is d (q - 8) there and s (c - 7) here. Where no q is 0, c = q - 1 and s = d; where one is (the -8 that llama.cpp gives
 * each block's largest weight), c = 15 - q and s = -d, so that -8 becomes the 8 that this side's four bits hold.
 * @param bytes blocks of 32, whole rows of a multiple of 32 columns
 * @returns undefined where a weight is not finite as a half
 */
export function repackQ4(bytes: Uint8Array): QuantizedRows | undefined {
  const blocks = bytes.length / BLOCK_BYTES;
  const words = new Uint32Array(blocks * 4);
  const scales = new Uint16Array(blocks);
  const codes = new Uint8Array(32);
  for (let block = 0; block < blocks; block++) {
    const at = block * BLOCK_BYTES;
    const scale = bytes[at]! | (bytes[at + 1]! << 8);
    let least = 15;
    for (let i = 0; i < 16; i++) {
      const byte = bytes[at + 2 + i]!;
      codes[i] = byte & 15;
      codes[i + 16] = byte >> 4;
      least = Math.min(least, byte & 15, byte >> 4);
    }
    const size = Math.abs(decodeFloat16(scale));
    if (!(size * 8 < INFINITE_FROM)) return undefined;
    const turned = least === 0;
    // A scale of zero has no sign worth keeping: all its weights are zero.
    scales[block] = turned && size > 0 ? scale ^ 0x8000 : scale;
    for (let i = 0; i < 32; i++) {
      const code = size === 0 ? 7 : turned ? 15 - codes[i]! : codes[i]! - 1;
      words[block * 4 + (i >> 3)]! |= code << ((i & 7) * 4);
    }
  }
  return { words, scales };
}

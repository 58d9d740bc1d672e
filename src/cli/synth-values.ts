// Random weights as they lie on disk, drawn fast enough that the disk is the limit.

import { encodeBfloat16, encodeFloat16 } from '../format/float16.ts';
import { SCHEMES, wordsOf } from '../format/schemes.ts';
import type { QuantScheme, StoredTensor } from '../format/schemes.ts';
import { pcgHash } from '../llama/sampling.ts';
import type { LlamaTensor } from '../llama/tensors.ts';

/** Fills the next piece of a tensor with values that follow those of the piece before. */
type Fill = (words: Uint32Array) => void;

/** sfc32 (PractRand's small fast counter, 128 bits of state): four of its state words, seeded from two numbers. */
function generator(seed: number, stream: number): Uint32Array<ArrayBuffer> {
  const state = new Uint32Array([pcgHash(seed), pcgHash(stream), pcgHash(seed ^ stream), 1]);
  fillRandom(state, new Uint32Array(12)); // its first outputs still show the seed
  return state;
}

function fillRandom(state: Uint32Array, out: Uint32Array): void {
  let a = state[0]! | 0;
  let b = state[1]! | 0;
  let c = state[2]! | 0;
  let count = state[3]! | 0;
  for (let i = 0; i < out.length; i++) {
    const word = (a + b + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + word) | 0;
    out[i] = word;
  }
  state.set([a, b, c, count]);
}

/** A number for a name, so that a tensor's values depend on nothing but seed and name: a cut keeps the same layers. */
function streamOf(name: string): number {
  return [...name].reduce((hash, letter) => pcgHash(hash ^ (letter.codePointAt(0) ?? 0)), 0);
}

/**
 * Codes of rows of `columns` values. A code that the quantiser never gives (all bits set) becomes the one for zero, which keeps
 * the mean at zero; places past the end of a row are 0.
 */
function fillCodes(scheme: QuantScheme, columns: number, seed: number, stream: number): Fill {
  const state = generator(seed, stream);
  const perRow = wordsOf(scheme, columns);
  // Bits in use of each word of a row.
  const tail = Array.from({ length: perRow }, (_, word) => {
    const codes = Math.min(scheme.perWord, Math.max(0, columns - word * scheme.perWord));
    return 2 ** (codes * scheme.bits) - 1;
  });
  const full = 2 ** (scheme.perWord * scheme.bits) - 1;
  const cut = tail.findIndex((mask) => mask !== full);
  return (words) => {
    fillRandom(state, words);
    if (scheme.bits === 4) {
      for (let i = 0; i < words.length; i++) {
        const word = words[i]!;
        words[i] = word ^ ((word & (word >>> 1) & (word >>> 2) & (word >>> 3) & 0x11111111) << 3);
      }
    } else {
      for (let i = 0; i < words.length; i++) {
        const word = words[i]! & full;
        words[i] = word ^ ((word & (word >>> 1) & (word >>> 2) & 0o1111111111) << 2);
      }
    }
    if (cut < 0) return;
    for (let row = 0; row < words.length; row += perRow) {
      for (let word = cut; word < perRow; word++) words[row + word] = words[row + word]! & (tail[word] ?? 0);
    }
  };
}

/** Two 16-bit values a word, each drawn from a table of a power of two, 65,536 at most. */
function fillFromTable(table: Uint16Array, seed: number, stream: number): Fill {
  const state = generator(seed, stream);
  const mask = table.length - 1;
  return (words) => {
    fillRandom(state, words);
    for (let i = 0; i < words.length; i++) {
      const word = words[i]!;
      words[i] = table[word & mask]! | (table[(word >>> 16) & mask]! << 16);
    }
  };
}

/** `count` values spread evenly from `from` to `to`, both ends included, in the model dtype. */
function spread(scheme: QuantScheme, from: number, to: number, count: number): Uint16Array {
  const encode = scheme.scaleType === 'float16' ? encodeFloat16 : encodeBfloat16;
  return Uint16Array.from({ length: count }, (_, i) => encode(from + ((to - from) * i) / (count - 1)));
}

/**
 * Scales that give weights of a standard deviation near 1 / sqrt(columns), so that a projection keeps the size of what goes
 * in; they vary by a quarter up and down, so that a kernel which takes a neighbour's scale is found out.
 */
function fillScales(scheme: QuantScheme, columns: number, seed: number, stream: number): Fill {
  const codes = Array.from({ length: 2 * scheme.zero + 1 }, (_, code) => code - scheme.zero);
  const deviation = Math.sqrt(codes.reduce((sum, code) => sum + code * code, 0) / 2 ** scheme.bits);
  const scale = 1 / (deviation * Math.sqrt(columns));
  return fillFromTable(spread(scheme, 0.75 * scale, 1.25 * scale, 1024), seed, stream);
}

/** Unquantised weights of standard deviation 1 / sqrt(columns), evenly distributed. */
function fillPlain(scheme: QuantScheme, columns: number, seed: number, stream: number): Fill {
  const edge = Math.sqrt(3 / columns);
  return fillFromTable(spread(scheme, -edge, edge, 65_536), seed, stream);
}

/** Weights of a norm: 0.8 to 1.2. */
function fillNorm(scheme: QuantScheme, seed: number, stream: number): Fill {
  return fillFromTable(spread(scheme, 0.8, 1.2, 1024), seed, stream);
}

export interface Filler {
  fill: Fill;
  /** `fill` takes a multiple of so many words. */
  unitWords: number;
}

/** What fills a stored tensor. */
export function fillerOf(
  scheme: QuantScheme,
  tensor: LlamaTensor,
  stored: StoredTensor,
  seed: number,
): Filler {
  const stream = streamOf(stored.name);
  const columns = tensor.shape[1];
  if (columns === undefined) return { fill: fillNorm(scheme, seed, stream), unitWords: 1 };
  if (stored.name.endsWith('.q_weight')) {
    return { fill: fillCodes(scheme, columns, seed, stream), unitWords: wordsOf(scheme, columns) };
  }
  const fill = stored.name.endsWith('.q_scale') ? fillScales : fillPlain;
  return { fill: fill(scheme, columns, seed, stream), unitWords: 1 };
}

/** A checkpoint's tensor in bfloat16: as `fillerOf` leaves what it does not quantise. @param columns undefined for a norm */
export function plainFiller(name: string, columns: number | undefined, seed: number): Filler {
  const scheme = SCHEMES.q4f32_1;
  const stream = streamOf(name);
  const fill =
    columns === undefined ? fillNorm(scheme, seed, stream) : fillPlain(scheme, columns, seed, stream);
  return { fill, unitWords: 1 };
}

/** @param rowWords words of a row; @param empty rows that are zero instead of what is drawn for them */
export function withEmptyRows({ fill }: Filler, rowWords: number, empty: ReadonlySet<number>): Filler {
  let row = 0;
  return {
    unitWords: rowWords,
    fill(words) {
      fill(words);
      for (let at = 0; at < words.length; at += rowWords)
        if (empty.has(row++)) words.fill(0, at, at + rowWords);
    },
  };
}

// ggml's tensor types: how many weights share a block, and its bytes. Source: ggml's GGML_QUANT_SIZES (gguf-py, constants.py).

export interface GgufBlock {
  name: string;
  /** Weights of a block; rows are whole blocks. */
  weights: number;
  bytes: number;
}

const block = (name: string, weights: number, bytes: number): GgufBlock => ({ name, weights, bytes });

/** By ggml's number. Numbers that are not here are retired or unknown: no length can be given. */
export const GGUF_TYPES: ReadonlyMap<number, GgufBlock> = new Map([
  [0, block('F32', 1, 4)],
  [1, block('F16', 1, 2)],
  [2, block('Q4_0', 32, 18)],
  [3, block('Q4_1', 32, 20)],
  [6, block('Q5_0', 32, 22)],
  [7, block('Q5_1', 32, 24)],
  [8, block('Q8_0', 32, 34)],
  [10, block('Q2_K', 256, 84)],
  [11, block('Q3_K', 256, 110)],
  [12, block('Q4_K', 256, 144)],
  [13, block('Q5_K', 256, 176)],
  [14, block('Q6_K', 256, 210)],
  [15, block('Q8_K', 256, 292)],
  [16, block('IQ2_XXS', 256, 66)],
  [17, block('IQ2_XS', 256, 74)],
  [18, block('IQ3_XXS', 256, 98)],
  [19, block('IQ1_S', 256, 50)],
  [20, block('IQ4_NL', 32, 18)],
  [21, block('IQ3_S', 256, 110)],
  [22, block('IQ2_S', 256, 82)],
  [23, block('IQ4_XS', 256, 136)],
  [24, block('I8', 1, 1)],
  [25, block('I16', 1, 2)],
  [26, block('I32', 1, 4)],
  [27, block('I64', 1, 8)],
  [28, block('F64', 1, 8)],
  [29, block('IQ1_M', 256, 56)],
  [30, block('BF16', 1, 2)],
  [34, block('TQ1_0', 256, 54)],
  [35, block('TQ2_0', 256, 66)],
  [39, block('MXFP4', 32, 17)],
  [40, block('NVFP4', 64, 36)],
  [41, block('Q1_0', 128, 18)],
]);

/** Types whose blocks are opened here (`convert/gguf-decode.ts`), beside BF16, F16 and F32. */
export const GGUF_QUANTS = [
  'Q4_0',
  'Q4_1',
  'Q5_0',
  'Q5_1',
  'Q8_0',
  'Q2_K',
  'Q3_K',
  'Q4_K',
  'Q5_K',
  'Q6_K',
  'IQ4_NL',
] as const;

export type GgufQuant = (typeof GGUF_QUANTS)[number];

export function isGgufQuant(name: string): name is GgufQuant {
  return (GGUF_QUANTS as readonly string[]).includes(name);
}

/** Bytes of `weights` values of a type. */
export const ggufBytes = (type: GgufBlock, weights: number): number => (weights / type.weights) * type.bytes;

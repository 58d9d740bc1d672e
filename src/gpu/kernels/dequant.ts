// How each scheme's weights are read on the GPU, as they lie on disk: snippets that every kernel with weights starts with.

import type { SchemeName } from '../../format/schemes.ts';
import f16 from './dequant-f16.wgsl?raw';
import q3 from './dequant-q3.wgsl?raw';
import q4 from './dequant-q4.wgsl?raw';
import scaleBf16 from './scale-bf16.wgsl?raw';
import scaleF16 from './scale-f16.wgsl?raw';
import scaleNone from './scale-none.wgsl?raw';

/** A row of weights is `packs` of 16 bytes (one vec4<u32> load), each with one scale. */
export interface WeightFormat {
  scheme: SchemeName;
  /** WGSL before the kernel's own: PACK4, ZERO, prescale, pack_dot, unit_values, scale_of. */
  code: string;
  /** Values in a pack. */
  packValues: number;
  /** Values in the least piece that is made of whole vec4s of values. */
  unitValues: number;
  /** Activations are padded with zeros to a multiple of this, so that no kernel checks a row's tail. */
  align: number;
  /** Bytes of a scale on the GPU; 0 where there is none. */
  scaleBytes: 0 | 2;
}

export const WEIGHT_FORMATS: Readonly<Record<SchemeName, WeightFormat>> = {
  q4f16_1: {
    scheme: 'q4f16_1',
    code: q4 + scaleF16,
    packValues: 32,
    unitValues: 8,
    align: 32,
    scaleBytes: 2,
  },
  q4f32_1: {
    scheme: 'q4f32_1',
    code: q4 + scaleBf16,
    packValues: 32,
    unitValues: 8,
    align: 32,
    scaleBytes: 2,
  },
  q3f16_1: {
    scheme: 'q3f16_1',
    code: q3 + scaleF16,
    packValues: 40,
    unitValues: 20,
    align: 40,
    scaleBytes: 2,
  },
  q0f16: { scheme: 'q0f16', code: f16 + scaleNone, packValues: 8, unitValues: 4, align: 32, scaleBytes: 0 },
};

/** Packs in a row of `columns` values; the last may be short, its rest is 0. */
export function packsOf(format: WeightFormat, columns: number): number {
  return Math.ceil(columns / format.packValues);
}

/** Length of a vector of `columns` activations with its padding. */
export function strideOf(format: WeightFormat, columns: number): number {
  return Math.ceil(columns / format.align) * format.align;
}

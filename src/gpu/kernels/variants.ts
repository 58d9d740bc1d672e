// Ways to compute the same products: how lanes add up, and in which numbers. The base needs no optional feature of a device.

import type { Device } from '../device.ts';
import f16Halves from './products-f16-halves.wgsl?raw';
import f16Q4 from './products-f16-q4.wgsl?raw';
import f32 from './products-f32.wgsl?raw';
import i8Q4 from './products-i8-q4.wgsl?raw';
import type { WeightFormat } from './dequant.ts';
import lanesSubgroups from './lanes-subgroups.wgsl?raw';
import lanes from './lanes.wgsl?raw';
import totals from './lane-totals.wgsl?raw';

/** How the lanes that share a row add up: through workgroup memory alone, or by exchanges within a subgroup first. */
export type Reduction = 'shared' | 'subgroups';
/** What products are computed in; `i8` rounds activations to 8 bits, and is only used where its error was measured. */
export type ProductMath = 'f32' | 'f16' | 'i8';

export interface Variant {
  reduction: Reduction;
  math: ProductMath;
}

export const VARIANTS = {
  base: { reduction: 'shared', math: 'f32' },
  subgroups: { reduction: 'subgroups', math: 'f32' },
  f16: { reduction: 'shared', math: 'f16' },
  'f16-subgroups': { reduction: 'subgroups', math: 'f16' },
  int8: { reduction: 'shared', math: 'i8' },
  'int8-subgroups': { reduction: 'subgroups', math: 'i8' },
} as const satisfies Record<string, Variant>;
export type VariantName = keyof typeof VARIANTS;
export const VARIANT_NAMES = Object.keys(VARIANTS) as VariantName[];

/** Error allowed, as max |difference| / max |logit| against the float64 forward pass (docs/budgets.md). */
export const LOGITS_BAR: Readonly<Record<ProductMath, number>> = { f32: 2e-3, f16: 2e-3, i8: 2e-2 };

/** The language extension that int8 needs: dot4I8Packed, pack4xI8. */
export const PACKED_DOT = 'packed_4x8_integer_dot_product';

const PRODUCTS: Readonly<Record<WeightFormat['scheme'], Partial<Record<ProductMath, string>>>> = {
  q4f16_1: { f32, f16: f16Q4, i8: i8Q4 },
  q4f32_1: { f32, f16: f16Q4, i8: i8Q4 },
  // Codes of 3 bits don't lie where halves or bytes do.
  q3f16_1: { f32 },
  q0f16: { f32, f16: f16Halves },
};

export function hasProducts(scheme: WeightFormat['scheme'], math: ProductMath): boolean {
  return PRODUCTS[scheme][math] !== undefined;
}

/** Why a variant can't be had for a format on a device; null where it can. */
export function variantMissing(
  { reduction, math }: Variant,
  { scheme }: WeightFormat,
  { features }: Pick<Device, 'features'>,
): string | null {
  if (!hasProducts(scheme, math)) return `${scheme} has no products in ${math}`;
  if (reduction === 'subgroups' && !features.has('subgroups')) return 'the device has no subgroups';
  if (math === 'f16' && !features.has('shader-f16')) return 'the device has no shader-f16';
  if (math === 'i8' && !features.has(PACKED_DOT)) return 'the device has no packed integer dot product';
  return null;
}

/** WGSL before a matrix-vector kernel: directives, the format's snippets, its products, its lanes. */
export function productsCode({ reduction, math }: Variant, format: WeightFormat): string {
  const products = PRODUCTS[format.scheme][math];
  if (products === undefined) throw new Error(`${format.scheme} has no products in ${math}`);
  const directives = [
    math === 'f16' ? 'enable f16;\n' : '',
    // Shuffles run under conditions on constants and on the subgroup's size, which all its lanes share.
    reduction === 'subgroups' ? 'enable subgroups;\ndiagnostic(off, subgroup_uniformity);\n' : '',
  ].join('');
  return directives + format.code + products + (reduction === 'subgroups' ? lanesSubgroups : lanes) + totals;
}

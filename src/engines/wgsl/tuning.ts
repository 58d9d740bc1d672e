// Which variant and which knobs each product runs with: plain data, so that a device's can be kept and handed in again.

import type { Device } from '../../gpu/device.ts';
import type { WeightFormat } from '../../gpu/kernels/dequant.ts';
import type { TileMath } from '../../gpu/kernels/gemm.ts';
import { DEFAULT_GEMV } from '../../gpu/kernels/gemv.ts';
import type { GemvTuning } from '../../gpu/kernels/gemv.ts';
import { variantMissing, VARIANTS } from '../../gpu/kernels/variants.ts';
import type { VariantName } from '../../gpu/kernels/variants.ts';

/** Products of decoding that are tuned apart: their matrices differ in shape. */
export const PRODUCT_NAMES = ['qkv', 'o', 'gateUp', 'down', 'logits'] as const;
export type ProductName = (typeof PRODUCT_NAMES)[number];

export interface EngineTuning {
  products: Readonly<Record<ProductName, GemvTuning>>;
  /** What prefill's tiles hold. */
  tiles: TileMath;
}

function everywhere(tuning: GemvTuning): EngineTuning['products'] {
  return { qkv: tuning, o: tuning, gateUp: tuning, down: tuning, logits: tuning };
}

/** Needs no optional feature, and is right everywhere. */
export const DEFAULT_TUNING: EngineTuning = { products: everywhere(DEFAULT_GEMV), tiles: 'f32' };

/** One variant for everything: how tests force it. */
export function variantTuning(name: VariantName, knobs: Partial<GemvTuning> = {}): EngineTuning {
  const variant = VARIANTS[name];
  return {
    products: everywhere({ ...DEFAULT_GEMV, ...variant, ...knobs }),
    tiles: variant.math === 'f16' ? 'f16' : 'f32',
  };
}

/** Why a device can't run a tuning for a format; null where it can. */
export function tuningMissing(
  tuning: EngineTuning,
  format: WeightFormat,
  device: Pick<Device, 'features'>,
): string | null {
  for (const name of PRODUCT_NAMES) {
    const missing = variantMissing(tuning.products[name], format, device);
    if (missing !== null) return missing;
  }
  if (tuning.tiles === 'f16' && !device.features.has('shader-f16')) return 'the device has no shader-f16';
  return null;
}

const isOneOf = (value: unknown, allowed: readonly unknown[]): boolean => allowed.includes(value);

function isGemvTuning(value: unknown): value is GemvTuning {
  if (typeof value !== 'object' || value === null) return false;
  const { rows, threads, lanes, reduction, math } = value as Record<string, unknown>;
  return (
    isOneOf(rows, [1, 2, 4, 8]) &&
    isOneOf(threads, [32, 64, 128, 256]) &&
    isOneOf(lanes, [1, 2, 4, 8, 16, 32, 64]) &&
    isOneOf(reduction, ['shared', 'subgroups']) &&
    isOneOf(math, ['f32', 'f16', 'i8'])
  );
}

/** A tuning that was kept; null where it isn't one, as after a change of what it holds. */
export function parseTuning(value: unknown): EngineTuning | null {
  if (typeof value !== 'object' || value === null) return null;
  const { products, tiles } = value as { products?: Record<string, unknown>; tiles?: unknown };
  if (typeof products !== 'object' || products === null || !isOneOf(tiles, ['f32', 'f16'])) return null;
  if (!PRODUCT_NAMES.every((name) => isGemvTuning(products[name]))) return null;
  return { products: products as unknown as EngineTuning['products'], tiles: tiles as TileMath };
}

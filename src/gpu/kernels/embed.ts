// The embedding's rows of a list of tokens.

import type { Grid, Kernel } from '../kernel.ts';
import { packsOf } from './dequant.ts';
import type { WeightFormat } from './dequant.ts';
import code from './embed.wgsl?raw';

/** bindings: weights, scales, tokens, x */
export function embedKernel(format: WeightFormat): Kernel {
  return { name: 'embed', code: format.code + code, bindings: ['read', 'read', 'read', 'write'] };
}

export function embedGrid(format: WeightFormat, columns: number, tokens: number): Grid {
  const units = (packsOf(format, columns) * format.packValues) / format.unitValues;
  return [Math.ceil(units / 64), tokens, 1];
}

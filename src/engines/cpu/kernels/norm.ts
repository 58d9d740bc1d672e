// RMSNorm, before each product that reads the residual stream.

import { sumLanes } from './lanes';

/**
 * out = x / sqrt(mean(x^2) + eps) * weight (arXiv 1910.07467).
 * @param x, weight, out [size] f32, zero up to the next multiple of four
 */
export function rmsNorm(x: usize, weight: usize, out: usize, size: u32, eps: f32): void {
  const bytes = ((<usize>size + 3) & ~3) << 2;
  let squares = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i);
    squares = f32x4.add(squares, f32x4.mul(v, v));
  }
  const scale = f32x4.splat(1 / sqrt<f32>(sumLanes(squares) / <f32>size + eps));
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, f32x4.mul(f32x4.mul(v128.load(x + i), scale), v128.load(weight + i)));
  }
}

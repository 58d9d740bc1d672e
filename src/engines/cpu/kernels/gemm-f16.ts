// Products with a matrix that is not quantised (q0f16): f16 weights, f32 activations and sums.

import { HALF, loadHalves, loadScale } from './lanes';

/**
 * y[column, row] (+)= sum over k of w[row, k] * x[column, k] for the rows of octets [begin, end).
 * @param w [octets][size][8] halves, woven (pack.ts)
 * @param x columns [size] f32, xStride bytes apart
 * @param y as in gemmQ4
 */
export function gemmF16(
  w: usize,
  size: u32,
  x: usize,
  xStride: usize,
  columns: u32,
  y: usize,
  yStride: usize,
  begin: u32,
  end: u32,
  add: bool,
): void {
  const scale = f32x4.splat(HALF);
  for (let octet = begin; octet < end; octet++) {
    const first = w + <usize>octet * size * 16;
    const stop = first + <usize>size * 16;
    for (let column: u32 = 0; column < columns; column++) {
      let p = x + <usize>column * xStride;
      let low = f32x4.splat(0);
      let high = low;
      for (let wp = first; wp < stop; wp += 16) {
        const value = f32x4.mul(v128.load_splat<f32>(p), scale);
        low = f32x4.add(low, f32x4.mul(loadHalves(wp), value));
        high = f32x4.add(high, f32x4.mul(loadHalves(wp + 8), value));
        p += 4;
      }
      const out = y + <usize>column * yStride + ((<usize>octet) << 5);
      if (add) {
        low = f32x4.add(low, v128.load(out));
        high = f32x4.add(high, v128.load(out, 16));
      }
      v128.store(out, low);
      v128.store(out, high, 16);
    }
  }
}

/** One row of the embedding as f32, out [size]. */
export function embedF16(w: usize, size: u32, row: u32, out: usize): void {
  w += <usize>(row >> 3) * size * 16 + (((<usize>row) & 7) << 1);
  for (let k: u32 = 0; k < size; k++) {
    store<f32>(out, loadScale(w, false));
    w += 16;
    out += 4;
  }
}

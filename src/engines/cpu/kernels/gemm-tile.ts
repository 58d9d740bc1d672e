// A prompt's tokens, four columns at a time, over eight rows whose weights were unpacked once (unpackQ4, unpackQ3).

import { loadScales } from './lanes';

/** Adds the group's sums, scaled, to what y holds of eight rows. */
function settle(sums: v128, integers: v128, weightScales: v128, columnScale: v128): v128 {
  return f32x4.add(sums, f32x4.mul(f32x4.convert_i32x4_s(integers), f32x4.mul(weightScales, columnScale)));
}

function put(y: usize, low: v128, high: v128, add: bool): void {
  if (add) {
    low = f32x4.add(low, v128.load(y));
    high = f32x4.add(high, v128.load(y, 16));
  }
  v128.store(y, low);
  v128.store(y, high, 16);
}

/**
 * y[column, row] (+)= sum over k of w[row, k] * x[column, k], for eight rows and `columns` (a multiple of four) columns.
 * Each group is summed in integers, groups are added in order: the same figures as gemvQ4 and gemvQ3, to the bit.
 * @param tile [groups][pairs][8 rows] pairs of i16, zero point subtracted
 * @param scales [groups][8]
 */
export function gemmTile(
  tile: usize,
  scales: usize,
  groups: u32,
  pairs: u32,
  bfloat16: bool,
  x: usize,
  xStride: usize,
  columns: u32,
  y: usize,
  yStride: usize,
  add: bool,
): void {
  const stop = tile + <usize>groups * pairs * 32;
  for (let column: u32 = 0; column < columns; column += 4) {
    let wp = tile;
    let sp = scales;
    let p0 = x + <usize>column * xStride;
    let p1 = p0 + xStride;
    let p2 = p1 + xStride;
    let p3 = p2 + xStride;
    let low0 = f32x4.splat(0);
    let low1 = low0;
    let low2 = low0;
    let low3 = low0;
    let high0 = low0;
    let high1 = low0;
    let high2 = low0;
    let high3 = low0;
    while (wp < stop) {
      let l0 = i32x4.splat(0);
      let l1 = l0;
      let l2 = l0;
      let l3 = l0;
      let h0 = l0;
      let h1 = l0;
      let h2 = l0;
      let h3 = l0;
      for (const end = p0 + ((<usize>pairs) << 2); p0 < end; p0 += 4) {
        const low = v128.load(wp);
        const high = v128.load(wp, 16);
        const x0 = v128.load_splat<i32>(p0);
        const x1 = v128.load_splat<i32>(p1);
        const x2 = v128.load_splat<i32>(p2);
        const x3 = v128.load_splat<i32>(p3);
        l0 = i32x4.add(l0, i32x4.dot_i16x8_s(low, x0));
        h0 = i32x4.add(h0, i32x4.dot_i16x8_s(high, x0));
        l1 = i32x4.add(l1, i32x4.dot_i16x8_s(low, x1));
        h1 = i32x4.add(h1, i32x4.dot_i16x8_s(high, x1));
        l2 = i32x4.add(l2, i32x4.dot_i16x8_s(low, x2));
        h2 = i32x4.add(h2, i32x4.dot_i16x8_s(high, x2));
        l3 = i32x4.add(l3, i32x4.dot_i16x8_s(low, x3));
        h3 = i32x4.add(h3, i32x4.dot_i16x8_s(high, x3));
        p1 += 4;
        p2 += 4;
        p3 += 4;
        wp += 32;
      }
      const low = loadScales(sp, bfloat16);
      const high = loadScales(sp + 8, bfloat16);
      const s0 = v128.load_splat<f32>(p0, 4);
      const s1 = v128.load_splat<f32>(p1, 4);
      const s2 = v128.load_splat<f32>(p2, 4);
      const s3 = v128.load_splat<f32>(p3, 4);
      low0 = settle(low0, l0, low, s0);
      high0 = settle(high0, h0, high, s0);
      low1 = settle(low1, l1, low, s1);
      high1 = settle(high1, h1, high, s1);
      low2 = settle(low2, l2, low, s2);
      high2 = settle(high2, h2, high, s2);
      low3 = settle(low3, l3, low, s3);
      high3 = settle(high3, h3, high, s3);
      p0 += 8;
      p1 += 8;
      p2 += 8;
      p3 += 8;
      sp += 16;
    }
    let out = y + <usize>column * yStride;
    put(out, low0, high0, add);
    out += yStride;
    put(out, low1, high1, add);
    out += yStride;
    put(out, low2, high2, add);
    out += yStride;
    put(out, low3, high3, add);
  }
}

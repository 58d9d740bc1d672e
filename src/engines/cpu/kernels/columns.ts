// Activations -> 16-bit codes, before every product with a 4- or 3-bit matrix. 16 bits keep the error (half a step of
// max|x| / 32767 of its group) far below what f16 activations would cost, and sums within a group are then exact.
//
// A column of codes is, for each group: pairs of i16 in the order in which the product takes weights out of their words,
// then bias i32 = -zero * sum(codes), which stands for the weights' zero point, then scale f32.

import { HALF, maxLanes, sumLanesI32 } from './lanes';

/** max|x| of n values, n a multiple of 4. */
function peakOf(x: usize, n: usize): f32 {
  let top = f32x4.splat(0);
  const end = x + (n << 2);
  for (; x < end; x += 16) top = f32x4.max(top, f32x4.abs(v128.load(x)));
  return maxLanes(top);
}

function codesOf(x: usize, inverse: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x), inverse)));
}

/** The stored scale: `loadHalves` leaves 2^112 out of the weights' scales, so it is put in here. */
function storeScale(p: usize, peak: f32, bfloat16: bool): void {
  const scale = peak / 32767;
  store<f32>(p, bfloat16 ? scale : scale * HALF);
}

/**
 * Groups of 32. Pair i of word j (of four): elements 8j + i and 8j + 4 + i, i < 4.
 * @param x [32 * groups] f32, zero past the last element
 * @param column [groups] records of 72 bytes
 */
export function columnQ4(x: usize, column: usize, groups: u32, bfloat16: bool): void {
  const ones = i16x8.splat(1);
  for (let group: u32 = 0; group < groups; group++) {
    const peak = peakOf(x, 32);
    const inverse = f32x4.splat(peak > 0 ? 32767 / peak : 0);
    let sums = i32x4.splat(0);
    for (const end = column + 64; column < end; column += 16) {
      const codes = i16x8.narrow_i32x4_s(codesOf(x, inverse), codesOf(x + 16, inverse));
      sums = i32x4.add(sums, i32x4.dot_i16x8_s(codes, ones));
      v128.store(column, v128.shuffle<i16>(codes, codes, 0, 4, 1, 5, 2, 6, 3, 7));
      x += 32;
    }
    store<i32>(column, -7 * sumLanesI32(sums));
    storeScale(column + 4, peak, bfloat16);
    column += 8;
  }
}

/**
 * Groups of 40. Pair i of word j (of four): elements 10j + i and 10j + 5 + i, i < 5.
 * @param x [40 * groups] f32, zero past the last element
 * @param column [groups] records of 88 bytes
 */
export function columnQ3(x: usize, column: usize, groups: u32, bfloat16: bool): void {
  for (let group: u32 = 0; group < groups; group++) {
    const peak = peakOf(x, 40);
    const inverse: f32 = peak > 0 ? 32767 / peak : 0;
    let sum: i32 = 0;
    for (let word: u32 = 0; word < 4; word++) {
      for (let i: usize = 0; i < 5; i++) {
        const even = <i32>nearest<f32>(load<f32>(x + (i << 2)) * inverse);
        const odd = <i32>nearest<f32>(load<f32>(x + (i << 2) + 20) * inverse);
        store<i16>(column, <i16>even);
        store<i16>(column + 2, <i16>odd);
        column += 4;
        sum += even + odd;
      }
      x += 40;
    }
    store<i32>(column, -3 * sum);
    storeScale(column + 4, peak, bfloat16);
    column += 8;
  }
}

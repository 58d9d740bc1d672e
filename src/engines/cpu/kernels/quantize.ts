// Activations -> 16-bit codes, before every product with a 4- or 3-bit matrix. 16 bits keep the error (half a step of
// max|x| / 32767 of its group) far below what f16 activations would cost, and integer products are then exact.
//
// A column of codes, for G groups: G records of [codes i16 | bias i32, 0, 0, 0], then G scales f32.
// The codes lie in the order in which gemm-q4 and gemm-q3 take the weights out of their words.
// bias = -zero * sum(codes): adding it subtracts the weights' zero point.

import { maxLanes } from './lanes';

/** Scale of 4n values at x, stored with `boost` applied; answers what to multiply by to get codes. */
function storeScale(x: usize, values: u32, scale: usize, boost: f32): f32 {
  let top = f32x4.splat(0);
  for (let i: usize = 0; i < (<usize>values) << 2; i += 16) top = f32x4.max(top, f32x4.abs(v128.load(x + i)));
  const peak = maxLanes(top);
  store<f32>(scale, (peak / 32767) * boost);
  return peak > 0 ? 32767 / peak : 0;
}

function codes4(x: usize, inverse: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x), inverse)));
}

/** Eight values at x as codes, in order. */
function codes8(x: usize, inverse: v128): v128 {
  return i16x8.narrow_i32x4_s(codes4(x, inverse), codes4(x + 16, inverse));
}

function storeBias(p: usize, sums: v128, zero: i32): void {
  const pairs = i32x4.add(sums, v128.shuffle<i32>(sums, sums, 2, 3, 0, 1));
  store<i32>(p, -zero * (i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1)));
  store<i32>(p, 0, 4);
  store<i64>(p, 0, 8);
}

/**
 * Groups of 32, for gemmQ4. Vector n of a record holds elements n, 4 + n, 8 + n, ...: nibble n of each 16 bits.
 * @param x [32 * groups] f32, zero past the last element
 * @param out the column
 * @param boost factor on the stored scales: undoes loadHalves' where the weights' scales are halves
 */
export function quantizeQ4(x: usize, out: usize, groups: u32, boost: f32): void {
  let scale = out + <usize>groups * 80;
  const ones = i16x8.splat(1);
  for (let g: u32 = 0; g < groups; g++) {
    const inverse = f32x4.splat(storeScale(x, 32, scale, boost));
    const a = codes8(x, inverse);
    const b = codes8(x + 32, inverse);
    const c = codes8(x + 64, inverse);
    const d = codes8(x + 96, inverse);
    const ab01 = v128.shuffle<i16>(a, b, 0, 4, 8, 12, 1, 5, 9, 13);
    const cd01 = v128.shuffle<i16>(c, d, 0, 4, 8, 12, 1, 5, 9, 13);
    const ab23 = v128.shuffle<i16>(a, b, 2, 6, 10, 14, 3, 7, 11, 15);
    const cd23 = v128.shuffle<i16>(c, d, 2, 6, 10, 14, 3, 7, 11, 15);
    v128.store(out, v128.shuffle<i64>(ab01, cd01, 0, 2));
    v128.store(out, v128.shuffle<i64>(ab01, cd01, 1, 3), 16);
    v128.store(out, v128.shuffle<i64>(ab23, cd23, 0, 2), 32);
    v128.store(out, v128.shuffle<i64>(ab23, cd23, 1, 3), 48);
    const sums = i32x4.add(
      i32x4.add(i32x4.dot_i16x8_s(a, ones), i32x4.dot_i16x8_s(b, ones)),
      i32x4.add(i32x4.dot_i16x8_s(c, ones), i32x4.dot_i16x8_s(d, ones)),
    );
    storeBias(out + 64, sums, 7);
    x += 128;
    out += 80;
    scale += 4;
  }
}

/**
 * Groups of 40, for gemmQ3. Word w of a group holds elements 10 w to 10 w + 9; vector n of a record holds elements 2n and
 * 2n + 1 of each word.
 */
export function quantizeQ3(x: usize, out: usize, groups: u32, boost: f32): void {
  let scale = out + <usize>groups * 96;
  for (let g: u32 = 0; g < groups; g++) {
    const inverse = storeScale(x, 40, scale, boost);
    let sum: i32 = 0;
    for (let word: usize = 0; word < 4; word++) {
      for (let i: usize = 0; i < 10; i++) {
        const code = <i32>nearest<f32>(load<f32>(x + (word * 10 + i) * 4) * inverse);
        store<i16>(out + (i >> 1) * 16 + word * 4 + (i & 1) * 2, <i16>code);
        sum += code;
      }
    }
    storeBias(out + 80, i32x4(sum, 0, 0, 0), 3);
    x += 160;
    out += 96;
    scale += 4;
  }
}

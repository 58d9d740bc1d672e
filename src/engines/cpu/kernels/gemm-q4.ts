// Products with a 4-bit matrix: queries, keys and values, output, gate, up, down, logits. One column is decoding, many are
// a prompt's tokens.

import { gemmTile } from './gemm-tile';
import { loadScale, loadScales } from './lanes';

/** acc + the products of one word of four rows with its eight activations, four nibble pairs in turn. */
function wordQ4(acc: v128, word: v128, low: v128, x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  const a = i32x4.add(
    i32x4.dot_i16x8_s(v128.and(word, low), x0),
    i32x4.dot_i16x8_s(v128.and(i16x8.shr_u(word, 4), low), x1),
  );
  const b = i32x4.add(
    i32x4.dot_i16x8_s(v128.and(i16x8.shr_u(word, 8), low), x2),
    i32x4.dot_i16x8_s(i16x8.shr_u(word, 12), x3),
  );
  return i32x4.add(acc, i32x4.add(a, b));
}

/** One column, one octet of rows. */
function gemvQ4(w: usize, scales: usize, groups: u32, bfloat16: bool, x: usize, y: usize, add: bool): void {
  const nibble = i16x8.splat(15);
  let low = f32x4.splat(0);
  let high = low;
  for (const stop = w + <usize>groups * 128; w < stop;) {
    let l = v128.load_splat<i32>(x, 64);
    let h = l;
    for (const end = w + 128; w < end; w += 32) {
      const x0 = v128.load_splat<i32>(x);
      const x1 = v128.load_splat<i32>(x, 4);
      const x2 = v128.load_splat<i32>(x, 8);
      const x3 = v128.load_splat<i32>(x, 12);
      const a = v128.load(w);
      const b = v128.load(w, 16);
      l = wordQ4(l, a, nibble, x0, x1, x2, x3);
      h = wordQ4(h, b, nibble, x0, x1, x2, x3);
      x += 16;
    }
    const scale = v128.load_splat<f32>(x, 4);
    const ls = loadScales(scales, bfloat16);
    const hs = loadScales(scales + 8, bfloat16);
    low = f32x4.add(low, f32x4.mul(f32x4.convert_i32x4_s(l), f32x4.mul(ls, scale)));
    high = f32x4.add(high, f32x4.mul(f32x4.convert_i32x4_s(h), f32x4.mul(hs, scale)));
    x += 8;
    scales += 16;
  }
  if (add) {
    low = f32x4.add(low, v128.load(y));
    high = f32x4.add(high, v128.load(y, 16));
  }
  v128.store(y, low);
  v128.store(y, high, 16);
}

/** An octet's codes minus 7 as i16: [groups][16 pairs][8 rows] pairs. */
function unpackQ4(w: usize, tile: usize, groups: u32): void {
  const nibble = i16x8.splat(15);
  const zero = i16x8.splat(7);
  for (const stop = w + <usize>groups * 128; w < stop; w += 32) {
    const a = v128.load(w);
    const b = v128.load(w, 16);
    v128.store(tile, i16x8.sub(v128.and(a, nibble), zero));
    v128.store(tile, i16x8.sub(v128.and(b, nibble), zero), 16);
    v128.store(tile, i16x8.sub(v128.and(i16x8.shr_u(a, 4), nibble), zero), 32);
    v128.store(tile, i16x8.sub(v128.and(i16x8.shr_u(b, 4), nibble), zero), 48);
    v128.store(tile, i16x8.sub(v128.and(i16x8.shr_u(a, 8), nibble), zero), 64);
    v128.store(tile, i16x8.sub(v128.and(i16x8.shr_u(b, 8), nibble), zero), 80);
    v128.store(tile, i16x8.sub(i16x8.shr_u(a, 12), zero), 96);
    v128.store(tile, i16x8.sub(i16x8.shr_u(b, 12), zero), 112);
    tile += 128;
  }
}

/**
 * y[column, row] (+)= sum over k of w[row, k] * x[column, k] for the rows of octets [begin, end).
 * @param w [octets][groups * 4][8] u32, woven (pack.ts)
 * @param scales [octets][groups][8] of 16 bits
 * @param x columns from columnQ4, xStride bytes apart
 * @param y [columns, rows] f32, yStride bytes apart, rows padded to whole octets
 * @param add adds to y instead of writing it
 * @param tile room for 512 bytes a group, of this thread alone
 */
export function gemmQ4(
  w: usize,
  scales: usize,
  groups: u32,
  bfloat16: bool,
  x: usize,
  xStride: usize,
  columns: u32,
  y: usize,
  yStride: usize,
  begin: u32,
  end: u32,
  add: bool,
  tile: usize,
): void {
  const tiled = columns & ~3;
  for (let octet = begin; octet < end; octet++) {
    const wp = w + <usize>octet * groups * 128;
    const sp = scales + <usize>octet * groups * 16;
    const out = y + ((<usize>octet) << 5);
    if (tiled > 0) {
      unpackQ4(wp, tile, groups);
      gemmTile(tile, sp, groups, 16, bfloat16, x, xStride, tiled, out, yStride, add);
    }
    for (let column = tiled; column < columns; column++) {
      gemvQ4(wp, sp, groups, bfloat16, x + <usize>column * xStride, out + <usize>column * yStride, add);
    }
  }
}

/** One row of the embedding as f32, out [32 * groups]; what it leaves past the row's last element means nothing. */
export function embedQ4(w: usize, scales: usize, groups: u32, bfloat16: bool, row: u32, out: usize): void {
  const octet = row >> 3;
  w += <usize>octet * groups * 128 + (((<usize>row) & 7) << 2);
  scales += <usize>octet * groups * 16 + (((<usize>row) & 7) << 1);
  for (let group: u32 = 0; group < groups; group++) {
    const scale = loadScale(scales, bfloat16);
    for (let j: u32 = 0; j < 4; j++) {
      let word = load<u32>(w);
      for (let i: u32 = 0; i < 8; i++) {
        store<f32>(out, <f32>(<i32>(word & 15) - 7) * scale);
        word >>= 4;
        out += 4;
      }
      w += 32;
    }
    scales += 16;
  }
}

// The same products with a 3-bit matrix: groups of 40, ten codes a word, woven as five in each 16 bits (pack.ts).

import { gemmTile } from './gemm-tile';
import { loadScale, loadScales } from './lanes';

/** One column, one octet of rows. */
function gemvQ3(w: usize, scales: usize, groups: u32, bfloat16: bool, x: usize, y: usize, add: bool): void {
  const code = i16x8.splat(7);
  let low = f32x4.splat(0);
  let high = low;
  for (const stop = w + <usize>groups * 128; w < stop;) {
    let l = v128.load_splat<i32>(x, 80);
    let h = l;
    for (const end = w + 128; w < end; w += 32) {
      let a = v128.load(w);
      let b = v128.load(w, 16);
      for (const last = x + 20; x < last; x += 4) {
        const pair = v128.load_splat<i32>(x);
        l = i32x4.add(l, i32x4.dot_i16x8_s(v128.and(a, code), pair));
        h = i32x4.add(h, i32x4.dot_i16x8_s(v128.and(b, code), pair));
        a = i16x8.shr_u(a, 3);
        b = i16x8.shr_u(b, 3);
      }
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

/** An octet's codes minus 3 as i16: [groups][20 pairs][8 rows] pairs. */
function unpackQ3(w: usize, tile: usize, groups: u32): void {
  const code = i16x8.splat(7);
  const zero = i16x8.splat(3);
  for (const stop = w + <usize>groups * 128; w < stop; w += 32) {
    let a = v128.load(w);
    let b = v128.load(w, 16);
    for (const end = tile + 160; tile < end; tile += 32) {
      v128.store(tile, i16x8.sub(v128.and(a, code), zero));
      v128.store(tile, i16x8.sub(v128.and(b, code), zero), 16);
      a = i16x8.shr_u(a, 3);
      b = i16x8.shr_u(b, 3);
    }
  }
}

/** As gemmQ4; x from columnQ3, tile room for 640 bytes a group. */
export function gemmQ3(
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
      unpackQ3(wp, tile, groups);
      gemmTile(tile, sp, groups, 20, bfloat16, x, xStride, tiled, out, yStride, add);
    }
    for (let column = tiled; column < columns; column++) {
      gemvQ3(wp, sp, groups, bfloat16, x + <usize>column * xStride, out + <usize>column * yStride, add);
    }
  }
}

/** As embedQ4; out [40 * groups]. */
export function embedQ3(w: usize, scales: usize, groups: u32, bfloat16: bool, row: u32, out: usize): void {
  const octet = row >> 3;
  w += <usize>octet * groups * 128 + (((<usize>row) & 7) << 2);
  scales += <usize>octet * groups * 16 + (((<usize>row) & 7) << 1);
  for (let group: u32 = 0; group < groups; group++) {
    const scale = loadScale(scales, bfloat16);
    for (let j: u32 = 0; j < 4; j++) {
      const word = load<u32>(w);
      for (let i: u32 = 0; i < 10; i++) {
        // Codes 5 to 9 begin at bit 16.
        const code = (word >> (i * 3 + (i > 4 ? 1 : 0))) & 7;
        store<f32>(out, <f32>(<i32>code - 3) * scale);
        out += 4;
      }
      w += 32;
    }
    scales += 16;
  }
}

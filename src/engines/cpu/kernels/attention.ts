// Between the projection of queries, keys and values and the output's: rotation, the KV cache in halves, attention.

import { exp4, HALF, loadHalves, maxLanes, sumLanes, toHalves } from './lanes';

/** RoPE in place, NeoX rotate-half: x [heads, 2 * half] f32; cosines and sines [half] f32 of this position. */
export function rotate(x: usize, heads: u32, half: u32, cosines: usize, sines: usize): void {
  const bytes = (<usize>half) << 2;
  for (let head: u32 = 0; head < heads; head++) {
    for (let d: usize = 0; d < bytes; d += 16) {
      const c = v128.load(cosines + d);
      const s = v128.load(sines + d);
      const a = v128.load(x + d);
      const b = v128.load(x + bytes + d);
      v128.store(x + d, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)));
      v128.store(x + bytes + d, f32x4.add(f32x4.mul(b, c), f32x4.mul(a, s)));
    }
    x += bytes << 1;
  }
}

/** size f32 at x (a multiple of eight) -> halves at out. */
export function storeHalves(x: usize, out: usize, size: u32): void {
  for (const end = x + ((<usize>size) << 2); x < end; x += 32) {
    const low = toHalves(v128.load(x));
    const high = toHalves(v128.load(x, 16));
    v128.store(out, v128.shuffle<i16>(low, high, 0, 2, 4, 6, 8, 10, 12, 14));
    out += 16;
  }
}

/** scores[p] = q . k[p]; answers the largest. */
function scoresOf(q: usize, keys: usize, rowBytes: usize, length: u32, scores: usize): f32 {
  let top = -Infinity as f32;
  for (let p: u32 = 0; p < length; p++) {
    let a = f32x4.splat(0);
    let b = a;
    let qp = q;
    for (const end = keys + rowBytes; keys < end; keys += 16) {
      a = f32x4.add(a, f32x4.mul(v128.load(qp), loadHalves(keys)));
      b = f32x4.add(b, f32x4.mul(v128.load(qp, 16), loadHalves(keys + 8)));
      qp += 32;
    }
    const score = sumLanes(f32x4.add(a, b));
    top = max<f32>(top, score);
    store<f32>(scores, score);
    scores += 4;
  }
  return top;
}

/** scores = e^(scores - top), their sum. */
function softmax(scores: usize, length: u32, top: f32): f32 {
  const shift = f32x4.splat(top);
  const end = scores + ((<usize>length) << 2);
  // The last vector may reach past the end: those lanes are made to weigh nothing.
  const padded = (end + 15) & ~15;
  for (let p = end; p < padded; p += 4) store<f32>(p, -Infinity as f32);
  let sums = f32x4.splat(0);
  for (; scores < padded; scores += 16) {
    const weights = exp4(f32x4.sub(v128.load(scores), shift));
    v128.store(scores, weights);
    sums = f32x4.add(sums, weights);
  }
  return sumLanes(sums);
}

/**
 * One query head over the positions of its KV head. Halves enter without their factor 2^112 (see loadHalves): here the
 * query and the softmax's divisor carry it.
 * @param q [headDim] f32, rotated; headDim a multiple of eight
 * @param keys, values [length, headDim] halves
 * @param scratch 16-byte aligned room for headDim + length + 4 f32, of this thread alone
 * @param out [headDim] f32
 */
export function attend(
  q: usize,
  keys: usize,
  values: usize,
  headDim: u32,
  length: u32,
  scratch: usize,
  out: usize,
): void {
  const rowBytes = (<usize>headDim) << 1;
  const scale = f32x4.splat(HALF / sqrt<f32>(<f32>headDim));
  for (let i: usize = 0; i < rowBytes << 1; i += 16) {
    v128.store(scratch + i, f32x4.mul(v128.load(q + i), scale));
  }
  const scores = scratch + (rowBytes << 1);
  const top = scoresOf(scratch, keys, rowBytes, length, scores);
  const factor = f32x4.splat(HALF / softmax(scores, length, top));
  const scoresEnd = scores + ((<usize>length) << 2);
  let d: usize = 0;
  for (; d + 64 <= rowBytes; d += 64) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let a4 = a0;
    let a5 = a0;
    let a6 = a0;
    let a7 = a0;
    let v = values + d;
    for (let p = scores; p < scoresEnd; p += 4) {
      const weight = f32x4.mul(v128.load_splat<f32>(p), factor);
      a0 = f32x4.add(a0, f32x4.mul(weight, loadHalves(v)));
      a1 = f32x4.add(a1, f32x4.mul(weight, loadHalves(v + 8)));
      a2 = f32x4.add(a2, f32x4.mul(weight, loadHalves(v + 16)));
      a3 = f32x4.add(a3, f32x4.mul(weight, loadHalves(v + 24)));
      a4 = f32x4.add(a4, f32x4.mul(weight, loadHalves(v + 32)));
      a5 = f32x4.add(a5, f32x4.mul(weight, loadHalves(v + 40)));
      a6 = f32x4.add(a6, f32x4.mul(weight, loadHalves(v + 48)));
      a7 = f32x4.add(a7, f32x4.mul(weight, loadHalves(v + 56)));
      v += rowBytes;
    }
    const o = out + (d << 1);
    v128.store(o, a0);
    v128.store(o, a1, 16);
    v128.store(o, a2, 32);
    v128.store(o, a3, 48);
    v128.store(o, a4, 64);
    v128.store(o, a5, 80);
    v128.store(o, a6, 96);
    v128.store(o, a7, 112);
  }
  for (; d < rowBytes; d += 16) {
    let a = f32x4.splat(0);
    let b = a;
    let v = values + d;
    for (let p = scores; p < scoresEnd; p += 4) {
      const weight = f32x4.mul(v128.load_splat<f32>(p), factor);
      a = f32x4.add(a, f32x4.mul(weight, loadHalves(v)));
      b = f32x4.add(b, f32x4.mul(weight, loadHalves(v + 8)));
      v += rowBytes;
    }
    v128.store(out + (d << 1), a);
    v128.store(out + (d << 1), b, 16);
  }
}

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

/** scores[p] = q . k[p] */
function scoreOne(q: usize, keys: usize, rowBytes: usize, length: u32, scores: usize): void {
  for (let p: u32 = 0; p < length; p++) {
    let a = f32x4.splat(0);
    let b = a;
    let at = q;
    for (const end = keys + rowBytes; keys < end; keys += 16) {
      a = f32x4.add(a, f32x4.mul(v128.load(at), loadHalves(keys)));
      b = f32x4.add(b, f32x4.mul(v128.load(at, 16), loadHalves(keys + 8)));
      at += 32;
    }
    store<f32>(scores, sumLanes(f32x4.add(a, b)));
    scores += 4;
  }
}

/** The same for two queries, `apart` bytes one from the other, like their scores: each key is taken out of its halves once. */
function scoreTwo(q: usize, apart: usize, keys: usize, rowBytes: usize, length: u32, scores: usize): void {
  for (let p: u32 = 0; p < length; p++) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let at = q;
    for (const end = keys + rowBytes; keys < end; keys += 16) {
      const low = loadHalves(keys);
      const high = loadHalves(keys + 8);
      a = f32x4.add(a, f32x4.mul(v128.load(at), low));
      b = f32x4.add(b, f32x4.mul(v128.load(at, 16), high));
      c = f32x4.add(c, f32x4.mul(v128.load(at + apart), low));
      d = f32x4.add(d, f32x4.mul(v128.load(at + apart, 16), high));
      at += 32;
    }
    store<f32>(scores, sumLanes(f32x4.add(a, b)));
    store<f32>(scores + apart, sumLanes(f32x4.add(c, d)));
    scores += 4;
  }
}

/**
 * scores = e^(scores - largest) * HALF / their sum, for `length` of them; those from there to `room` weigh nothing.
 * `scores` is 16-byte aligned, with room for three more than `room`.
 */
function softmax(scores: usize, length: u32, room: u32): void {
  const end = scores + ((<usize>length) << 2);
  const padded = (end + 15) & ~15;
  for (let p = end; p < padded; p += 4) store<f32>(p, -Infinity as f32);
  let top = v128.load(scores);
  for (let p = scores; p < padded; p += 16) top = f32x4.max(top, v128.load(p));
  const largest = f32x4.splat(maxLanes(top));
  let sums = f32x4.splat(0);
  for (let p = scores; p < padded; p += 16) {
    const weights = exp4(f32x4.sub(v128.load(p), largest));
    v128.store(p, weights);
    sums = f32x4.add(sums, weights);
  }
  const factor = f32x4.splat(HALF / sumLanes(sums));
  for (let p = scores; p < padded; p += 16) v128.store(p, f32x4.mul(v128.load(p), factor));
  for (let p = end; p < scores + ((<usize>room) << 2); p += 4) store<f32>(p, 0);
}

/** out = sum over p of weights[p] * v[p], 32 dimensions at a time, then 8. */
function mixOne(weights: usize, length: u32, values: usize, rowBytes: usize, out: usize): void {
  const stop = weights + ((<usize>length) << 2);
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
    for (let p = weights; p < stop; p += 4) {
      const weight = v128.load_splat<f32>(p);
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
  for (; d < rowBytes; d += 16) mixEight(weights, stop, values + d, rowBytes, out + (d << 1));
}

/** The same for two queries, whose weights lie `apart` bytes one from the other; 16 dimensions at a time, then 8. */
function mixTwo(
  weights: usize,
  apart: usize,
  length: u32,
  values: usize,
  rowBytes: usize,
  out: usize,
  other: usize,
): void {
  const stop = weights + ((<usize>length) << 2);
  let d: usize = 0;
  for (; d + 32 <= rowBytes; d += 32) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    let v = values + d;
    for (let p = weights; p < stop; p += 4) {
      const x = v128.load_splat<f32>(p);
      const y = v128.load_splat<f32>(p + apart);
      const v0 = loadHalves(v);
      const v1 = loadHalves(v + 8);
      const v2 = loadHalves(v + 16);
      const v3 = loadHalves(v + 24);
      a0 = f32x4.add(a0, f32x4.mul(x, v0));
      a1 = f32x4.add(a1, f32x4.mul(x, v1));
      a2 = f32x4.add(a2, f32x4.mul(x, v2));
      a3 = f32x4.add(a3, f32x4.mul(x, v3));
      b0 = f32x4.add(b0, f32x4.mul(y, v0));
      b1 = f32x4.add(b1, f32x4.mul(y, v1));
      b2 = f32x4.add(b2, f32x4.mul(y, v2));
      b3 = f32x4.add(b3, f32x4.mul(y, v3));
      v += rowBytes;
    }
    const o = out + (d << 1);
    v128.store(o, a0);
    v128.store(o, a1, 16);
    v128.store(o, a2, 32);
    v128.store(o, a3, 48);
    const q = other + (d << 1);
    v128.store(q, b0);
    v128.store(q, b1, 16);
    v128.store(q, b2, 32);
    v128.store(q, b3, 48);
  }
  if (d < rowBytes) {
    mixEight(weights, stop, values + d, rowBytes, out + (d << 1));
    mixEight(weights + apart, stop + apart, values + d, rowBytes, other + (d << 1));
  }
}

/** Eight dimensions of a weighted sum. */
function mixEight(weights: usize, stop: usize, values: usize, rowBytes: usize, out: usize): void {
  let a = f32x4.splat(0);
  let b = a;
  for (; weights < stop; weights += 4) {
    const weight = v128.load_splat<f32>(weights);
    a = f32x4.add(a, f32x4.mul(weight, loadHalves(values)));
    b = f32x4.add(b, f32x4.mul(weight, loadHalves(values + 8)));
    values += rowBytes;
  }
  v128.store(out, a);
  v128.store(out, b, 16);
}

/** The query times HALF / sqrt(headDim): keys enter without their factor 2^112 (see loadHalves), so the query carries it. */
function scaleQuery(q: usize, headDim: u32, out: usize): void {
  const scale = f32x4.splat(HALF / sqrt<f32>(<f32>headDim));
  for (let i: usize = 0; i < (<usize>headDim) << 2; i += 16) {
    v128.store(out + i, f32x4.mul(v128.load(q + i), scale));
  }
}

/**
 * One query over the positions that its KV head holds.
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
  const scores = scratch + (rowBytes << 1);
  scaleQuery(q, headDim, scratch);
  scoreOne(scratch, keys, rowBytes, length, scores);
  softmax(scores, length, length);
  mixOne(scores, length, values, rowBytes, out);
}

/**
 * Two queries of one KV head: two heads of a token, or two tokens of a head. The same figures as `attend` for each.
 * @param length positions that the first query sees
 * @param otherLength positions that the second sees, at least as many
 * @param apart bytes of scratch for each: room as for `attend` with `otherLength`, a multiple of 16
 */
export function attendTwo(
  q: usize,
  otherQ: usize,
  keys: usize,
  values: usize,
  headDim: u32,
  length: u32,
  otherLength: u32,
  scratch: usize,
  apart: usize,
  out: usize,
  otherOut: usize,
): void {
  const rowBytes = (<usize>headDim) << 1;
  const scores = scratch + (rowBytes << 1);
  scaleQuery(q, headDim, scratch);
  scaleQuery(otherQ, headDim, scratch + apart);
  scoreTwo(scratch, apart, keys, rowBytes, otherLength, scores);
  softmax(scores, length, otherLength);
  softmax(scores + apart, otherLength, otherLength);
  mixTwo(scores, apart, otherLength, values, rowBytes, out, otherOut);
}

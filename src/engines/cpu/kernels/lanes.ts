// What several kernels share: sums over lanes, halves, scales, e^x. Small enough that the optimiser inlines them.

/** Sum of the four lanes, always in this order. */
export function sumLanes(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

export function sumLanesI32(v: v128): i32 {
  const pairs = i32x4.add(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

export function maxLanes(v: v128): f32 {
  const pairs = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return max<f32>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** 2^112, what `loadHalves` leaves out. */
export const HALF: f32 = 5192296858534827628530496329220096.0;

/**
 * Four halves at `p` as f32 values times 2^-112: sign, exponent and fraction moved to where f32 has them. The caller
 * multiplies by HALF once, where it costs least. Subnormal halves come out right; infinities and NaN do not.
 */
export function loadHalves(p: usize): v128 {
  return v128.and(i32x4.shl(v128.load_ext<i16>(p), 13), i32x4.splat(0x8fffe000));
}

/** Four scales of 16 bits at `p`: bfloat16, or halves times 2^-112 (the columns' scales hold the other factor). */
export function loadScales(p: usize, bfloat16: bool): v128 {
  if (bfloat16) return i32x4.shl(v128.load_ext<i16>(p), 16);
  return loadHalves(p);
}

/** One such scale. */
export function loadScale(p: usize, bfloat16: bool): f32 {
  const bits = <i32>load<i16>(p);
  return bfloat16 ? reinterpret<f32>(bits << 16) : reinterpret<f32>((bits << 13) & 0x8fffe000) * HALF;
}

/** Four f32 as halves in the low 16 bits of each lane: to nearest even, values beyond the largest half become it. */
export function toHalves(v: v128): v128 {
  const magnitude = v128.and(v, i32x4.splat(0x7fffffff));
  const odd = v128.and(i32x4.shr_u(magnitude, 13), i32x4.splat(1));
  const rounded = i32x4.add(i32x4.add(magnitude, odd), i32x4.splat(0xfff - (112 << 23)));
  // Below 2^-14 the last place is 2^-24: adding 0.5 leaves exactly that many bits, rounded.
  const tiny = i32x4.sub(f32x4.add(magnitude, f32x4.splat(0.5)), f32x4.splat(0.5));
  let half = v128.bitselect(tiny, i32x4.shr_u(rounded, 13), i32x4.lt_s(magnitude, i32x4.splat(113 << 23)));
  half = v128.bitselect(i32x4.splat(0x7bff), half, i32x4.gt_s(magnitude, i32x4.splat(0x477fefff)));
  half = v128.bitselect(i32x4.splat(0x7e00), half, i32x4.gt_s(magnitude, i32x4.splat(0x7f800000)));
  return v128.or(half, i32x4.shr_u(v128.and(v, i32x4.splat(0x80000000)), 16));
}

/** e^x of each lane, x taken into [-87, 88]; relative error about 2e-7. Remez polynomial of Cephes' expf. */
export function exp4(x: v128): v128 {
  const bounded = f32x4.min(f32x4.max(x, f32x4.splat(-87)), f32x4.splat(88));
  const n = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(1.44269504)));
  // ln 2 in two parts; the first has few bits, so that n times it is exact.
  const part = f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(0.693359375)));
  const r = f32x4.add(part, f32x4.mul(n, f32x4.splat(2.1219444e-4)));
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.mul(f32x4.mul(p, r), r), f32x4.add(r, f32x4.splat(1)));
  return f32x4.mul(p, i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23));
}

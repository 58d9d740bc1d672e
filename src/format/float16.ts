// IEEE 754 half precision and bfloat16 by hand: Node 20 and older Safari have no Float16Array.

// One number seen as its bits. Little-endian, as every platform that runs this is: the upper word comes second.
const float64 = new Float64Array(1);
const words64 = new Uint32Array(float64.buffer);
const float32 = new Float32Array(1);
const word32 = new Uint32Array(float32.buffer);

/** The smallest normal half, and halfway from the largest half to what the next would be: from there a half is infinite. */
const SMALLEST_NORMAL = 2 ** -14;
const INFINITE_FROM = 65520;

/** Value of a half's 16 bits. */
export function decodeFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Upper word of a double in the normal range of halves, its fraction rounded to ten bits, ties to even. */
function roundedUpperWord(value: number): number {
  float64[0] = value;
  const upper = words64[1]!;
  const rest = upper & 0x3ff;
  const up = rest > 0x200 || (rest === 0x200 && (words64[0] !== 0 || (upper & 0x400) !== 0));
  // A carry out of the fraction walks into the exponent, as it should.
  return (upper & ~0x3ff) + (up ? 0x400 : 0);
}

/** The half nearest to a double, ties to even; beyond the largest half, infinity. */
export function encodeFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  if (magnitude >= INFINITE_FROM) return sign | 0x7c00;
  if (magnitude < SMALLEST_NORMAL) return sign | roundToEven(magnitude * 2 ** 24);
  return sign | ((roundedUpperWord(magnitude) >>> 10) - ((1023 - 15) << 10));
}

/** The value of the half nearest to a double: one rounding of one operation done in float16. */
export function roundFloat16(value: number): number {
  const magnitude = Math.abs(value);
  // Also where it is NaN.
  if (!(magnitude < INFINITE_FROM)) return value > 0 ? Infinity : value < 0 ? -Infinity : NaN;
  if (magnitude < SMALLEST_NORMAL) return Math.sign(value) * roundToEven(magnitude * 2 ** 24) * 2 ** -24;
  words64[1] = roundedUpperWord(value);
  words64[0] = 0;
  return float64[0]!;
}

/** Nearest integer, ties to even, of a number of magnitude below 2^52. */
export function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The bfloat16 nearest to a float32, ties to even. */
export function encodeBfloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  float32[0] = value;
  const word = word32[0]!;
  return ((word + 0x7fff + ((word >>> 16) & 1)) / 0x10000) & 0xffff;
}

// IEEE 754 half precision and bfloat16 by hand: Node 20 and older Safari have no Float16Array.

const bits = new DataView(new ArrayBuffer(8));

/** Value of a half's 16 bits. */
export function decodeFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The half nearest to a double, ties to even; beyond the largest half, infinity. */
export function encodeFloat16(value: number): number {
  bits.setFloat64(0, value);
  const high = bits.getUint32(0);
  const sign = (high >>> 16) & 0x8000;
  if (Number.isNaN(value)) return 0x7e00;
  const magnitude = Math.abs(value);
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
  // 65520 is halfway between the largest half and what the next one would be: it rounds away, to infinity.
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = ((high >>> 20) & 0x7ff) - 1023;
  // A carry out of the fraction walks into the exponent, as it should.
  return sign | (((exponent + 15) << 10) + roundToEven((magnitude / 2 ** exponent - 1) * 1024));
}

/** The value of the half nearest to a double: one rounding of one operation done in float16. */
export function roundFloat16(value: number): number {
  return decodeFloat16(encodeFloat16(value));
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
  bits.setFloat32(0, value);
  const word = bits.getUint32(0);
  if (Number.isNaN(value)) return 0x7fc0;
  return ((word + 0x7fff + ((word >>> 16) & 1)) / 0x10000) & 0xffff;
}

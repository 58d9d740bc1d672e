// q3f16_1: a pack is one group, 40 codes of 3 bits in 4 words of 10, low bits first, top 2 bits 0; value = (code - 3) * scale.
const PACK4 = 10u;           // vec4s of values in a pack
const ZERO = 3.0;            // the code that stands for 0
const UNIT4 = 5u;            // vec4s in a unit: 20 values are the least piece made of whole vec4s and whole words
const UNITS_PER_PACK = 2u;
const TILE4 = 5u;            // vec4s along K in a tile of the GEMM: 10 would not fit 16 KiB
const SWIZZLE = 0u;          // rows of 5 fall on different banks by themselves

alias Pack = array<vec4<f32>, 10>;
alias Unit = array<vec4<f32>, 5>;

// Bits of codes 0-3, 4-7 of a word; 8, 9 of it and 0, 1 of the next; 2-5, 6-9 of the next.
const BITS_A = vec4<u32>(0x7u, 0x38u, 0x1c0u, 0xe00u);
const BITS_B = vec4<u32>(0x7000u, 0x38000u, 0x1c0000u, 0xe00000u);
const BITS_C = vec4<u32>(0x7000000u, 0x38000000u, 0x7u, 0x38u);
const BITS_D = vec4<u32>(0x1c0u, 0xe00u, 0x7000u, 0x38000u);
const BITS_E = vec4<u32>(0x1c0000u, 0xe00000u, 0x7000000u, 0x38000000u);
const PLACE_A = vec4<f32>(0x1p0, 0x1p-3, 0x1p-6, 0x1p-9);
const PLACE_B = vec4<f32>(0x1p-12, 0x1p-15, 0x1p-18, 0x1p-21);
const PLACE_C = vec4<f32>(0x1p-24, 0x1p-27, 0x1p0, 0x1p-3);
const PLACE_D = vec4<f32>(0x1p-6, 0x1p-9, 0x1p-12, 0x1p-15);
const PLACE_E = vec4<f32>(0x1p-18, 0x1p-21, 0x1p-24, 0x1p-27);

// Divides each activation by its code's place value, a power of two and so exact: codes then need no shift.
// Returns the sum of the activations, by which the zero point is taken out once for all rows.
fn prescale(x: ptr<function, Pack>) -> f32 {
  let sum = (*x)[0] + (*x)[1] + (*x)[2] + (*x)[3] + (*x)[4] + (*x)[5] + (*x)[6] + (*x)[7] + (*x)[8] + (*x)[9];
  (*x)[0] *= PLACE_A;
  (*x)[1] *= PLACE_B;
  (*x)[2] *= PLACE_C;
  (*x)[3] *= PLACE_D;
  (*x)[4] *= PLACE_E;
  (*x)[5] *= PLACE_A;
  (*x)[6] *= PLACE_B;
  (*x)[7] *= PLACE_C;
  (*x)[8] *= PLACE_D;
  (*x)[9] *= PLACE_E;
  return dot(sum, vec4<f32>(1.0));
}

// Sum over the pack of code * activation, activations prescaled.
fn pack_dot(q: vec4<u32>, x: ptr<function, Pack>) -> f32 {
  let sum = vec4<f32>(q.xxxx & BITS_A) * (*x)[0] + vec4<f32>(q.xxxx & BITS_B) * (*x)[1]
          + vec4<f32>(q.xxyy & BITS_C) * (*x)[2] + vec4<f32>(q.yyyy & BITS_D) * (*x)[3]
          + vec4<f32>(q.yyyy & BITS_E) * (*x)[4] + vec4<f32>(q.zzzz & BITS_A) * (*x)[5]
          + vec4<f32>(q.zzzz & BITS_B) * (*x)[6] + vec4<f32>(q.zzww & BITS_C) * (*x)[7]
          + vec4<f32>(q.wwww & BITS_D) * (*x)[8] + vec4<f32>(q.wwww & BITS_E) * (*x)[9];
  return dot(sum, vec4<f32>(1.0));
}

// code - 3 for the 20 codes of words 2 * unit and 2 * unit + 1.
fn unit_values(q: vec4<u32>, unit: u32) -> Unit {
  let words = select(q.zw, q.xy, unit == 0u);
  return Unit(
    vec4<f32>(words.xxxx & BITS_A) * PLACE_A - ZERO,
    vec4<f32>(words.xxxx & BITS_B) * PLACE_B - ZERO,
    vec4<f32>(words.xxyy & BITS_C) * PLACE_C - ZERO,
    vec4<f32>(words.yyyy & BITS_D) * PLACE_D - ZERO,
    vec4<f32>(words.yyyy & BITS_E) * PLACE_E - ZERO);
}

// q4f16_1, q4f32_1: a pack is one group, 32 codes of 4 bits in 4 words, low bits first; value = (code - 7) * scale.
const PACK4 = 8u;            // vec4s of values in a pack
const ZERO = 7.0;            // the code that stands for 0
const UNIT4 = 2u;            // vec4s in a unit: the least piece made of whole vec4s, here a word
const UNITS_PER_PACK = 4u;
const TILE4 = 8u;            // vec4s along K in a tile of the GEMM
const SWIZZLE = 7u;          // spreads a tile's rows over the banks of workgroup memory

alias Pack = array<vec4<f32>, 8>;
alias Unit = array<vec4<f32>, 2>;

const LOW = vec4<u32>(0xfu, 0xf0u, 0xf00u, 0xf000u);
const HIGH = vec4<u32>(0xf0000u, 0xf00000u, 0xf000000u, 0xf0000000u);
const LOW_PLACE = vec4<f32>(0x1p0, 0x1p-4, 0x1p-8, 0x1p-12);
const HIGH_PLACE = vec4<f32>(0x1p-16, 0x1p-20, 0x1p-24, 0x1p-28);

// Divides each activation by its code's place value, a power of two and so exact: codes then need no shift.
// Returns the sum of the activations, by which the zero point is taken out once for all rows.
fn prescale(x: ptr<function, Pack>) -> f32 {
  let sum = (*x)[0] + (*x)[1] + (*x)[2] + (*x)[3] + (*x)[4] + (*x)[5] + (*x)[6] + (*x)[7];
  (*x)[0] *= LOW_PLACE;
  (*x)[1] *= HIGH_PLACE;
  (*x)[2] *= LOW_PLACE;
  (*x)[3] *= HIGH_PLACE;
  (*x)[4] *= LOW_PLACE;
  (*x)[5] *= HIGH_PLACE;
  (*x)[6] *= LOW_PLACE;
  (*x)[7] *= HIGH_PLACE;
  return dot(sum, vec4<f32>(1.0));
}

// Sum over the pack of code * activation, activations prescaled.
fn pack_dot(q: vec4<u32>, x: ptr<function, Pack>) -> f32 {
  let sum = vec4<f32>(vec4<u32>(q.x) & LOW) * (*x)[0] + vec4<f32>(vec4<u32>(q.x) & HIGH) * (*x)[1]
          + vec4<f32>(vec4<u32>(q.y) & LOW) * (*x)[2] + vec4<f32>(vec4<u32>(q.y) & HIGH) * (*x)[3]
          + vec4<f32>(vec4<u32>(q.z) & LOW) * (*x)[4] + vec4<f32>(vec4<u32>(q.z) & HIGH) * (*x)[5]
          + vec4<f32>(vec4<u32>(q.w) & LOW) * (*x)[6] + vec4<f32>(vec4<u32>(q.w) & HIGH) * (*x)[7];
  return dot(sum, vec4<f32>(1.0));
}

// code - 7 for the 8 codes of word `unit`.
fn unit_values(q: vec4<u32>, unit: u32) -> Unit {
  let word = vec4<u32>(q[unit]);
  let low = (word >> vec4<u32>(0u, 4u, 8u, 12u)) & vec4<u32>(15u);
  let high = (word >> vec4<u32>(16u, 20u, 24u, 28u)) & vec4<u32>(15u);
  return Unit(vec4<f32>(low) - ZERO, vec4<f32>(high) - ZERO);
}

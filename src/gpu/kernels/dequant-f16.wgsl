// q0f16: nothing quantised. A pack is 8 halves in 4 words; there is no scale and no zero point.
const PACK4 = 2u;            // vec4s of values in a pack
const ZERO = 0.0;
const UNIT4 = 1u;            // vec4s in a unit, here two words
const UNITS_PER_PACK = 2u;
const TILE4 = 8u;            // vec4s along K in a tile of the GEMM
const SWIZZLE = 7u;          // spreads a tile's rows over the banks of workgroup memory

alias Pack = array<vec4<f32>, 2>;
alias Unit = array<vec4<f32>, 1>;

fn prescale(x: ptr<function, Pack>) -> f32 {
  return 0.0;
}

// Sum over the pack of weight * activation.
fn pack_dot(q: vec4<u32>, x: ptr<function, Pack>) -> f32 {
  return dot(vec4<f32>(unpack2x16float(q.x), unpack2x16float(q.y)), (*x)[0])
       + dot(vec4<f32>(unpack2x16float(q.z), unpack2x16float(q.w)), (*x)[1]);
}

// The 4 values of words 2 * unit and 2 * unit + 1.
fn unit_values(q: vec4<u32>, unit: u32) -> Unit {
  let words = select(q.zw, q.xy, unit == 0u);
  return Unit(vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y)));
}

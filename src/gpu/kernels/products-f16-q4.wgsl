// Products in f16 of 4-bit codes. The activations of a pack are divided by the largest of them, so that no sum of 32 overflows.
struct Side {
  values: Pack,
  halves: array<vec4<f16>, 8>,
}

fn set_side(side: ptr<function, Side>, i: u32, value: vec4<f32>) {
  (*side).values[i] = value;
}

// Returns the largest activation.
fn prepare(side: ptr<function, Side>) -> f32 {
  var most = vec4<f32>();
  for (var i = 0u; i < 8u; i++) {
    most = max(most, abs((*side).values[i]));
  }
  let largest = max(max(most.x, most.y), max(most.z, most.w));
  let factor = select(0.0, 1.0 / largest, largest > 1e-30);
  for (var i = 0u; i < 4u; i++) {
    let a = (*side).values[2u * i] * factor;
    let b = (*side).values[2u * i + 1u] * factor;
    (*side).halves[2u * i] = vec4<f16>(vec4<f32>(a.x, b.x, a.z, b.z));
    // Their codes stay 4 bits up.
    (*side).halves[2u * i + 1u] = vec4<f16>(vec4<f32>(a.y, b.y, a.w, b.w) * 0.0625);
  }
  return largest;
}

// The codes 0, 4, 2, 6 of a word, then 1, 5, 3, 7 times 16: or-ed into the mantissa of 1024, where they need no conversion.
fn word_dot(word: u32, even: vec4<f16>, odd: vec4<f16>) -> vec4<f16> {
  let words = vec2<u32>(word, word >> 8u);
  let low = bitcast<vec4<f16>>((words & vec2<u32>(0x000f000fu)) | vec2<u32>(0x64006400u)) - vec4<f16>(1031.0h);
  let high = bitcast<vec4<f16>>((words & vec2<u32>(0x00f000f0u)) | vec2<u32>(0x64006400u)) - vec4<f16>(1136.0h);
  return low * even + high * odd;
}

fn side_dot(q: vec4<u32>, side: ptr<function, Side>, largest: f32) -> f32 {
  let sum = vec4<f32>(word_dot(q.x, (*side).halves[0], (*side).halves[1]) + word_dot(q.y, (*side).halves[2], (*side).halves[3]))
          + vec4<f32>(word_dot(q.z, (*side).halves[4], (*side).halves[5]) + word_dot(q.w, (*side).halves[6], (*side).halves[7]));
  return dot(sum, vec4<f32>(largest));
}

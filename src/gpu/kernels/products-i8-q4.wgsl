// Products of 4-bit codes in integers, four at a time: the activations of a pack become 8 bits of the largest of them.
struct Side {
  values: Pack,
  codes: array<u32, 8>,
  zero: i32,
}

fn set_side(side: ptr<function, Side>, i: u32, value: vec4<f32>) {
  (*side).values[i] = value;
}

// Returns what an 8-bit step stands for.
fn prepare(side: ptr<function, Side>) -> f32 {
  var most = vec4<f32>();
  for (var i = 0u; i < 8u; i++) {
    most = max(most, abs((*side).values[i]));
  }
  let largest = max(max(most.x, most.y), max(most.z, most.w));
  let factor = select(0.0, 127.0 / largest, largest > 1e-30);
  var sum = 0;
  for (var i = 0u; i < 4u; i++) {
    let a = (*side).values[2u * i] * factor;
    let b = (*side).values[2u * i + 1u] * factor;
    let even = pack4xI8(vec4<i32>(round(vec4<f32>(a.x, a.z, b.x, b.z))));
    let odd = pack4xI8(vec4<i32>(round(vec4<f32>(a.y, a.w, b.y, b.w))));
    sum += dot4I8Packed(even, 0x01010101u) + dot4I8Packed(odd, 0x01010101u);
    (*side).codes[2u * i] = even;
    (*side).codes[2u * i + 1u] = odd;
  }
  (*side).zero = 7 * sum;
  return largest / 127.0;
}

fn word_dot(word: u32, even: u32, odd: u32) -> i32 {
  return dot4I8Packed(word & 0x0f0f0f0fu, even) + dot4I8Packed((word >> 4u) & 0x0f0f0f0fu, odd);
}

fn side_dot(q: vec4<u32>, side: ptr<function, Side>, step: f32) -> f32 {
  let sum = word_dot(q.x, (*side).codes[0], (*side).codes[1]) + word_dot(q.y, (*side).codes[2], (*side).codes[3])
          + word_dot(q.z, (*side).codes[4], (*side).codes[5]) + word_dot(q.w, (*side).codes[6], (*side).codes[7]);
  return f32(sum - (*side).zero) * step;
}

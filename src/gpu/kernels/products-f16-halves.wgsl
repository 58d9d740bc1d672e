// Products in f16 of weights that are halves. The activations of a pack are divided by the largest of them, against overflow.
struct Side {
  values: Pack,
  halves: array<vec4<f16>, 2>,
}

fn set_side(side: ptr<function, Side>, i: u32, value: vec4<f32>) {
  (*side).values[i] = value;
}

// Returns the largest activation.
fn prepare(side: ptr<function, Side>) -> f32 {
  let most = max(abs((*side).values[0]), abs((*side).values[1]));
  let largest = max(max(most.x, most.y), max(most.z, most.w));
  let factor = select(0.0, 1.0 / largest, largest > 1e-30);
  (*side).halves[0] = vec4<f16>((*side).values[0] * factor);
  (*side).halves[1] = vec4<f16>((*side).values[1] * factor);
  return largest;
}

fn side_dot(q: vec4<u32>, side: ptr<function, Side>, largest: f32) -> f32 {
  let sum = vec4<f32>(bitcast<vec4<f16>>(q.xy) * (*side).halves[0] + bitcast<vec4<f16>>(q.zw) * (*side).halves[1]);
  return dot(sum, vec4<f32>(largest));
}

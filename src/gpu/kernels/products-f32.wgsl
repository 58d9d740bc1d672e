// Products in f32: the activations of a pack are kept as they are, prescaled.
alias Side = Pack;

fn set_side(side: ptr<function, Side>, i: u32, value: vec4<f32>) {
  (*side)[i] = value;
}

// Once a pack, before its dots; what it returns goes to each of them.
fn prepare(side: ptr<function, Side>) -> f32 {
  return ZERO * prescale(side);
}

fn side_dot(q: vec4<u32>, side: ptr<function, Side>, zero: f32) -> f32 {
  return pack_dot(q, side) - zero;
}

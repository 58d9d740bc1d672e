// The GEMM's tiles in f32.
alias Tile4 = vec4<f32>;

fn tile4(value: vec4<f32>) -> Tile4 {
  return value;
}

fn dots(a: Tile4, b0: Tile4, b1: Tile4, b2: Tile4, b3: Tile4) -> vec4<f32> {
  return vec4<f32>(dot(a, b0), dot(a, b1), dot(a, b2), dot(a, b3));
}

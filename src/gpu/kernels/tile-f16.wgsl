enable f16;
// The GEMM's tiles in f16: half the workgroup memory to move. Products of four are halves, sums over them f32.
alias Tile4 = vec4<f16>;

fn tile4(value: vec4<f32>) -> Tile4 {
  return vec4<f16>(clamp(value, vec4<f32>(-65504.0), vec4<f32>(65504.0)));
}

fn dots(a: Tile4, b0: Tile4, b1: Tile4, b2: Tile4, b3: Tile4) -> vec4<f32> {
  return vec4<f32>(vec4<f16>(dot(a, b0), dot(a, b1), dot(a, b2), dot(a, b3)));
}

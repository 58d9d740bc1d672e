// A block of ROWS_EACH rows of W against one pack of activations; `at` holds the pack's index in each row.
@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>;  // [ROWS, PACKS]
@group(0) @binding(1) var<storage, read> scales: array<u32>;         // [ROWS, PACKS], two a word

fn scale_at(at: u32) -> f32 {
  return scale_of(scales[at >> 1u], at);
}

fn block_dot(at: vec4<u32>, side: ptr<function, Side>, extra: f32) -> vec4<f32> {
  var dots = vec4<f32>(side_dot(weights[at.x], side, extra), 0.0, 0.0, 0.0);
  var scale = vec4<f32>(scale_at(at.x), 0.0, 0.0, 0.0);
  if (ROWS_EACH > 1u) {
    dots.y = side_dot(weights[at.y], side, extra);
    scale.y = scale_at(at.y);
  }
  if (ROWS_EACH > 2u) {
    dots.z = side_dot(weights[at.z], side, extra);
    dots.w = side_dot(weights[at.w], side, extra);
    scale.z = scale_at(at.z);
    scale.w = scale_at(at.w);
  }
  return scale * dots;
}

// Where the packs of rows `row`, ... begin; rows past the last are copies of it, not written.
fn row_starts(row: u32) -> vec4<u32> {
  return min(vec4<u32>(row) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(ROWS - 1u)) * PACKS;
}

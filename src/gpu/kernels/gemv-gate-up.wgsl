// One token through the first half of the MLP: out = silu(gate rmsnorm(x)) * (up rmsnorm(x)), in one dispatch. `weights` and
// `scales` are the gate's.
override PACKS: u32;          // packs in a row of either matrix
override ROWS: u32;           // rows of either matrix
override COLUMNS: f32;        // values in x, for the mean of its squares
override EPSILON: f32;
override SUMS: u32 = 2u * ROWS_EACH + 1u;  // the rows of each, and the squares of x

@group(0) @binding(2) var<storage, read> up_weights: array<vec4<u32>>;    // [ROWS, PACKS]
@group(0) @binding(3) var<storage, read> up_scales: array<u32>;           // [ROWS, PACKS], two a word
@group(0) @binding(4) var<storage, read> x: array<vec4<f32>>;             // [PACKS * PACK4], zeros past the end
@group(0) @binding(5) var<storage, read> norm: array<vec4<f32>>;          // as x
@group(0) @binding(6) var<storage, read_write> out: array<f32>;           // [ROWS]

fn up_scale_at(at: u32) -> f32 {
  return scale_of(up_scales[at >> 1u], at);
}

// As block_dot, of the other matrix: WGSL's base language has no pointer to a binding as a parameter.
fn up_block_dot(at: vec4<u32>, side: ptr<function, Side>, extra: f32) -> vec4<f32> {
  var dots = vec4<f32>(side_dot(up_weights[at.x], side, extra), 0.0, 0.0, 0.0);
  var scale = vec4<f32>(up_scale_at(at.x), 0.0, 0.0, 0.0);
  if (ROWS_EACH > 1u) {
    dots.y = side_dot(up_weights[at.y], side, extra);
    scale.y = up_scale_at(at.y);
  }
  if (ROWS_EACH > 2u) {
    dots.z = side_dot(up_weights[at.z], side, extra);
    dots.w = side_dot(up_weights[at.w], side, extra);
    scale.z = up_scale_at(at.z);
    scale.w = up_scale_at(at.w);
  }
  return scale * dots;
}

@compute @workgroup_size(THREADS)
fn main(ids: Ids) {
  let lane = ids.thread % LANES;
  let row = block_row(ids);
  let first = row_starts(row);
  let second = row_starts(row + 4u);
  var gate_low = vec4<f32>();
  var gate_high = vec4<f32>();
  var up_low = vec4<f32>();
  var up_high = vec4<f32>();
  var squares = 0.0;
  // All lanes go round as often: shuffles follow, and not every compiler brings lanes together again after a loop.
  for (var base = 0u; base < PACKS; base += LANES) {
    let pack = base + lane;
    if (pack < PACKS) {
      var side: Side;
      for (var i = 0u; i < PACK4; i++) {
        let value = x[pack * PACK4 + i];
        squares += dot(value, value);
        set_side(&side, i, value * norm[pack * PACK4 + i]);
      }
      let extra = prepare(&side);
      gate_low += block_dot(first + pack, &side, extra);
      up_low += up_block_dot(first + pack, &side, extra);
      if (ROWS_EACH > 4u) {
        gate_high += block_dot(second + pack, &side, extra);
        up_high += up_block_dot(second + pack, &side, extra);
      }
    }
  }
  let span = lane_span(ids);
  keep_rows(0u, ids, span, gate_low, gate_high);
  keep_rows(ROWS_EACH, ids, span, up_low, up_high);
  keep_sum(2u * ROWS_EACH, ids, span, squares);
  workgroupBarrier();
  for (var i = lane; i < ROWS_EACH && row + i < ROWS; i += LANES) {
    let factor = inverseSqrt(total_of(2u * ROWS_EACH, ids) / COLUMNS + EPSILON);
    let gate = total_of(i, ids) * factor;
    // The bound keeps exp finite: infinity is not promised to behave in WGSL.
    out[row + i] = gate / (1.0 + exp(min(-gate, 80.0))) * (total_of(ROWS_EACH + i, ids) * factor);
  }
}

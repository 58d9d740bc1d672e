// One token through a matrix: out = W x, out = W rmsnorm(x) or out += W x. Decoding's QKV, O and down projections and the
// logits. RMSNorm costs no pass of its own: its factor is common to all columns, so it is applied to the finished sums.
override PACKS: u32;          // packs in a row of W
override ROWS: u32;           // rows of W
override NORM: bool = false;
override ADD: bool = false;
override COLUMNS: f32 = 1.0;  // values in x, for the mean of its squares
override EPSILON: f32 = 1e-5;
const SUMS = 5u;              // 4 rows, and the squares of x

@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>;  // [ROWS, PACKS]
@group(0) @binding(1) var<storage, read> scales: array<u32>;         // [ROWS, PACKS], two a word
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;        // [PACKS * PACK4], zeros past the end
@group(0) @binding(3) var<storage, read> norm: array<vec4<f32>>;     // as x; not read unless NORM
@group(0) @binding(4) var<storage, read_write> out: array<f32>;      // [ROWS]

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let lane = thread % LANES;
  let row = ((group.y * groups.x + group.x) * (THREADS / LANES) + thread / LANES) * 4u;
  let first = min(vec4<u32>(row) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(ROWS - 1u)) * PACKS;
  var rows = vec4<f32>();
  var squares = 0.0;
  for (var pack = lane; pack < PACKS; pack += LANES) {
    var values: Pack;
    for (var i = 0u; i < PACK4; i++) {
      var value = x[pack * PACK4 + i];
      if (NORM) {
        squares += dot(value, value);
        value *= norm[pack * PACK4 + i];
      }
      values[i] = value;
    }
    let zero = ZERO * prescale(&values);
    let at = first + pack;
    let dots = vec4<f32>(
      pack_dot(weights[at.x], &values), pack_dot(weights[at.y], &values),
      pack_dot(weights[at.z], &values), pack_dot(weights[at.w], &values));
    let scale = vec4<f32>(
      scale_of(scales[at.x >> 1u], at.x), scale_of(scales[at.y >> 1u], at.y),
      scale_of(scales[at.z >> 1u], at.z), scale_of(scales[at.w >> 1u], at.w));
    rows += scale * (dots - zero);
  }
  keep_rows(0u, thread, rows);
  keep_sum(4u, thread, squares);
  workgroupBarrier();
  for (var i = lane; i < 4u && row + i < ROWS; i += LANES) {
    var y = total_of(i, thread);
    if (NORM) {
      y *= inverseSqrt(total_of(4u, thread) / COLUMNS + EPSILON);
    }
    if (ADD) {
      out[row + i] += y;
    } else {
      out[row + i] = y;
    }
  }
}

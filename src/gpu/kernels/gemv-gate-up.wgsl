// One token through the first half of the MLP: out = silu(gate rmsnorm(x)) * (up rmsnorm(x)), in one dispatch.
override PACKS: u32;          // packs in a row of either matrix
override ROWS: u32;           // rows of either matrix
override COLUMNS: f32;        // values in x, for the mean of its squares
override EPSILON: f32;
const SUMS = 9u;              // 4 rows of each, and the squares of x

@group(0) @binding(0) var<storage, read> gate_weights: array<vec4<u32>>;  // [ROWS, PACKS]
@group(0) @binding(1) var<storage, read> gate_scales: array<u32>;         // [ROWS, PACKS], two a word
@group(0) @binding(2) var<storage, read> up_weights: array<vec4<u32>>;    // [ROWS, PACKS]
@group(0) @binding(3) var<storage, read> up_scales: array<u32>;           // [ROWS, PACKS], two a word
@group(0) @binding(4) var<storage, read> x: array<vec4<f32>>;             // [PACKS * PACK4], zeros past the end
@group(0) @binding(5) var<storage, read> norm: array<vec4<f32>>;          // as x
@group(0) @binding(6) var<storage, read_write> out: array<f32>;           // [ROWS]

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let lane = thread % LANES;
  let row = ((group.y * groups.x + group.x) * (THREADS / LANES) + thread / LANES) * 4u;
  let first = min(vec4<u32>(row) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(ROWS - 1u)) * PACKS;
  var gates = vec4<f32>();
  var ups = vec4<f32>();
  var squares = 0.0;
  for (var pack = lane; pack < PACKS; pack += LANES) {
    var values: Pack;
    for (var i = 0u; i < PACK4; i++) {
      let value = x[pack * PACK4 + i];
      squares += dot(value, value);
      values[i] = value * norm[pack * PACK4 + i];
    }
    let zero = ZERO * prescale(&values);
    let at = first + pack;
    let gate_dots = vec4<f32>(
      pack_dot(gate_weights[at.x], &values), pack_dot(gate_weights[at.y], &values),
      pack_dot(gate_weights[at.z], &values), pack_dot(gate_weights[at.w], &values));
    let gate_scale = vec4<f32>(
      scale_of(gate_scales[at.x >> 1u], at.x), scale_of(gate_scales[at.y >> 1u], at.y),
      scale_of(gate_scales[at.z >> 1u], at.z), scale_of(gate_scales[at.w >> 1u], at.w));
    gates += gate_scale * (gate_dots - zero);
    let up_dots = vec4<f32>(
      pack_dot(up_weights[at.x], &values), pack_dot(up_weights[at.y], &values),
      pack_dot(up_weights[at.z], &values), pack_dot(up_weights[at.w], &values));
    let up_scale = vec4<f32>(
      scale_of(up_scales[at.x >> 1u], at.x), scale_of(up_scales[at.y >> 1u], at.y),
      scale_of(up_scales[at.z >> 1u], at.z), scale_of(up_scales[at.w >> 1u], at.w));
    ups += up_scale * (up_dots - zero);
  }
  keep_rows(0u, thread, gates);
  keep_rows(4u, thread, ups);
  keep_sum(8u, thread, squares);
  workgroupBarrier();
  for (var i = lane; i < 4u && row + i < ROWS; i += LANES) {
    let factor = inverseSqrt(total_of(8u, thread) / COLUMNS + EPSILON);
    let gate = total_of(i, thread) * factor;
    // The bound keeps exp finite: infinity is not promised to behave in WGSL.
    out[row + i] = gate / (1.0 + exp(min(-gate, 80.0))) * (total_of(4u + i, thread) * factor);
  }
}

// The output projection while decoding: out += W attention, where attention still lies in a few splits. Each workgroup
// merges them while loading, which saves a dispatch; with many splits `merge` does it once instead.
override PACKS: u32;          // packs in a row of W
override ROWS: u32;           // rows of W
override HEADS: u32;
override HEAD_DIM: u32;
override STRIDE4: u32;        // vec4s from one split to the next
const SUMS = 4u;

@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>;   // [ROWS, PACKS]
@group(0) @binding(1) var<storage, read> scales: array<u32>;          // [ROWS, PACKS], two a word
@group(0) @binding(2) var<storage, read> parts: array<vec4<f32>>;     // [splits, STRIDE4], zeros past HEADS * HEAD_DIM
@group(0) @binding(3) var<storage, read> stats: array<vec2<f32>>;     // [splits, HEADS]: largest score, sum of exp
@group(0) @binding(4) var<storage, read> state: array<u32>;           // position, ...
@group(0) @binding(5) var<storage, read_write> out: array<f32>;       // [ROWS]

var<workgroup> shares: array<vec4<f32>, HEADS>;                       // share of each split in each head

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let splits = split_count(state[0] + 1u);
  for (var head = thread; head < HEADS; head += THREADS) {
    var largest = -3.0e38;
    for (var s = 0u; s < splits; s++) {
      largest = max(largest, stats[s * HEADS + head].x);
    }
    var share = vec4<f32>();
    var sum = 0.0;
    for (var s = 0u; s < splits; s++) {
      let stat = stats[s * HEADS + head];
      let factor = exp(stat.x - largest);
      share[s] = factor;
      sum += factor * stat.y;
    }
    shares[head] = share / sum;
  }
  workgroupBarrier();

  let lane = thread % LANES;
  let row = ((group.y * groups.x + group.x) * (THREADS / LANES) + thread / LANES) * 4u;
  let first = min(vec4<u32>(row) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(ROWS - 1u)) * PACKS;
  var rows = vec4<f32>();
  for (var pack = lane; pack < PACKS; pack += LANES) {
    var values: Pack;
    for (var i = 0u; i < PACK4; i++) {
      let at = pack * PACK4 + i;
      let share = shares[min(at * 4u / HEAD_DIM, HEADS - 1u)];
      var value = share.x * parts[at];
      for (var s = 1u; s < splits; s++) {
        value += share[s] * parts[s * STRIDE4 + at];
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
  workgroupBarrier();
  for (var i = lane; i < 4u && row + i < ROWS; i += LANES) {
    out[row + i] += total_of(i, thread);
  }
}

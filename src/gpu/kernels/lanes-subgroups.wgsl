// As lanes.wgsl, but lanes of one subgroup add up among themselves first, and only their sums meet in workgroup memory. Nothing
// is assumed of a subgroup's size, which varies from shader to shader, nor of which threads form it: that is looked at.
override THREADS: u32 = 64u;
override LANES: u32 = 32u;     // power of two, divides THREADS
override ROWS_EACH: u32 = 4u;  // rows of a block: 1, 2, 4 or 8

struct Ids {
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
  @builtin(subgroup_size) subgroup_size: u32,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
}

// [SUMS, THREADS + 1]: the odd stride keeps rows on different banks. The size has a name because Firefox 153 ends while it compiles
// a function, other than main, that reads a workgroup array whose size is an expression of overrides.
override LANE_SUMS: u32 = SUMS * (THREADS + 1u);
var<workgroup> lane_sums: array<f32, LANE_SUMS>;

// Neighbouring lanes that keep_sum leaves with the same value.
fn lane_span(ids: Ids) -> u32 {
  let neighbours = subgroupAll(ids.subgroup_lane == ids.thread % ids.subgroup_size);
  return select(1u, min(LANES, ids.subgroup_size), neighbours);
}

fn keep_sum(sum: u32, ids: Ids, span: u32, value: f32) {
  // By exchanges, not by subgroupAdd: the order of the sum is then the same everywhere, and LANES may be less than a subgroup.
  var total = value;
  for (var step = 1u; step < span; step <<= 1u) {
    total += subgroupShuffleXor(total, step);
  }
  lane_sums[sum * (THREADS + 1u) + ids.thread] = total;
}

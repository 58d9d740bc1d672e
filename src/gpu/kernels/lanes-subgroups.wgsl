// As lanes.wgsl, but lanes of one subgroup add up among themselves first, and only their sums meet in workgroup memory. Nothing
// is assumed of a subgroup's size, which varies from shader to shader, nor of which threads form it: that is looked at. The
// built-in size is not believed either (Intel's has said 32 where 8 or 16 ran): lanes are counted.
override THREADS: u32 = 64u;
override LANES: u32 = 32u;     // power of two, divides THREADS
override ROWS_EACH: u32 = 4u;  // rows of a block: 1, 2, 4 or 8

struct Ids {
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
}

// [SUMS, THREADS + 1]: the odd stride keeps rows on different banks. The size has a name because Firefox 153 ends while it compiles
// a function, other than main, that reads a workgroup array whose size is an expression.
override LANE_SUMS: u32 = SUMS * (THREADS + 1u);
var<workgroup> lane_sums: array<f32, LANE_SUMS>;
// The span of each thread: subgroups of one workgroup need not be alike.
var<workgroup> spans: array<u32, THREADS>;

// Neighbouring lanes that keep_sum leaves with the same value. Called by all threads together.
fn lane_span(ids: Ids) -> u32 {
  let count = u32(subgroupAdd(1.0));
  let whole = (count & (count - 1u)) == 0u && subgroupAll(ids.subgroup_lane == ids.thread % count);
  let span = select(1u, min(LANES, count), whole);
  spans[ids.thread] = span;
  return span;
}

fn span_of(thread: u32) -> u32 {
  return spans[thread];
}

// By exchanges, not by subgroupAdd: the order of the sum is then the same everywhere, and LANES may be less than a subgroup. Step
// by step and not in a loop, which some compilers get wrong around shuffles; a span is the same in all lanes of a subgroup.
fn keep_sum(sum: u32, ids: Ids, span: u32, value: f32) {
  var total = value;
  if (span > 1u) {
    total += subgroupShuffleXor(total, 1u);
  }
  if (span > 2u) {
    total += subgroupShuffleXor(total, 2u);
  }
  if (span > 4u) {
    total += subgroupShuffleXor(total, 4u);
  }
  if (span > 8u) {
    total += subgroupShuffleXor(total, 8u);
  }
  if (span > 16u) {
    total += subgroupShuffleXor(total, 16u);
  }
  if (span > 32u) {
    total += subgroupShuffleXor(total, 32u);
  }
  lane_sums[sum * (THREADS + 1u) + ids.thread] = total;
}

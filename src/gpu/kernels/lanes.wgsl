// LANES neighbouring threads share a block of rows. Each keeps its partial sums in workgroup memory; after one barrier a row's
// are added up by one of them, which costs less than a tree with a barrier a step.
override THREADS: u32 = 64u;
override LANES: u32 = 32u;     // power of two, divides THREADS
override ROWS_EACH: u32 = 4u;  // rows of a block: 1, 2, 4 or 8

struct Ids {
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
}

// [SUMS, THREADS + 1]: the odd stride keeps rows on different banks. The size has a name because Firefox 153 ends while it compiles
// a function, other than main, that reads a workgroup array whose size is an expression.
override LANE_SUMS: u32 = SUMS * (THREADS + 1u);
var<workgroup> lane_sums: array<f32, LANE_SUMS>;

// Neighbouring lanes that keep_sum leaves with the same value: none here.
fn lane_span(ids: Ids) -> u32 {
  return 1u;
}

fn span_of(thread: u32) -> u32 {
  return 1u;
}

fn keep_sum(sum: u32, ids: Ids, span: u32, value: f32) {
  lane_sums[sum * (THREADS + 1u) + ids.thread] = value;
}

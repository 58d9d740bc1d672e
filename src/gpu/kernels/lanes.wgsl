// LANES neighbouring threads share a block of rows. Each keeps its partial sums in workgroup memory; after one barrier a row's
// are added up by one of them, which costs less than a tree with a barrier a step.
override THREADS: u32 = 64u;
override LANES: u32 = 32u;   // power of two, divides THREADS

// [SUMS, THREADS + 1]: the odd stride keeps rows on different banks.
var<workgroup> lane_sums: array<f32, SUMS * (THREADS + 1)>;

fn keep_sum(sum: u32, thread: u32, value: f32) {
  lane_sums[sum * (THREADS + 1u) + thread] = value;
}

fn keep_rows(sum: u32, thread: u32, rows: vec4<f32>) {
  keep_sum(sum, thread, rows.x);
  keep_sum(sum + 1u, thread, rows.y);
  keep_sum(sum + 2u, thread, rows.z);
  keep_sum(sum + 3u, thread, rows.w);
}

// The sum over the lanes that `thread` shares its rows with, after a barrier.
fn total_of(sum: u32, thread: u32) -> f32 {
  let first = sum * (THREADS + 1u) + thread - thread % LANES;
  var total = 0.0;
  for (var i = 0u; i < LANES; i++) {
    total += lane_sums[first + i];
  }
  return total;
}

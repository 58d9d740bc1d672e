// LANES neighbouring threads share a row block; their partial sums meet in a tree through workgroup memory.
override THREADS: u32 = 64u;
override LANES: u32 = 32u;   // power of two, divides THREADS

struct LaneSums {
  rows: vec4<f32>,
  more: vec4<f32>,
  squares: f32,
}
var<workgroup> lane_sums: array<LaneSums, THREADS>;

// Whole in lane 0 only. Every thread of the workgroup calls it.
fn sum_lanes(thread: u32, mine: LaneSums) -> LaneSums {
  lane_sums[thread] = mine;
  for (var step = LANES / 2u; step > 0u; step >>= 1u) {
    workgroupBarrier();
    if (thread % LANES < step) {
      let other = thread + step;
      lane_sums[thread].rows += lane_sums[other].rows;
      lane_sums[thread].more += lane_sums[other].more;
      lane_sums[thread].squares += lane_sums[other].squares;
    }
  }
  return lane_sums[thread];
}

// A block's rows, kept and added up over the lanes.
fn keep_rows(sum: u32, ids: Ids, span: u32, low: vec4<f32>, high: vec4<f32>) {
  keep_sum(sum, ids, span, low.x);
  if (ROWS_EACH > 1u) {
    keep_sum(sum + 1u, ids, span, low.y);
  }
  if (ROWS_EACH > 2u) {
    keep_sum(sum + 2u, ids, span, low.z);
    keep_sum(sum + 3u, ids, span, low.w);
  }
  if (ROWS_EACH > 4u) {
    keep_sum(sum + 4u, ids, span, high.x);
    keep_sum(sum + 5u, ids, span, high.y);
    keep_sum(sum + 6u, ids, span, high.z);
    keep_sum(sum + 7u, ids, span, high.w);
  }
}

// The sum over the lanes that share a block with this thread, after a barrier.
fn total_of(sum: u32, ids: Ids) -> f32 {
  let first = ids.thread - ids.thread % LANES;
  var total = 0.0;
  for (var i = 0u; i < LANES; i += span_of(first + i)) {
    total += lane_sums[sum * (THREADS + 1u) + first + i];
  }
  return total;
}

// The first row of a thread's block.
fn block_row(ids: Ids) -> u32 {
  return ((ids.group.y * ids.groups.x + ids.group.x) * (THREADS / LANES) + ids.thread / LANES) * ROWS_EACH;
}

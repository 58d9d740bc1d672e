// The largest of 256 threads' values, the lowest id on a tie: by 16 threads of 16 values each, then 16 values. Two barriers,
// where a tree takes eight.
var<workgroup> best: array<f32, 256>;
var<workgroup> best_id: array<u32, 256>;

struct Best {
  value: f32,
  id: u32,
}

fn better(a: Best, b: Best) -> Best {
  if (b.value > a.value || (b.value == a.value && b.id < a.id)) {
    return b;
  }
  return a;
}

// Called by all 256 threads; whole in each.
fn best_of(thread: u32, mine: Best) -> Best {
  best[thread] = mine.value;
  best_id[thread] = mine.id;
  workgroupBarrier();
  var found = mine;
  if (thread < 16u) {
    found = Best(best[thread * 16u], best_id[thread * 16u]);
    for (var i = thread * 16u + 1u; i < thread * 16u + 16u; i++) {
      found = better(found, Best(best[i], best_id[i]));
    }
  }
  workgroupBarrier();
  if (thread < 16u) {
    best[thread] = found.value;
    best_id[thread] = found.id;
  }
  workgroupBarrier();
  found = Best(best[0], best_id[0]);
  for (var i = 1u; i < 16u; i++) {
    found = better(found, Best(best[i], best_id[i]));
  }
  return found;
}

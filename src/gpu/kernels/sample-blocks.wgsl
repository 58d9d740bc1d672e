// Sampling, first stage, over all workgroups: the best logit of each block of 1024, and the block's sum of exp for what follows.
override VOCAB: u32;

@group(0) @binding(0) var<storage, read> logits: array<f32>;              // [VOCAB]
@group(0) @binding(1) var<storage, read> seen: array<u32>;                // [VOCAB / 32] bits: the token is in the context
@group(0) @binding(2) var<uniform> sampling: Sampling;
@group(0) @binding(3) var<storage, read_write> blocks: array<vec4<f32>>;  // [VOCAB / 1024]: largest, sum of exp, its id's bits
@group(0) @binding(4) var<storage, read_write> bins: array<u32>;          // [4, 256], cleared here for the next stage

var<workgroup> best: array<f32, 256>;
var<workgroup> best_id: array<u32, 256>;
var<workgroup> sums: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  var values: vec4<f32>;
  var largest = -3.0e38;
  var largest_id = VOCAB;
  for (var i = 0u; i < 4u; i++) {
    let id = group.x * 1024u + i * 256u + thread;
    values[i] = -3.0e38;
    if (id < VOCAB) {
      values[i] = penalized(logits[id], seen[id >> 5u], id, sampling.penalty);
      if (values[i] > largest || largest_id == VOCAB) {
        largest = values[i];
        largest_id = id;
      }
    }
  }
  best[thread] = largest;
  best_id[thread] = largest_id;
  for (var step = 128u; step > 0u; step >>= 1u) {
    workgroupBarrier();
    if (thread < step) {
      let other = best[thread + step];
      let other_id = best_id[thread + step];
      if (other > best[thread] || (other == best[thread] && other_id < best_id[thread])) {
        best[thread] = other;
        best_id[thread] = other_id;
      }
    }
  }
  workgroupBarrier();
  if (group.x == 0u) {
    for (var i = 0u; i < 4u; i++) {
      bins[i * 256u + thread] = 0u;
    }
  }
  if (sampling.temperature == 0.0) {
    if (thread == 0u) {
      blocks[group.x] = vec4<f32>(best[0], 0.0, bitcast<f32>(best_id[0]), 0.0);
    }
    return;
  }
  let e = exp((values - vec4<f32>(best[0])) / sampling.temperature);
  sums[thread] = e.x + e.y + e.z + e.w;
  for (var step = 128u; step > 0u; step >>= 1u) {
    workgroupBarrier();
    if (thread < step) {
      sums[thread] += sums[thread + step];
    }
  }
  if (thread == 0u) {
    blocks[group.x] = vec4<f32>(best[0], sums[0], bitcast<f32>(best_id[0]), 0.0);
  }
}

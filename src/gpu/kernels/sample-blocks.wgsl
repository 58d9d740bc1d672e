// Sampling, first stage, over all workgroups: the best logit of each block of 1024, and the block's sum of exp for what follows.
override VOCAB: u32;

@group(0) @binding(0) var<storage, read> logits: array<f32>;              // [VOCAB]
@group(0) @binding(1) var<storage, read> seen: array<u32>;                // [VOCAB / 32] bits: the token is in the context
@group(0) @binding(2) var<uniform> sampling: Sampling;
@group(0) @binding(3) var<storage, read_write> blocks: array<vec4<f32>>;  // [VOCAB / 1024]: largest, sum of exp, its id's bits, 1 where a logit is not finite
@group(0) @binding(4) var<storage, read_write> bins: array<u32>;          // [4, 256], cleared here for the next stage

const NO_LOGIT = -3.0e38;     // past the vocabulary, or not a number
var<workgroup> sums: array<f32, 256>;
var<workgroup> broken: atomic<u32>;

// A logit that is not finite is told of, and never drawn.
fn value_of(id: u32) -> f32 {
  if (id >= VOCAB) {
    return NO_LOGIT;
  }
  let logit = logits[id];
  if (!is_finite(logit)) {
    atomicOr(&broken, 1u);
    return NO_LOGIT;
  }
  return penalized(logit, seen[id >> 5u], id, sampling.penalty);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let first = group.x * 1024u + thread;
  let values = vec4<f32>(value_of(first), value_of(first + 256u), value_of(first + 512u), value_of(first + 768u));
  var mine = Best(NO_LOGIT, VOCAB);
  for (var i = 0u; i < 4u; i++) {
    let id = first + i * 256u;
    if (id < VOCAB && (values[i] > mine.value || mine.id == VOCAB)) {
      mine = Best(values[i], id);
    }
  }
  let largest = best_of(thread, mine);
  if (group.x == 0u) {
    for (var i = 0u; i < 4u; i++) {
      bins[i * 256u + thread] = 0u;
    }
  }
  var sum = 0.0;
  if (sampling.temperature > 0.0) {
    let e = exp((values - vec4<f32>(largest.value)) / sampling.temperature);
    sums[thread] = e.x + e.y + e.z + e.w;
    workgroupBarrier();
    if (thread < 16u) {
      for (var i = thread * 16u; i < thread * 16u + 16u; i++) {
        sum += sums[i];
      }
    }
    workgroupBarrier();
    if (thread < 16u) {
      sums[thread] = sum;
    }
    workgroupBarrier();
    sum = 0.0;
    for (var i = 0u; i < 16u; i++) {
      sum += sums[i];
    }
  }
  if (thread == 0u) {
    blocks[group.x] = vec4<f32>(largest.value, sum, bitcast<f32>(largest.id), f32(atomicLoad(&broken)));
  }
}

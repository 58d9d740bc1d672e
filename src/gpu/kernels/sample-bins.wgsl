// Sampling above temperature 0, second stage, over all workgroups: how many tokens, and how much probability, lie in each of
// 256 ranges of distance below the largest logit.
override VOCAB: u32;

@group(0) @binding(0) var<storage, read> logits: array<f32>;              // [VOCAB]
@group(0) @binding(1) var<storage, read> seen: array<u32>;                // [VOCAB / 32] bits: the token is in the context
@group(0) @binding(2) var<uniform> sampling: Sampling;
@group(0) @binding(3) var<storage, read> blocks: array<vec4<f32>>;        // [BLOCKS]: largest, sum of exp, its id's bits
@group(0) @binding(4) var<storage, read_write> bins: array<atomic<u32>>;  // [4, 256]: tokens, mass, sum of ids, sum of keys

var<workgroup> counts: array<atomic<u32>, 256>;
var<workgroup> masses: array<atomic<u32>, 256>;
var<workgroup> ids: array<atomic<u32>, 256>;
var<workgroup> keys: array<atomic<u32>, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let scale = largest_and_total(thread);
  for (var i = 0u; i < 4u; i++) {
    let id = group.x * 1024u + i * 256u + thread;
    if (id < VOCAB) {
      let logit = penalized(logits[id], seen[id >> 5u], id, sampling.penalty);
      let distance = (scale.x - logit) / sampling.temperature;
      let key = key_of(distance);
      let bin = key >> 24u;
      atomicAdd(&counts[bin], 1u);
      atomicAdd(&masses[bin], mass_of(distance, scale.y));
      atomicAdd(&ids[bin], id);
      atomicAdd(&keys[bin], key);
    }
  }
  workgroupBarrier();
  let count = atomicLoad(&counts[thread]);
  if (count > 0u) {
    atomicAdd(&bins[thread], count);
    atomicAdd(&bins[256u + thread], atomicLoad(&masses[thread]));
    atomicAdd(&bins[512u + thread], atomicLoad(&ids[thread]));
    atomicAdd(&bins[768u + thread], atomicLoad(&keys[thread]));
  }
}

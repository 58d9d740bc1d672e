// Sampling at temperature 0, second and last stage, one workgroup: the largest logit, the lowest id on a tie. Hands the token
// and the next position to the next forward pass.
override BLOCKS: u32;

@group(0) @binding(0) var<storage, read> blocks: array<vec4<f32>>;        // [BLOCKS]: largest, sum of exp, its id's bits
@group(0) @binding(1) var<storage, read_write> seen: array<u32>;          // [VOCAB / 32] bits: the token is in the context
@group(0) @binding(2) var<storage, read_write> state: array<u32>;         // position, token, finite

var<workgroup> best: array<f32, 256>;
var<workgroup> best_id: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
  var largest = -3.0e38;
  var largest_id = 0xffffffffu;
  for (var i = thread; i < BLOCKS; i += 256u) {
    let block = blocks[i];
    if (block.x > largest || largest_id == 0xffffffffu) {
      largest = block.x;
      largest_id = bitcast<u32>(block.z);
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
  if (thread == 0u) {
    let token = best_id[0];
    seen[token >> 5u] |= 1u << (token & 31u);
    state[0] += 1u;
    state[1] = token;
    state[2] = u32(abs(best[0]) < 3.0e38);
  }
}

// Sampling at temperature 0, second and last stage, one workgroup: the largest logit, the lowest id on a tie. Hands the token
// and the next position to the next forward pass.
override BLOCKS: u32;

@group(0) @binding(0) var<storage, read> blocks: array<vec4<f32>>;        // [BLOCKS]: largest, sum of exp, its id's bits, broken
@group(0) @binding(1) var<storage, read_write> seen: array<u32>;          // [VOCAB / 32] bits: the token is in the context
@group(0) @binding(2) var<storage, read_write> state: array<u32>;         // position, token, finite

var<workgroup> broken: atomic<u32>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
  var mine = Best(-3.0e38, 0xffffffffu);
  for (var i = thread; i < BLOCKS; i += 256u) {
    let block = blocks[i];
    if (block.x > mine.value || mine.id == 0xffffffffu) {
      mine = Best(block.x, bitcast<u32>(block.z));
    }
    if (block.w != 0.0) {
      atomicOr(&broken, 1u);
    }
  }
  let largest = best_of(thread, mine);
  if (thread == 0u) {
    let token = largest.id;
    seen[token >> 5u] |= 1u << (token & 31u);
    state[0] += 1u;
    state[1] = token;
    state[2] = 1u - atomicLoad(&broken);
  }
}

// Causal attention of a chunk of tokens, after RoPE and append: flash attention, no matrix of scores in memory. A workgroup
// takes 4 NV tokens of one head; each token is a component of NV vec4s. Grid: x = tokens / (4 NV), y = heads.
override HEADS: u32;
override KV_HEADS: u32;
override HEAD_DIM: u32;
override THREADS: u32;        // at least HEAD_DIM / 2
override NV: u32;             // 4, or 2 where larger heads need the room
override OUT_STRIDE: u32;     // floats from one token's row in out to the next's
const NONE = -1.0e30;         // stands for minus infinity, which WGSL doesn't promise; exp of it stays clear of infinities too

@group(0) @binding(0) var<storage, read> qkv: array<f32>;             // [tokens, HEADS + 2 KV_HEADS, HEAD_DIM], queries turned
@group(0) @binding(1) var<storage, read> keys: array<KeyPack>;        // as kv-f16.wgsl or kv-i8.wgsl has them
@group(0) @binding(2) var<storage, read> values: array<u32>;
@group(0) @binding(3) var<uniform> chunk: vec4<u32>;                  // position of the first token, tokens
@group(0) @binding(4) var<storage, read_write> out: array<f32>;       // [tokens, OUT_STRIDE]: [HEADS, HEAD_DIM]

var<workgroup> query: array<vec4<f32>, HEAD_DIM * NV>;
var<workgroup> shares: array<vec4<f32>, THREADS * NV>;
var<workgroup> scratch: array<vec4<f32>, THREADS * NV>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let head = group.y;
  let kv_head = head / (HEADS / KV_HEADS);
  let tokens = chunk.y;
  let token0 = group.x * 4u * NV;
  let row_floats = (HEADS + 2u * KV_HEADS) * HEAD_DIM;
  let scale = inverseSqrt(f32(HEAD_DIM));
  for (var i = thread; i < HEAD_DIM * NV; i += THREADS) {
    // Tokens past the chunk's end are copies of the last one, not written.
    let rows = min(vec4<u32>(token0 + 4u * (i % NV)) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(tokens - 1u)) * row_floats;
    let at = rows + head * HEAD_DIM + i / NV;
    query[i] = scale * vec4<f32>(qkv[at.x], qkv[at.y], qkv[at.z], qkv[at.w]);
  }
  workgroupBarrier();

  let words = HEAD_DIM / 2u;
  let slices = THREADS / words;
  let word = thread % words;
  let slice = thread / words;
  // Past what the last token here may see, nothing is read.
  let end = chunk.x + min(token0 + 4u * NV, tokens);
  var largest: array<vec4<f32>, 4>;
  var sum: array<vec4<f32>, 4>;
  var even: array<vec4<f32>, 4>;
  var odd: array<vec4<f32>, 4>;
  for (var n = 0u; n < NV; n++) {
    largest[n] = vec4<f32>(NONE);
  }
  for (var tile = 0u; tile < end; tile += THREADS) {
    let mine = tile + thread;
    // By hand: SwiftShader does not clear an array declared in a loop a second time.
    var score: array<vec4<f32>, 4>;
    for (var n = 0u; n < NV; n++) {
      score[n] = vec4<f32>();
    }
    if (mine < end) {
      let row = key_row(mine, kv_head);
      for (var i = 0u; i < HEAD_DIM / 8u; i++) {
        let key = keys[row + i];
        let low = key_low(key);
        let high = key_high(key);
        for (var n = 0u; n < NV; n++) {
          let q = 8u * i * NV + n;
          score[n] += query[q] * low.x + query[q + NV] * low.y + query[q + 2u * NV] * low.z + query[q + 3u * NV] * low.w
            + query[q + 4u * NV] * high.x + query[q + 5u * NV] * high.y + query[q + 6u * NV] * high.z + query[q + 7u * NV] * high.w;
        }
      }
      if (SCALED) {
        let key_largest = key_scale(mine, kv_head);
        for (var n = 0u; n < NV; n++) {
          score[n] *= key_largest;
        }
      }
    }
    for (var n = 0u; n < NV; n++) {
      let sees = vec4<u32>(chunk.x + token0 + 4u * n) + vec4<u32>(0u, 1u, 2u, 3u) >= vec4<u32>(mine);
      score[n] = select(vec4<f32>(NONE), score[n], sees & vec4<bool>(mine < end));
      scratch[thread * NV + n] = score[n];
    }
    for (var step = THREADS / 2u; step > 0u; step >>= 1u) {
      workgroupBarrier();
      if (thread < step) {
        for (var n = 0u; n < NV; n++) {
          let at = thread * NV + n;
          scratch[at] = max(scratch[at], scratch[at + step * NV]);
        }
      }
    }
    workgroupBarrier();
    for (var n = 0u; n < NV; n++) {
      let now = max(largest[n], scratch[n]);
      let fade = exp(largest[n] - now);
      largest[n] = now;
      shares[thread * NV + n] = select(vec4<f32>(), exp(score[n] - now), score[n] > vec4<f32>(NONE));
      sum[n] *= fade;
      even[n] *= fade;
      odd[n] *= fade;
    }
    workgroupBarrier();
    if (slice < slices) {
      let held = min(THREADS, end - tile);
      for (var i = slice; i < held; i += slices) {
        let value = value_pair(tile + i, kv_head, word);
        for (var n = 0u; n < NV; n++) {
          let share = shares[i * NV + n];
          sum[n] += share;
          even[n] += share * value.x;
          odd[n] += share * value.y;
        }
      }
    }
  }
  // The slices' sums meet: first the values, then, in the query's room, the shares.
  workgroupBarrier();
  for (var n = 0u; n < NV; n++) {
    shares[thread * NV + n] = even[n];
    scratch[thread * NV + n] = odd[n];
    if (word == 0u && slice < slices) {
      query[slice * NV + n] = sum[n];
    }
  }
  workgroupBarrier();
  if (slice != 0u) {
    return;
  }
  for (var n = 0u; n < NV; n++) {
    for (var s = 1u; s < slices; s++) {
      even[n] += shares[(s * words + word) * NV + n];
      odd[n] += scratch[(s * words + word) * NV + n];
      sum[n] += query[s * NV + n];
    }
    for (var i = 0u; i < 4u && token0 + 4u * n + i < tokens; i++) {
      let at = (token0 + 4u * n + i) * OUT_STRIDE + head * HEAD_DIM + 2u * word;
      out[at] = even[n][i] / sum[n][i];
      out[at + 1u] = odd[n][i] / sum[n][i];
    }
  }
}

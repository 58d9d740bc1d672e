// After attention over many splits while decoding: their weighted mean, once, before a plain output projection. For a batch of
// tokens y is the token.
override HEADS: u32;
override HEAD_DIM: u32;
override STRIDE: u32;         // floats from one split's part to the next's, and from one token's row in out to the next's

@group(0) @binding(0) var<storage, read> parts: array<f32>;          // [tokens, MAX_SPLITS, STRIDE]
@group(0) @binding(1) var<storage, read> stats: array<vec2<f32>>;    // [tokens, MAX_SPLITS, HEADS]: largest score, sum of exp
@group(0) @binding(2) var<storage, read> state: array<u32>;          // position of the first token, ...
@group(0) @binding(3) var<storage, read_write> out: array<f32>;      // [tokens, STRIDE]: HEADS * HEAD_DIM

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= HEADS * HEAD_DIM) {
    return;
  }
  let splits = split_count(state[0] + id.y + 1u);
  let first = id.y * MAX_SPLITS;
  let head = id.x / HEAD_DIM;
  var largest = NO_SCORE;
  for (var s = first; s < first + splits; s++) {
    largest = max(largest, stats[s * HEADS + head].x);
  }
  var sum = 0.0;
  for (var s = first; s < first + splits; s++) {
    let stat = stats[s * HEADS + head];
    sum += exp(stat.x - largest) * stat.y;
  }
  // As gemv-merge has it, so that a token's result is the same by either way.
  var total = 0.0;
  for (var s = first; s < first + splits; s++) {
    total += exp(stats[s * HEADS + head].x - largest) / sum * parts[s * STRIDE + id.x];
  }
  out[id.y * STRIDE + id.x] = total;
}

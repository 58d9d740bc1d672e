// After attention over many splits while decoding: their weighted mean, once, before a plain output projection.
override HEADS: u32;
override HEAD_DIM: u32;
override STRIDE: u32;         // floats from one split's part to the next's

@group(0) @binding(0) var<storage, read> parts: array<f32>;          // [splits, STRIDE]
@group(0) @binding(1) var<storage, read> stats: array<vec2<f32>>;    // [splits, HEADS]: largest score, sum of exp
@group(0) @binding(2) var<storage, read> state: array<u32>;          // position, ...
@group(0) @binding(3) var<storage, read_write> out: array<f32>;      // [HEADS * HEAD_DIM]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= HEADS * HEAD_DIM) {
    return;
  }
  let splits = split_count(state[0] + 1u);
  let head = id.x / HEAD_DIM;
  var largest = -3.0e38;
  for (var s = 0u; s < splits; s++) {
    largest = max(largest, stats[s * HEADS + head].x);
  }
  var sum = 0.0;
  var total = 0.0;
  for (var s = 0u; s < splits; s++) {
    let stat = stats[s * HEADS + head];
    let factor = exp(stat.x - largest);
    sum += factor * stat.y;
    total += factor * parts[s * STRIDE + id.x];
  }
  out[id.x] = total / sum;
}

// Of a layer, 3: splits queries, keys and values, and rotates the first two. Grid: x = pairs of a token / 64, y = tokens.
@group(0) @binding(0) var<storage, read> qkv: array<f32>;          // [tokens, HEADS + 2 KV_HEADS, HEAD_DIM]
@group(0) @binding(1) var<storage, read> rope_table: array<vec2<f32>>;  // [positions, HEAD_DIM / 2]: cos, sin
@group(0) @binding(2) var<storage, read_write> q: array<f32>;      // [tokens, HEADS, HEAD_DIM]
@group(0) @binding(3) var<storage, read_write> k: array<f32>;      // [tokens, KV_HEADS, HEAD_DIM]
@group(0) @binding(4) var<storage, read_write> v: array<f32>;
@group(0) @binding(5) var<uniform> call: vec4<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let half = HEAD_DIM / 2u;
  let head = id.x / half;
  let d = id.x % half;
  if (head >= HEADS + 2u * KV_HEADS) {
    return;
  }
  let source = (id.y * (HEADS + 2u * KV_HEADS) + head) * HEAD_DIM + d;
  let a = qkv[source];
  let b = qkv[source + half];
  let angle = rope_table[(call.x + id.y) * half + d];
  if (head < HEADS) {
    let to = (id.y * HEADS + head) * HEAD_DIM + d;
    q[to] = a * angle.x - b * angle.y;
    q[to + half] = b * angle.x + a * angle.y;
  } else if (head < HEADS + KV_HEADS) {
    let to = (id.y * KV_HEADS + head - HEADS) * HEAD_DIM + d;
    k[to] = a * angle.x - b * angle.y;
    k[to + half] = b * angle.x + a * angle.y;
  } else {
    let to = (id.y * KV_HEADS + head - HEADS - KV_HEADS) * HEAD_DIM + d;
    v[to] = a;
    v[to + half] = b;
  }
}

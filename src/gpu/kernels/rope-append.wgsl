// Prefill, after the QKV projection: turns queries in place (RoPE), turns keys into the cache, copies values into the cache.
// Grid: x = tokens of the chunk, y = heads of queries, keys and values.
override HEADS: u32;
override KV_HEADS: u32;

@group(0) @binding(0) var<storage, read_write> qkv: array<f32>;       // [tokens, HEADS + 2 KV_HEADS, HEAD_DIM]
@group(0) @binding(1) var<storage, read_write> keys: array<u32>;      // [positions, KV_HEADS, HEAD_DIM / 2] of 2 halves
@group(0) @binding(2) var<storage, read_write> values: array<u32>;    // as keys
@group(0) @binding(3) var<storage, read> turns: array<vec2<f32>>;     // [256 + positions / 256, HEAD_DIM / 2]
@group(0) @binding(4) var<uniform> chunk: vec4<u32>;                  // position of the first token, tokens

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let head = group.y;
  let position = chunk.x + group.x;
  let base = (group.x * (HEADS + 2u * KV_HEADS) + head) * HEAD_DIM;
  let half = HEAD_DIM / 2u;
  if (head >= HEADS + KV_HEADS) {
    let row = (position * KV_HEADS + head - HEADS - KV_HEADS) * half;
    for (var i = thread; i < half; i += 64u) {
      values[row + i] = pack2x16float(vec2<f32>(qkv[base + 2u * i], qkv[base + 2u * i + 1u]));
    }
    return;
  }
  let row = (position * KV_HEADS + head - HEADS) * half;
  for (var i = thread; i < half / 2u; i += 64u) {
    let d = 2u * i;
    let t0 = turn(position, d);
    let t1 = turn(position, d + 1u);
    let low = vec2<f32>(qkv[base + d], qkv[base + d + 1u]);
    let high = vec2<f32>(qkv[base + half + d], qkv[base + half + d + 1u]);
    let cosine = vec2<f32>(t0.x, t1.x);
    let sine = vec2<f32>(t0.y, t1.y);
    let first = low * cosine - high * sine;
    let second = high * cosine + low * sine;
    if (head < HEADS) {
      qkv[base + d] = first.x;
      qkv[base + d + 1u] = first.y;
      qkv[base + half + d] = second.x;
      qkv[base + half + d + 1u] = second.y;
    } else {
      keys[row + i] = pack2x16float(first);
      keys[row + half / 2u + i] = pack2x16float(second);
    }
  }
}

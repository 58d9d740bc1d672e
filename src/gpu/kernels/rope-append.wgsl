// Prefill, after the QKV projection: rotates queries in place (RoPE), rotates keys into the cache, copies values into the cache.
// Grid: x = tokens of the chunk, y = heads of queries, keys and values.
override HEADS: u32;
override KV_HEADS: u32;

@group(0) @binding(0) var<storage, read_write> qkv: array<f32>;       // [tokens, HEADS + 2 KV_HEADS, HEAD_DIM]
@group(0) @binding(1) var<storage, read_write> keys: array<KeyPack>;  // as kv-f16.wgsl or kv-i8.wgsl has them
@group(0) @binding(2) var<storage, read_write> values: array<u32>;
@group(0) @binding(3) var<storage, read> rope_table: array<vec2<f32>>;     // [256 + positions / 256, HEAD_DIM / 2]
@group(0) @binding(4) var<uniform> chunk: vec4<u32>;                  // position of the first token, tokens

// A key, turned, or a value: in whole before it is packed.
var<workgroup> entry: array<f32, HEAD_DIM>;

fn largest_of_entry() -> f32 {
  var largest = 0.0;
  for (var d = 0u; d < HEAD_DIM; d++) {
    largest = max(largest, abs(entry[d]));
  }
  return largest;
}

fn four_of_entry(d: u32) -> vec4<f32> {
  return vec4<f32>(entry[d], entry[d + 1u], entry[d + 2u], entry[d + 3u]);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let head = group.y;
  let position = chunk.x + group.x;
  let base = (group.x * (HEADS + 2u * KV_HEADS) + head) * HEAD_DIM;
  let half = HEAD_DIM / 2u;
  let is_value = head >= HEADS + KV_HEADS;
  if (is_value) {
    for (var d = thread; d < HEAD_DIM; d += 64u) {
      entry[d] = qkv[base + d];
    }
  } else {
    for (var i = thread; i < half / 2u; i += 64u) {
      let d = 2u * i;
      let t0 = rope_angle(position, d);
      let t1 = rope_angle(position, d + 1u);
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
        entry[d] = first.x;
        entry[d + 1u] = first.y;
        entry[half + d] = second.x;
        entry[half + d + 1u] = second.y;
      }
    }
  }
  if (head < HEADS) {
    return;
  }
  workgroupBarrier();
  let kv_head = (head - HEADS) % KV_HEADS;
  var largest = 0.0;
  if (SCALED) {
    largest = largest_of_entry();
  }
  if (is_value) {
    for (var i = thread; i < HEAD_DIM / 4u; i += 64u) {
      store_value(position, kv_head, i, value_pack(four_of_entry(4u * i), largest));
    }
  } else {
    for (var i = thread; i < HEAD_DIM / 8u; i += 64u) {
      let d = 8u * i;
      keys[key_row(position, kv_head) + i] = key_pack(four_of_entry(d), four_of_entry(d + 4u), largest);
    }
  }
  if (SCALED && thread == 0u) {
    if (is_value) {
      store_value_scale(position, kv_head, largest);
    } else {
      store_key_scale(position, kv_head, largest);
    }
  }
}

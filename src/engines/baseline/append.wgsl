// Of a layer, 4: keys and values into the cache. Grid: x = pairs of a token / 64, y = tokens.
@group(0) @binding(0) var<storage, read> k: array<f32>;                // [tokens, KV_HEADS, HEAD_DIM]
@group(0) @binding(1) var<storage, read> v: array<f32>;
@group(0) @binding(2) var<storage, read_write> keys: array<u32>;       // [positions, KV_HEADS, HEAD_DIM / 2] of 2 halves
@group(0) @binding(3) var<storage, read_write> values: array<u32>;
@group(0) @binding(4) var<uniform> call: vec4<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let words = KV_HEADS * HEAD_DIM / 2u;
  if (id.x < words) {
    let source = (id.y * words + id.x) * 2u;
    let to = (call.x + id.y) * words + id.x;
    keys[to] = pack2x16float(vec2<f32>(k[source], k[source + 1u]));
    values[to] = pack2x16float(vec2<f32>(v[source], v[source + 1u]));
  }
}

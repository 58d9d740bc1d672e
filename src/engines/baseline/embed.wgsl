// Dispatch 1: rows of the embedding. Grid: x = HIDDEN / 64, y = tokens. Rows of another part of it are left alone.
@group(0) @binding(2) var<storage, read> tokens: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;   // [tokens, COLUMNS]
@group(0) @binding(4) var<uniform> call: vec4<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = tokens[id.y] - FIRST;
  if (id.x < COLUMNS && row < ROWS && id.y < call.y) {
    out[id.y * COLUMNS + id.x] = weight_at(row, id.x);
  }
}

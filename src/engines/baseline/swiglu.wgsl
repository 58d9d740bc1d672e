// Of a layer, 9: silu(gate) * up. Grid: x = INNER / 64, y = tokens.
@group(0) @binding(0) var<storage, read> gate_up: array<f32>;       // [tokens, 2 INNER]
@group(0) @binding(1) var<storage, read_write> out: array<f32>;     // [tokens, INNER]
@group(0) @binding(2) var<uniform> call: vec4<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < INNER && id.y < call.y) {
    let gate = gate_up[id.y * 2u * INNER + id.x];
    out[id.y * INNER + id.x] = gate / (1.0 + exp(min(-gate, 80.0))) * gate_up[id.y * 2u * INNER + INNER + id.x];
  }
}

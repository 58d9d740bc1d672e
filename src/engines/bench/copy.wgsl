// The bench's measure of memory: copies a buffer, 16 bytes a thread. Grid: x = vec4s / 256.
@group(0) @binding(0) var<storage, read> source: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> copied: array<vec4<u32>>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  copied[id.x] = source[id.x];
}

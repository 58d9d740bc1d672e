// Of a layer, 1 and 7, and before lm_head: RMSNorm, a workgroup a token. call.z is the first token's row.
@group(0) @binding(0) var<storage, read> x: array<f32>;            // [tokens, COLUMNS]
@group(0) @binding(1) var<storage, read> scale: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;    // [tokens, COLUMNS]
@group(0) @binding(3) var<uniform> call: vec4<u32>;

var<workgroup> sums: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = (call.z + group.x) * COLUMNS;
  var sum = 0.0;
  for (var i = thread; i < COLUMNS; i += 256u) {
    sum += x[row + i] * x[row + i];
  }
  sums[thread] = sum;
  for (var step = 128u; step > 0u; step >>= 1u) {
    workgroupBarrier();
    if (thread < step) {
      sums[thread] += sums[thread + step];
    }
  }
  workgroupBarrier();
  let factor = inverseSqrt(sums[0] / f32(COLUMNS) + EPSILON);
  for (var i = thread; i < COLUMNS; i += 256u) {
    out[group.x * COLUMNS + i] = x[row + i] * factor * scale[i];
  }
}

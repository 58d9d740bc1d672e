// Prefill, before the QKV and gate/up projections: out = x / rms(x) * norm, a workgroup a token.
override COLUMNS: f32;        // values in a row, for the mean of its squares
override STRIDE4: u32;        // vec4s in a row with its padding of zeros
override EPSILON: f32;

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;           // [tokens, STRIDE4]
@group(0) @binding(1) var<storage, read> norm: array<vec4<f32>>;        // [STRIDE4]
@group(0) @binding(2) var<storage, read_write> out: array<vec4<f32>>;   // [tokens, STRIDE4]

var<workgroup> squares: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let base = group.x * STRIDE4;
  var sum = 0.0;
  for (var i = thread; i < STRIDE4; i += 64u) {
    sum += dot(x[base + i], x[base + i]);
  }
  squares[thread] = sum;
  for (var step = 32u; step > 0u; step >>= 1u) {
    workgroupBarrier();
    if (thread < step) {
      squares[thread] += squares[thread + step];
    }
  }
  workgroupBarrier();
  let factor = inverseSqrt(squares[0] / COLUMNS + EPSILON);
  for (var i = thread; i < STRIDE4; i += 64u) {
    out[base + i] = x[base + i] * factor * norm[i];
  }
}

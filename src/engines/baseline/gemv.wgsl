// Every projection while decoding: one output row a workgroup of 64, scalar loads, a tree over workgroup memory: 8 barriers.
@group(0) @binding(2) var<storage, read> x: array<f32>;             // [COLUMNS]
@group(0) @binding(3) var<storage, read_write> out: array<f32>;     // [ROWS]
@group(0) @binding(4) var<uniform> call: vec4<u32>;

var<workgroup> sums: array<f32, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let row = group.y * groups.x + group.x;
  if (row >= ROWS) {
    return;
  }
  var sum = 0.0;
  for (var word = thread; word < WORDS; word += 64u) {
    let codes = weights[row * WORDS + word];
    let scale = scale_at(row * GROUPS + word * PER_WORD / GROUP);
    for (var i = 0u; i < PER_WORD; i++) {
      let column = word * PER_WORD + i;
      if (column < COLUMNS) {
        let code = (codes >> (i * BITS)) & ((1u << BITS) - 1u);
        sum += (f32(code) - ZERO) * scale * x[column];
      }
    }
  }
  workgroupBarrier();
  sums[thread] = sum;
  for (var step = 32u; step > 0u; step >>= 1u) {
    workgroupBarrier();
    if (thread < step) {
      sums[thread] += sums[thread + step];
    }
  }
  workgroupBarrier();
  if (thread == 0u) {
    if (ADD) {
      out[row] += sums[0];
    } else {
      out[row] = sums[0];
    }
  }
}

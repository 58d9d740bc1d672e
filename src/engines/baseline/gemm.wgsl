// Every projection of a prompt: 8 x 8 threads of 4 x 4 sums, 8 columns at a time through workgroup memory, scalar loads.
// Grid: x = rows of W / 32, y = tokens / 32.
@group(0) @binding(2) var<storage, read> x: array<f32>;             // [tokens, COLUMNS]
@group(0) @binding(3) var<storage, read_write> out: array<f32>;     // [tokens, STRIDE]
@group(0) @binding(4) var<uniform> call: vec4<u32>;

var<workgroup> tile_x: array<f32, 256>;                             // [32, 8]
var<workgroup> tile_w: array<f32, 256>;                             // [32, 8]

@compute @workgroup_size(8, 8)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_id) id: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let row0 = group.x * 32u;
  let token0 = group.y * 32u;
  var sums: array<f32, 16>;
  for (var column0 = 0u; column0 < COLUMNS; column0 += 8u) {
    for (var i = 0u; i < 4u; i++) {
      let at = thread + i * 64u;
      let line = at / 8u;
      let column = column0 + at % 8u;
      var a = 0.0;
      var b = 0.0;
      if (column < COLUMNS) {
        if (token0 + line < call.y) {
          a = x[(token0 + line) * COLUMNS + column];
        }
        if (row0 + line < ROWS) {
          b = weight_at(row0 + line, column);
        }
      }
      tile_x[at] = a;
      tile_w[at] = b;
    }
    workgroupBarrier();
    for (var k = 0u; k < 8u; k++) {
      for (var i = 0u; i < 4u; i++) {
        for (var j = 0u; j < 4u; j++) {
          sums[i * 4u + j] += tile_x[(id.y * 4u + i) * 8u + k] * tile_w[(id.x * 4u + j) * 8u + k];
        }
      }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u; i++) {
    for (var j = 0u; j < 4u; j++) {
      let token = token0 + id.y * 4u + i;
      let row = row0 + id.x * 4u + j;
      if (token < call.y && row < ROWS) {
        let at = token * STRIDE + row;
        if (ADD) {
          out[at] += sums[i * 4u + j];
        } else {
          out[at] = sums[i * 4u + j];
        }
      }
    }
  }
}

// Prefill's projections: out = x W^T, out += x W^T, or out = silu(out) * (x W^T) for a chunk of tokens. Tiles of 16 ROWS_EACH
// tokens by 64 rows of W; W is dequantised into workgroup memory, sums are f32. The matrix's shape is a uniform, not a constant,
// so that one pipeline serves all matrices of a model.
override ROWS_EACH: u32;      // tokens a thread: 1, 2 or 4

struct Shape {
  packs: u32,        // packs in a row of W
  rows: u32,         // rows of W
  x_stride4: u32,    // vec4s from one token's row in x to the next's
  out_stride: u32,   // floats from one token's row in out to the next's
  epilogue: u32,     // 0 store, 1 add, 2 silu(out) * result
}

@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>;  // [rows, packs]
@group(0) @binding(1) var<storage, read> scales: array<u32>;         // [rows, packs], two a word
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;        // [tokens, x_stride4], zeros past the end of a row
@group(0) @binding(3) var<uniform> chunk: vec4<u32>;                 // position of the first token, tokens
@group(0) @binding(4) var<uniform> shape: Shape;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;      // [tokens, out_stride]

var<workgroup> tile_x: array<vec4<f32>, 16 * ROWS_EACH * TILE4>;
var<workgroup> tile_w: array<vec4<f32>, 64 * TILE4>;

fn slot(row: u32, k4: u32) -> u32 {
  return row * TILE4 + (k4 ^ (row & SWIZZLE));
}

fn against(a: vec4<f32>, b: ptr<function, array<vec4<f32>, 4>>) -> vec4<f32> {
  return vec4<f32>(dot(a, (*b)[0]), dot(a, (*b)[1]), dot(a, (*b)[2]), dot(a, (*b)[3]));
}

fn write(row: u32, column: u32, sums: vec4<f32>) {
  if (row >= chunk.y) {
    return;
  }
  for (var j = 0u; j < 4u; j++) {
    let c = column + 16u * j;
    if (c < shape.rows) {
      let at = row * shape.out_stride + c;
      if (shape.epilogue == 0u) {
        out[at] = sums[j];
      } else if (shape.epilogue == 1u) {
        out[at] += sums[j];
      } else {
        let gate = out[at];
        out[at] = gate / (1.0 + exp(min(-gate, 80.0))) * sums[j];
      }
    }
  }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let units = TILE4 / UNIT4;
  let rows = 16u * ROWS_EACH;
  let row0 = group.y * rows;
  let column0 = group.x * 64u;
  let tx = thread % 16u;
  let ty = thread / 16u;
  let tiles = (shape.packs * PACK4 + TILE4 - 1u) / TILE4;
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  for (var tile = 0u; tile < tiles; tile++) {
    for (var i = thread; i < rows * TILE4; i += 256u) {
      let row = i / TILE4;
      let k4 = i % TILE4;
      var value = vec4<f32>();
      if (row0 + row < chunk.y) {
        value = x[(row0 + row) * shape.x_stride4 + tile * TILE4 + k4];
      }
      tile_x[slot(row, k4)] = value;
    }
    for (var i = thread; i < 64u * units; i += 256u) {
      let row = i / units;
      let unit = i % units;
      let pack = (tile * units + unit) / UNITS_PER_PACK;
      let at = min(column0 + row, shape.rows - 1u) * shape.packs + min(pack, shape.packs - 1u);
      var values = unit_values(weights[at], (tile * units + unit) % UNITS_PER_PACK);
      let scale = select(0.0, scale_of(scales[at >> 1u], at), pack < shape.packs);
      for (var j = 0u; j < UNIT4; j++) {
        tile_w[slot(row, unit * UNIT4 + j)] = values[j] * scale;
      }
    }
    workgroupBarrier();
    for (var k4 = 0u; k4 < TILE4; k4++) {
      var b = array<vec4<f32>, 4>(
        tile_w[slot(tx, k4)], tile_w[slot(tx + 16u, k4)], tile_w[slot(tx + 32u, k4)], tile_w[slot(tx + 48u, k4)]);
      sum0 += against(tile_x[slot(ty, k4)], &b);
      if (ROWS_EACH > 1u) {
        sum1 += against(tile_x[slot(ty + 16u, k4)], &b);
      }
      if (ROWS_EACH > 2u) {
        sum2 += against(tile_x[slot(ty + 32u, k4)], &b);
        sum3 += against(tile_x[slot(ty + 48u, k4)], &b);
      }
    }
    workgroupBarrier();
  }
  write(row0 + ty, column0 + tx, sum0);
  if (ROWS_EACH > 1u) {
    write(row0 + ty + 16u, column0 + tx, sum1);
  }
  if (ROWS_EACH > 2u) {
    write(row0 + ty + 32u, column0 + tx, sum2);
    write(row0 + ty + 48u, column0 + tx, sum3);
  }
}

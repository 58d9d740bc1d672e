// Prefill's projections: out = x W^T, out += x W^T, or out = silu(out) * (x W^T) for a chunk of tokens. Tiles of 16, 32 or 64
// tokens by 64 rows of W; W is dequantised into workgroup memory, sums are f32. The matrix's shape is a uniform, not a constant,
// so that one pipeline serves all matrices of a model.
override THREADS: u32;        // 8 wide; a multiple of 64
override ROWS_EACH: u32;      // tokens a thread: 2 or 4

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

var<workgroup> tile_x: array<Tile4, THREADS / 8 * ROWS_EACH * TILE4>;
var<workgroup> tile_w: array<Tile4, 64 * TILE4>;

fn slot(row: u32, k4: u32) -> u32 {
  return row * TILE4 + (k4 ^ (row & SWIZZLE));
}

fn write(row: u32, column: u32, sums: vec4<f32>) {
  if (row >= chunk.y) {
    return;
  }
  for (var j = 0u; j < 4u; j++) {
    let c = column + 8u * j;
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

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let units = TILE4 / UNIT4;
  let high = THREADS / 8u;
  let rows = high * ROWS_EACH;
  let row0 = group.y * rows;
  let column0 = group.x * 64u;
  let tx = thread % 8u;
  let ty = thread / 8u;
  let tiles = (shape.packs * PACK4 + TILE4 - 1u) / TILE4;
  // Of each token, columns tx, tx + 8, tx + 16, tx + 24 and the four after.
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  var more0 = vec4<f32>();
  var more1 = vec4<f32>();
  var more2 = vec4<f32>();
  var more3 = vec4<f32>();
  for (var tile = 0u; tile < tiles; tile++) {
    for (var i = thread; i < rows * TILE4; i += THREADS) {
      let row = i / TILE4;
      let k4 = i % TILE4;
      var value = vec4<f32>();
      if (row0 + row < chunk.y) {
        value = x[(row0 + row) * shape.x_stride4 + tile * TILE4 + k4];
      }
      tile_x[slot(row, k4)] = tile4(value);
    }
    for (var i = thread; i < 64u * units; i += THREADS) {
      let row = i / units;
      let unit = i % units;
      let pack = (tile * units + unit) / UNITS_PER_PACK;
      let at = min(column0 + row, shape.rows - 1u) * shape.packs + min(pack, shape.packs - 1u);
      var values = unit_values(weights[at], (tile * units + unit) % UNITS_PER_PACK);
      let scale = select(0.0, scale_of(scales[at >> 1u], at), pack < shape.packs);
      for (var j = 0u; j < UNIT4; j++) {
        tile_w[slot(row, unit * UNIT4 + j)] = tile4(values[j] * scale);
      }
    }
    workgroupBarrier();
    for (var k4 = 0u; k4 < TILE4; k4++) {
      let b0 = tile_w[slot(tx, k4)];
      let b1 = tile_w[slot(tx + 8u, k4)];
      let b2 = tile_w[slot(tx + 16u, k4)];
      let b3 = tile_w[slot(tx + 24u, k4)];
      let b4 = tile_w[slot(tx + 32u, k4)];
      let b5 = tile_w[slot(tx + 40u, k4)];
      let b6 = tile_w[slot(tx + 48u, k4)];
      let b7 = tile_w[slot(tx + 56u, k4)];
      let a0 = tile_x[slot(ty, k4)];
      sum0 += dots(a0, b0, b1, b2, b3);
      more0 += dots(a0, b4, b5, b6, b7);
      let a1 = tile_x[slot(ty + high, k4)];
      sum1 += dots(a1, b0, b1, b2, b3);
      more1 += dots(a1, b4, b5, b6, b7);
      if (ROWS_EACH > 2u) {
        let a2 = tile_x[slot(ty + 2u * high, k4)];
        sum2 += dots(a2, b0, b1, b2, b3);
        more2 += dots(a2, b4, b5, b6, b7);
        let a3 = tile_x[slot(ty + 3u * high, k4)];
        sum3 += dots(a3, b0, b1, b2, b3);
        more3 += dots(a3, b4, b5, b6, b7);
      }
    }
    workgroupBarrier();
  }
  let row = row0 + ty;
  let column = column0 + tx;
  write(row, column, sum0);
  write(row, column + 32u, more0);
  write(row + high, column, sum1);
  write(row + high, column + 32u, more1);
  if (ROWS_EACH > 2u) {
    write(row + 2u * high, column, sum2);
    write(row + 2u * high, column + 32u, more2);
    write(row + 3u * high, column, sum3);
    write(row + 3u * high, column + 32u, more3);
  }
}

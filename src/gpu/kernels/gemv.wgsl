// One token through a matrix: out = W x, out = W rmsnorm(x) or out += W x. Decoding's QKV, O and down projections and the
// logits. RMSNorm costs no pass of its own: its factor is common to all columns, so it is applied to the finished sums.
override PACKS: u32;          // packs in a row of W
override ROWS: u32;           // rows of W
override NORM: bool = false;
override ADD: bool = false;
override COLUMNS: f32 = 1.0;  // values in x, for the mean of its squares
override EPSILON: f32 = 1e-5;
override SUMS: u32 = ROWS_EACH + 1u;  // the rows, and the squares of x

@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;        // [PACKS * PACK4], zeros past the end
@group(0) @binding(3) var<storage, read> norm: array<vec4<f32>>;     // as x; not read unless NORM
@group(0) @binding(4) var<storage, read_write> out: array<f32>;      // [ROWS]

@compute @workgroup_size(THREADS)
fn main(ids: Ids) {
  let lane = ids.thread % LANES;
  let row = block_row(ids);
  let first = row_starts(row);
  let second = row_starts(row + 4u);
  var low = vec4<f32>();
  var high = vec4<f32>();
  var squares = 0.0;
  // All lanes go round as often: shuffles follow, and not every compiler brings lanes together again after a loop.
  for (var base = 0u; base < PACKS; base += LANES) {
    let pack = base + lane;
    if (pack < PACKS) {
      var side: Side;
      for (var i = 0u; i < PACK4; i++) {
        var value = x[pack * PACK4 + i];
        if (NORM) {
          squares += dot(value, value);
          value *= norm[pack * PACK4 + i];
        }
        set_side(&side, i, value);
      }
      let extra = prepare(&side);
      low += block_dot(first + pack, &side, extra);
      if (ROWS_EACH > 4u) {
        high += block_dot(second + pack, &side, extra);
      }
    }
  }
  let span = lane_span(ids);
  keep_rows(0u, ids, span, low, high);
  keep_sum(ROWS_EACH, ids, span, squares);
  workgroupBarrier();
  for (var i = lane; i < ROWS_EACH && row + i < ROWS; i += LANES) {
    var y = total_of(i, ids);
    if (NORM) {
      y *= inverseSqrt(total_of(ROWS_EACH, ids) / COLUMNS + EPSILON);
    }
    if (ADD) {
      out[row + i] += y;
    } else {
      out[row + i] = y;
    }
  }
}

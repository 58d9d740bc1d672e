// A few tokens through a matrix, its weights read once for all of them: out = W x, W rmsnorm(x), out += W x, or
// out = silu(out) * W rmsnorm(x). Drafted tokens are judged this way, all at once. A token's sums are added up in the order of
// gemv.wgsl, so that its result doesn't depend on how many came with it.
override PACKS: u32;            // packs in a row of W
override ROWS: u32;             // rows of W
override TOKENS: u32;           // room for so many, 8 at most
override NORM: bool = false;
override EPILOGUE: u32 = 0u;    // 0 store, 1 add, 2 silu(out) * result
override COLUMNS: f32 = 1.0;    // values in a row of x, for the mean of its squares
override EPSILON: f32 = 1e-5;
override X_STRIDE4: u32;        // vec4s from one token's row in x to the next's
override OUT_STRIDE: u32;       // floats from one token's row in out to the next's
override SUMS: u32 = 5u * TOKENS;  // of each: 4 rows, and the squares of x

@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;        // [tokens, X_STRIDE4], zeros past the end of a row
@group(0) @binding(3) var<storage, read> norm: array<vec4<f32>>;     // a row of x; not read unless NORM
@group(0) @binding(4) var<storage, read> batch: array<u32>;          // position of the first token, tokens, ...
@group(0) @binding(5) var<storage, read_write> out: array<f32>;      // [tokens, OUT_STRIDE]

fn keep_token(token: u32, ids: Ids, span: u32, rows: vec4<f32>, squares: f32) {
  if (token < TOKENS) {
    keep_rows(5u * token, ids, span, rows, vec4<f32>());
    keep_sum(5u * token + 4u, ids, span, squares);
  }
}

@compute @workgroup_size(THREADS)
fn main(ids: Ids) {
  let tokens = min(batch[1], TOKENS);
  let lane = ids.thread % LANES;
  let row = block_row(ids);
  let first = row_starts(row);
  var rows: array<vec4<f32>, 8>;
  var squares: array<f32, 8>;
  // All lanes go round as often: shuffles follow, and not every compiler brings lanes together again after a loop.
  for (var base = 0u; base < PACKS; base += LANES) {
    let pack = base + lane;
    if (pack < PACKS) {
      let at = first + pack;
      let codes0 = weights[at.x];
      let codes1 = weights[at.y];
      let codes2 = weights[at.z];
      let codes3 = weights[at.w];
      let scale = vec4<f32>(scale_at(at.x), scale_at(at.y), scale_at(at.z), scale_at(at.w));
      for (var token = 0u; token < TOKENS; token++) {
        if (token < tokens) {
          var side: Side;
          var sum = squares[token];
          for (var i = 0u; i < PACK4; i++) {
            var value = x[token * X_STRIDE4 + pack * PACK4 + i];
            if (NORM) {
              sum += dot(value, value);
              value *= norm[pack * PACK4 + i];
            }
            set_side(&side, i, value);
          }
          squares[token] = sum;
          let extra = prepare(&side);
          rows[token] += scale * vec4<f32>(
            side_dot(codes0, &side, extra), side_dot(codes1, &side, extra),
            side_dot(codes2, &side, extra), side_dot(codes3, &side, extra));
        }
      }
    }
  }
  let span = lane_span(ids);
  // One by one: lanes exchange their sums here, which not every compiler gets right in a loop.
  keep_token(0u, ids, span, rows[0], squares[0]);
  keep_token(1u, ids, span, rows[1], squares[1]);
  keep_token(2u, ids, span, rows[2], squares[2]);
  keep_token(3u, ids, span, rows[3], squares[3]);
  keep_token(4u, ids, span, rows[4], squares[4]);
  keep_token(5u, ids, span, rows[5], squares[5]);
  keep_token(6u, ids, span, rows[6], squares[6]);
  keep_token(7u, ids, span, rows[7], squares[7]);
  workgroupBarrier();
  // Of 4 rows of each token, a lane takes every LANES-th.
  for (var i = lane; i < 4u * tokens; i += LANES) {
    let token = i / 4u;
    let column = row + i % 4u;
    if (column >= ROWS) {
      continue;
    }
    var y = total_of(5u * token + i % 4u, ids);
    if (NORM) {
      y *= inverseSqrt(total_of(5u * token + 4u, ids) / COLUMNS + EPSILON);
    }
    let at = token * OUT_STRIDE + column;
    if (EPILOGUE == 0u) {
      out[at] = y;
    } else if (EPILOGUE == 1u) {
      out[at] += y;
    } else {
      let gate = out[at];
      out[at] = gate / (1.0 + exp(min(-gate, 80.0))) * y;
    }
  }
}

// The output projection while decoding: out += W attention, where attention still lies in a few splits. Each workgroup
// merges them while loading, which saves a dispatch; with many splits `merge` does it once instead.
override PACKS: u32;          // packs in a row of W
override ROWS: u32;           // rows of W
override HEADS: u32;
override HEAD_DIM: u32;
override STRIDE4: u32;        // vec4s from one split to the next
override SUMS: u32 = ROWS_EACH;

@group(0) @binding(2) var<storage, read> parts: array<vec4<f32>>;     // [splits, STRIDE4], zeros past HEADS * HEAD_DIM
@group(0) @binding(3) var<storage, read> stats: array<vec2<f32>>;     // [splits, HEADS]: largest score, sum of exp
@group(0) @binding(4) var<storage, read> state: array<u32>;           // position, ...
@group(0) @binding(5) var<storage, read_write> out: array<f32>;       // [ROWS]

var<workgroup> shares: array<vec4<f32>, HEADS>;                       // share of each split in each head

@compute @workgroup_size(THREADS)
fn main(ids: Ids) {
  let splits = split_count(state[0] + 1u);
  for (var head = ids.thread; head < HEADS; head += THREADS) {
    var largest = NO_SCORE;
    for (var s = 0u; s < splits; s++) {
      largest = max(largest, stats[s * HEADS + head].x);
    }
    var share = vec4<f32>();
    var sum = 0.0;
    for (var s = 0u; s < splits; s++) {
      let stat = stats[s * HEADS + head];
      let factor = exp(stat.x - largest);
      // By a comparison: some compilers unroll a write to a component that is not known in advance, or give it up.
      share = select(share, vec4<f32>(factor), vec4<u32>(0u, 1u, 2u, 3u) == vec4<u32>(s));
      sum += factor * stat.y;
    }
    shares[head] = share / sum;
  }
  workgroupBarrier();

  let lane = ids.thread % LANES;
  let row = block_row(ids);
  let first = row_starts(row);
  let second = row_starts(row + 4u);
  var low = vec4<f32>();
  var high = vec4<f32>();
  // All lanes go round as often: shuffles follow, and not every compiler brings lanes together again after a loop.
  for (var base = 0u; base < PACKS; base += LANES) {
    let pack = base + lane;
    if (pack < PACKS) {
      var side: Side;
      for (var i = 0u; i < PACK4; i++) {
        let at = pack * PACK4 + i;
        let share = shares[min(at * 4u / HEAD_DIM, HEADS - 1u)];
        var value = share.x * parts[at];
        for (var s = 1u; s < splits; s++) {
          value += share[s] * parts[s * STRIDE4 + at];
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
  workgroupBarrier();
  for (var i = lane; i < ROWS_EACH && row + i < ROWS; i += LANES) {
    out[row + i] += total_of(i, ids);
  }
}

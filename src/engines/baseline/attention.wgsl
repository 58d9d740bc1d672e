// Of a layer, 5. QUERIES queries that share a key-value head, TILE positions at a time through workgroup memory, all positions
// in one workgroup. Decoding: the query heads of a key-value head; grid: x = KV_HEADS. Prompts: tokens of one head; grid: x = tokens
// / QUERIES, y = heads; every tile of positions is computed, and masked.
@group(0) @binding(0) var<storage, read> q: array<f32>;             // [tokens, HEADS, HEAD_DIM]
@group(0) @binding(1) var<storage, read> keys: array<u32>;          // [positions, KV_HEADS, HEAD_DIM / 2] of 2 halves
@group(0) @binding(2) var<storage, read> values: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;     // [tokens, HEADS, HEAD_DIM]
@group(0) @binding(4) var<uniform> call: vec4<u32>;

const NONE = -3.0e38;
const EACH = (QUERIES * HEAD_DIM + 63u) / 64u;                      // values of the result a thread

var<workgroup> query: array<f32, QUERIES * HEAD_DIM>;
var<workgroup> tile: array<u32, TILE * HEAD_DIM / 2u>;
var<workgroup> scores: array<f32, QUERIES * TILE>;
var<workgroup> largest: array<f32, QUERIES>;
var<workgroup> total: array<f32, QUERIES>;
var<workgroup> fade: array<f32, QUERIES>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let words = HEAD_DIM / 2u;
  let token0 = select(0u, group.x * QUERIES, BY_TOKEN);
  let head0 = select(group.x * QUERIES, group.y, BY_TOKEN);
  let kv_head = head0 / (HEADS / KV_HEADS);
  let length = call.x + call.y;
  let head_step = select(1u, 0u, BY_TOKEN);
  let token_step = select(0u, 1u, BY_TOKEN);

  for (var i = thread; i < QUERIES * HEAD_DIM; i += 64u) {
    let n = i / HEAD_DIM;
    let token = min(token0 + n * token_step, call.y - 1u);
    query[i] = q[(token * HEADS + head0 + n * head_step) * HEAD_DIM + i % HEAD_DIM] * inverseSqrt(f32(HEAD_DIM));
  }
  for (var n = thread; n < QUERIES; n += 64u) {
    largest[n] = NONE;
    total[n] = 0.0;
  }
  var sums: array<f32, EACH>;
  for (var first = 0u; first < length; first += TILE) {
    let held = min(TILE, length - first);
    workgroupBarrier();
    for (var i = thread; i < held * words; i += 64u) {
      let position = first + i / words;
      tile[i] = keys[(position * KV_HEADS + kv_head) * words + i % words];
    }
    workgroupBarrier();
    for (var i = thread; i < QUERIES * TILE; i += 64u) {
      let n = i / TILE;
      let at = i % TILE;
      if (at >= held) {
        continue;
      }
      var score = 0.0;
      for (var word = 0u; word < words; word++) {
        let key = unpack2x16float(tile[at * words + word]);
        score += query[n * HEAD_DIM + 2u * word] * key.x;
        score += query[n * HEAD_DIM + 2u * word + 1u] * key.y;
      }
      let sees = call.x + token0 + n * token_step;
      scores[i] = select(NONE, score, first + at <= sees);
    }
    workgroupBarrier();
    for (var n = thread; n < QUERIES; n += 64u) {
      var now = largest[n];
      for (var at = 0u; at < held; at++) {
        now = max(now, scores[n * TILE + at]);
      }
      var sum = 0.0;
      for (var at = 0u; at < held; at++) {
        let score = scores[n * TILE + at];
        let share = select(exp(score - now), 0.0, score == NONE);
        scores[n * TILE + at] = share;
        sum += share;
      }
      fade[n] = exp(largest[n] - now);
      total[n] = total[n] * fade[n] + sum;
      largest[n] = now;
    }
    for (var i = thread; i < held * words; i += 64u) {
      let position = first + i / words;
      tile[i] = values[(position * KV_HEADS + kv_head) * words + i % words];
    }
    workgroupBarrier();
    for (var e = 0u; e < EACH; e++) {
      let i = thread + e * 64u;
      if (i < QUERIES * HEAD_DIM) {
        let n = i / HEAD_DIM;
        let d = i % HEAD_DIM;
        var sum = sums[e] * fade[n];
        for (var at = 0u; at < held; at++) {
          sum += scores[n * TILE + at] * unpack2x16float(tile[at * words + d / 2u])[d & 1u];
        }
        sums[e] = sum;
      }
    }
  }
  for (var e = 0u; e < EACH; e++) {
    let i = thread + e * 64u;
    let n = i / HEAD_DIM;
    let token = token0 + n * token_step;
    if (i < QUERIES * HEAD_DIM && token < call.y) {
      out[(token * HEADS + head0 + n * head_step) * HEAD_DIM + i % HEAD_DIM] = sums[e] / total[n];
    }
  }
}

// Attention of one new token, after its QKV projection: rotates its query and key (RoPE), appends key and value to the cache,
// and attends over one split of the positions held. Grid: x = key-value heads * BLOCKS, y = splits; up to 4 query heads that
// share a key-value head are the 4 components of every vec4, so that the cache is read once for them. For a batch of tokens
// z is the token: then queries are turned and entries appended before (rope-append), because tokens see one another's.
override HEADS: u32;
override KV_HEADS: u32;
override THREADS: u32;        // at least HEAD_DIM / 2
override STRIDE: u32;         // floats from one split's part to the next's
override BATCH: bool = false;
const NONE = -1.0e30;         // stands for minus infinity, which WGSL doesn't promise; exp of it stays clear of infinities too

@group(0) @binding(0) var<storage, read> qkv: array<f32>;                   // [tokens, HEADS + 2 KV_HEADS, HEAD_DIM]
@group(0) @binding(1) var<storage, read_write> keys: array<KeyPack>;        // as kv-f16.wgsl or kv-i8.wgsl has them
@group(0) @binding(2) var<storage, read_write> values: array<u32>;
@group(0) @binding(3) var<storage, read> rope_table: array<vec2<f32>>;           // [256 + positions / 256, HEAD_DIM / 2]
@group(0) @binding(4) var<storage, read> state: array<u32>;                 // position of the first token, ...
@group(0) @binding(5) var<storage, read_write> parts: array<f32>;           // [tokens, MAX_SPLITS, STRIDE]: sum of exp * value, [HEADS, HEAD_DIM]
@group(0) @binding(6) var<storage, read_write> stats: array<vec2<f32>>;     // [tokens, MAX_SPLITS, HEADS]: largest score, sum of exp

var<workgroup> query: array<vec4<f32>, HEAD_DIM>;
var<workgroup> new_key: array<KeyPack, HEAD_DIM / 8>;
var<workgroup> new_value: array<ValuePack, HEAD_DIM / 4>;
var<workgroup> shares: array<vec4<f32>, THREADS>;
var<workgroup> scratch: array<vec4<f32>, THREADS>;
var<workgroup> slice_sums: array<vec4<f32>, THREADS>;

// Element d of the head at `base`, turned.
fn turned(base: u32, d: u32, position: u32) -> f32 {
  if (BATCH) {
    return qkv[base + d];
  }
  let half = HEAD_DIM / 2u;
  if (d < half) {
    let t = rope_angle(position, d);
    return qkv[base + d] * t.x - qkv[base + d + half] * t.y;
  }
  let t = rope_angle(position, d - half);
  return qkv[base + d] * t.x + qkv[base + d - half] * t.y;
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let shared_by = HEADS / KV_HEADS;
  let blocks = (shared_by + 3u) / 4u;
  let kv_head = group.x / blocks;
  let block = group.x % blocks;
  // Heads past the last are computed as copies of it and not written.
  let in_group = min(vec4<u32>(block * 4u) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(shared_by - 1u));
  let head = vec4<u32>(kv_head * shared_by) + in_group;
  let wanted = min(4u, shared_by - block * 4u);

  let position = state[0] + group.z;
  let row = group.z * (HEADS + 2u * KV_HEADS) * HEAD_DIM;
  let split = group.z * MAX_SPLITS + group.y;
  let length = position + 1u;
  let per_split = split_length(length);
  let begin = min(group.y * per_split, length);
  let end = min(begin + per_split, length);

  let scale = inverseSqrt(f32(HEAD_DIM));
  for (var d = thread; d < HEAD_DIM; d += THREADS) {
    query[d] = scale * vec4<f32>(
      turned(row + head.x * HEAD_DIM, d, position), turned(row + head.y * HEAD_DIM, d, position),
      turned(row + head.z * HEAD_DIM, d, position), turned(row + head.w * HEAD_DIM, d, position));
  }
  // Largest magnitudes of the new key and value, where entries have a scale.
  var new_largest = vec2<f32>();
  if (!BATCH && end == length) {
    // The new token's own entry: read from here, because another workgroup may be the one that stores it.
    let key_base = (HEADS + kv_head) * HEAD_DIM;
    let value_base = (HEADS + KV_HEADS + kv_head) * HEAD_DIM;
    let stores = block == 0u && begin < end;
    if (SCALED) {
      var most = vec2<f32>();
      for (var d = thread; d < HEAD_DIM; d += THREADS) {
        most = max(most, abs(vec2<f32>(turned(key_base, d, position), qkv[value_base + d])));
      }
      scratch[thread] = vec4<f32>(most, 0.0, 0.0);
      workgroupBarrier();
      for (var i = 0u; i < THREADS; i++) {
        new_largest = max(new_largest, scratch[i].xy);
      }
      if (thread == 0u && stores) {
        store_key_scale(position, kv_head, new_largest.x);
        store_value_scale(position, kv_head, new_largest.y);
      }
    }
    for (var i = thread; i < HEAD_DIM / 8u; i += THREADS) {
      let d = i * 8u;
      let key = key_pack(
        vec4<f32>(
          turned(key_base, d, position), turned(key_base, d + 1u, position),
          turned(key_base, d + 2u, position), turned(key_base, d + 3u, position)),
        vec4<f32>(
          turned(key_base, d + 4u, position), turned(key_base, d + 5u, position),
          turned(key_base, d + 6u, position), turned(key_base, d + 7u, position)),
        new_largest.x);
      new_key[i] = key;
      if (stores) {
        keys[key_row(position, kv_head) + i] = key;
      }
    }
    for (var i = thread; i < HEAD_DIM / 4u; i += THREADS) {
      let at = value_base + 4u * i;
      let value = value_pack(vec4<f32>(qkv[at], qkv[at + 1u], qkv[at + 2u], qkv[at + 3u]), new_largest.y);
      new_value[i] = value;
      if (stores) {
        store_value(position, kv_head, i, value);
      }
    }
  }
  workgroupBarrier();

  let words = HEAD_DIM / 2u;
  let slices = THREADS / words;
  let word = thread % words;
  let slice = thread / words;
  var largest = vec4<f32>(NONE);
  var sum = vec4<f32>();
  var even = vec4<f32>();
  var odd = vec4<f32>();
  for (var tile = begin; tile < end; tile += THREADS) {
    let mine = tile + thread;
    var score = vec4<f32>(NONE);
    if (mine < end) {
      score = vec4<f32>();
      let entry = key_row(mine, kv_head);
      for (var i = 0u; i < HEAD_DIM / 8u; i++) {
        var key: KeyPack;
        if (!BATCH && mine == position) {
          key = new_key[i];
        } else {
          key = keys[entry + i];
        }
        let low = key_low(key);
        let high = key_high(key);
        score += query[8u * i] * low.x + query[8u * i + 1u] * low.y + query[8u * i + 2u] * low.z + query[8u * i + 3u] * low.w
               + query[8u * i + 4u] * high.x + query[8u * i + 5u] * high.y + query[8u * i + 6u] * high.z + query[8u * i + 7u] * high.w;
      }
      if (SCALED) {
        if (!BATCH && mine == position) {
          score *= new_largest.x;
        } else {
          score *= key_scale(mine, kv_head);
        }
      }
    }
    scratch[thread] = score;
    for (var step = THREADS / 2u; step > 0u; step >>= 1u) {
      workgroupBarrier();
      if (thread < step) {
        scratch[thread] = max(scratch[thread], scratch[thread + step]);
      }
    }
    workgroupBarrier();
    let now = max(largest, scratch[0]);
    let fade = exp(largest - now);
    largest = now;
    shares[thread] = select(vec4<f32>(), exp(score - now), mine < end);
    workgroupBarrier();
    sum *= fade;
    even *= fade;
    odd *= fade;
    if (slice < slices) {
      let held = min(THREADS, end - tile);
      for (var i = slice; i < held; i += slices) {
        var value: vec2<f32>;
        if (!BATCH && tile + i == position) {
          value = pack_pair(new_value[word >> 1u], word, new_largest.y);
        } else {
          value = value_pair(tile + i, kv_head, word);
        }
        let share = shares[i];
        sum += share;
        even += share * value.x;
        odd += share * value.y;
      }
    }
  }
  workgroupBarrier();
  shares[thread] = even;
  scratch[thread] = odd;
  slice_sums[thread] = sum;
  workgroupBarrier();
  if (slice != 0u) {
    return;
  }
  for (var s = 1u; s < slices; s++) {
    even += shares[s * words + word];
    odd += scratch[s * words + word];
    sum += slice_sums[s * words + word];
  }
  for (var i = 0u; i < wanted; i++) {
    let at = split * STRIDE + head[i] * HEAD_DIM + 2u * word;
    parts[at] = even[i];
    parts[at + 1u] = odd[i];
    if (word == 0u) {
      stats[split * HEADS + head[i]] = vec2<f32>(largest[i], sum[i]);
    }
  }
}

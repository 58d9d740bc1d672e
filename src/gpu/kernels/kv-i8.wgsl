// Keys and values in 8 bits, symmetric: code / 127 times the head's largest magnitude at that position, which lies behind the
// head's codes. Each scale has a word of its own: a head's row belongs to one workgroup, and no two write to one vector.
const SCALED = true;
alias KeyPack = vec2<u32>;    // 8 codes; keys: [positions, KV_HEADS, HEAD_DIM / 8 + 1], the last (largest magnitude, unused)
alias ValuePack = u32;        // 4 codes; values: [positions, KV_HEADS, HEAD_DIM / 4 + 1] words, the last the largest magnitude

fn key_row(position: u32, kv_head: u32) -> u32 {
  return (position * KV_HEADS + kv_head) * (HEAD_DIM / 8u + 1u);
}

fn key_low(pack: KeyPack) -> vec4<f32> {
  return unpack4x8snorm(pack.x);
}

fn key_high(pack: KeyPack) -> vec4<f32> {
  return unpack4x8snorm(pack.y);
}

// What a score of a position's key is multiplied by.
fn key_scale(position: u32, kv_head: u32) -> f32 {
  return bitcast<f32>(keys[key_row(position, kv_head) + HEAD_DIM / 8u].x);
}

fn value_row(position: u32, kv_head: u32) -> u32 {
  return (position * KV_HEADS + kv_head) * (HEAD_DIM / 4u + 1u);
}

// Of 4 codes the pair that holds elements 2 `word` and 2 `word` + 1.
fn code_pair(codes: u32, word: u32) -> vec2<f32> {
  let four = unpack4x8snorm(codes);
  return select(four.xy, four.zw, (word & 1u) == 1u);
}

// Elements 2 `word` and 2 `word` + 1 of a position's value.
fn value_pair(position: u32, kv_head: u32, word: u32) -> vec2<f32> {
  let row = value_row(position, kv_head);
  return code_pair(values[row + (word >> 1u)], word) * bitcast<f32>(values[row + HEAD_DIM / 4u]);
}

// Keys and values as halves. As kv-i8.wgsl has them, but with no scale.
const SCALED = false;
alias KeyPack = vec4<u32>;    // 8 elements; keys: [positions, KV_HEADS, HEAD_DIM / 8]
alias ValuePack = vec2<u32>;  // 4 elements; values: [positions, KV_HEADS, HEAD_DIM / 2] words

fn key_row(position: u32, kv_head: u32) -> u32 {
  return (position * KV_HEADS + kv_head) * (HEAD_DIM / 8u);
}

fn key_low(pack: KeyPack) -> vec4<f32> {
  return vec4<f32>(unpack2x16float(pack.x), unpack2x16float(pack.y));
}

fn key_high(pack: KeyPack) -> vec4<f32> {
  return vec4<f32>(unpack2x16float(pack.z), unpack2x16float(pack.w));
}

// What a score of a position's key is multiplied by.
fn key_scale(position: u32, kv_head: u32) -> f32 {
  return 1.0;
}

// Elements 2 `word` and 2 `word` + 1 of a position's value.
fn value_pair(position: u32, kv_head: u32, word: u32) -> vec2<f32> {
  return unpack2x16float(values[(position * KV_HEADS + kv_head) * (HEAD_DIM / 2u) + word]);
}

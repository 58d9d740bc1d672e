// Scales lie as bfloat16, two a word: the upper half of a float32.
fn scale_of(word: u32, index: u32) -> f32 {
  return bitcast<f32>(select(word << 16u, word & 0xffff0000u, (index & 1u) == 1u));
}

// Scales lie as halves, two a word.
fn scale_of(word: u32, index: u32) -> f32 {
  return unpack2x16float(word)[index & 1u];
}

// Nothing is quantised; the scales' binding holds the weights again.
fn scale_of(word: u32, index: u32) -> f32 {
  return 1.0;
}

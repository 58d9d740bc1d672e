// By its bits: WGSL lets a compiler assume that no number is infinite or NaN, and fold a comparison that asks.
fn is_finite(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u;
}

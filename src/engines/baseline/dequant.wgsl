// A quantised matrix read one value at a time. Constants WORDS, GROUPS (a row's), PER_WORD, BITS, GROUP, ZERO stand before.
@group(0) @binding(0) var<storage, read> weights: array<u32>;     // [rows, WORDS]
@group(0) @binding(1) var<storage, read> scales: array<u32>;      // [rows, GROUPS] halves, two a word

fn scale_at(at: u32) -> f32 {
  return unpack2x16float(scales[at >> 1u])[at & 1u];
}

fn weight_at(row: u32, column: u32) -> f32 {
  let word = weights[row * WORDS + column / PER_WORD];
  let code = (word >> ((column % PER_WORD) * BITS)) & ((1u << BITS) - 1u);
  return (f32(code) - ZERO) * scale_at(row * GROUPS + column / GROUP);
}

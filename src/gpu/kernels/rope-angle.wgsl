// RoPE's angles from a small exact table: pos = 256 * high + low, and the rotation by pos is the product of two entries as complex
// numbers. WGSL's own cos and sin are promised to 2^-11 only, and to nothing at angles beyond pi.
override HEAD_DIM: u32;

// (cos, sin) of position * frequency[pair].
fn rope_angle(position: u32, pair: u32) -> vec2<f32> {
  let half = HEAD_DIM / 2u;
  let low = rope_table[(position & 255u) * half + pair];
  let high = rope_table[(256u + (position >> 8u)) * half + pair];
  return vec2<f32>(low.x * high.x - low.y * high.y, low.x * high.y + low.y * high.x);
}

// How kernels that append write entries of kv-i8.wgsl.

// What a row is divided by; a row of zeros by something, too.
fn safe(largest: f32) -> f32 {
  return max(largest, 1e-30);
}

fn key_pack(low: vec4<f32>, high: vec4<f32>, largest: f32) -> KeyPack {
  return vec2<u32>(pack4x8snorm(low / safe(largest)), pack4x8snorm(high / safe(largest)));
}

fn value_pack(value: vec4<f32>, largest: f32) -> ValuePack {
  return pack4x8snorm(value / safe(largest));
}

fn pack_pair(pack: ValuePack, word: u32, largest: f32) -> vec2<f32> {
  return code_pair(pack, word) * largest;
}

// Elements 4 `i` to 4 `i` + 3 of a position's value.
fn store_value(position: u32, kv_head: u32, i: u32, pack: ValuePack) {
  values[value_row(position, kv_head) + i] = pack;
}

fn store_key_scale(position: u32, kv_head: u32, largest: f32) {
  keys[key_row(position, kv_head) + HEAD_DIM / 8u] = vec2<u32>(bitcast<u32>(largest), 0u);
}

fn store_value_scale(position: u32, kv_head: u32, largest: f32) {
  values[value_row(position, kv_head) + HEAD_DIM / 4u] = bitcast<u32>(largest);
}

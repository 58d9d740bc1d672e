// How kernels that append write entries of kv-f16.wgsl. What halves can't hold is cut: WGSL leaves open what packing makes of it.
const HALF_MAX = vec4<f32>(65504.0);

fn key_pack(low: vec4<f32>, high: vec4<f32>, largest: f32) -> KeyPack {
  let a = clamp(low, -HALF_MAX, HALF_MAX);
  let b = clamp(high, -HALF_MAX, HALF_MAX);
  return vec4<u32>(pack2x16float(a.xy), pack2x16float(a.zw), pack2x16float(b.xy), pack2x16float(b.zw));
}

fn value_pack(value: vec4<f32>, largest: f32) -> ValuePack {
  let cut = clamp(value, -HALF_MAX, HALF_MAX);
  return vec2<u32>(pack2x16float(cut.xy), pack2x16float(cut.zw));
}

fn pack_pair(pack: ValuePack, word: u32, largest: f32) -> vec2<f32> {
  return unpack2x16float(select(pack.x, pack.y, (word & 1u) == 1u));
}

// Elements 4 `i` to 4 `i` + 3 of a position's value.
fn store_value(position: u32, kv_head: u32, i: u32, pack: ValuePack) {
  let at = (position * KV_HEADS + kv_head) * (HEAD_DIM / 2u) + 2u * i;
  values[at] = pack.x;
  values[at + 1u] = pack.y;
}

fn store_key_scale(position: u32, kv_head: u32, largest: f32) {}

fn store_value_scale(position: u32, kv_head: u32, largest: f32) {}

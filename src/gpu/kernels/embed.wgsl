// The first step of the forward pass: each token's row of the embedding, dequantised. Grid: x = units / 64, y = tokens. An
// embedding over the binding limit lies in chunks of rows, a dispatch each: a token in another chunk is left alone.
override PACKS: u32;          // packs in a row
override COLUMNS: u32;        // values in a row; past them x stays 0, though code 0 stands for another value
override STRIDE4: u32;        // vec4s from one token's row in x to the next's
override FIRST: u32;          // row of the embedding where this chunk starts
override ROWS: u32;           // rows in this chunk
override TOKENS_AT: u32;      // index of the first token

@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>;     // [ROWS, PACKS]
@group(0) @binding(1) var<storage, read> scales: array<u32>;            // [ROWS, PACKS], two a word
@group(0) @binding(2) var<storage, read> tokens: array<u32>;
@group(0) @binding(3) var<storage, read_write> x: array<vec4<f32>>;     // [tokens, STRIDE4]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let pack = id.x / UNITS_PER_PACK;
  let unit = id.x % UNITS_PER_PACK;
  let row = tokens[TOKENS_AT + id.y] - FIRST;
  if (pack >= PACKS || row >= ROWS) {
    return;
  }
  let at = row * PACKS + pack;
  var values = unit_values(weights[at], unit);
  let scale = scale_of(scales[at >> 1u], at);
  for (var i = 0u; i < UNIT4; i++) {
    let column = vec4<u32>((id.x * UNIT4 + i) * 4u) + vec4<u32>(0u, 1u, 2u, 3u);
    x[id.y * STRIDE4 + id.x * UNIT4 + i] = select(vec4<f32>(), values[i] * scale, column < vec4<u32>(COLUMNS));
  }
}

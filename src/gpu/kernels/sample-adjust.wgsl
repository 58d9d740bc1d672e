// Sampling, before its first stage, where an answer has biases, penalties of its own tokens or a constraint: the logits as the
// other stages see them. The model's own stay as they are. Grid: x = vocab / 256.
override VOCAB: u32;
const BANNED = -1.0e30;       // below any logit, and finite; src/llama/sampling.ts has the same

@group(0) @binding(0) var<storage, read> logits: array<f32>;              // [VOCAB]
@group(0) @binding(1) var<storage, read_write> notes: array<vec2<f32>>;   // [VOCAB]: bias, times the answer has the token
@group(0) @binding(2) var<storage, read> allowed: array<u32>;             // [VOCAB / 32] bits, read where there is a constraint
@group(0) @binding(3) var<uniform> sampling: Sampling;
@group(0) @binding(4) var<storage, read> state: array<u32>;               // position, token drawn last, finite
@group(0) @binding(5) var<storage, read_write> adjusted: array<f32>;      // [VOCAB]

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) at: vec3<u32>) {
  let id = at.x;
  if (id >= VOCAB) {
    return;
  }
  var note = notes[id];
  // The token drawn last is the answer's, unless it is the prompt's end. One thread has each token: no race.
  if (id == state[1] && state[0] >= sampling.answer_from) {
    note.y += 1.0;
    notes[id] = note;
  }
  let penalty = note.y * sampling.frequency + select(0.0, sampling.presence, note.y > 0.0);
  let banned = sampling.constrained != 0u && ((allowed[id >> 5u] >> (id & 31u)) & 1u) == 0u;
  // One that is not finite stays so, also where it is banned: the next stage tells of it.
  adjusted[id] = select(logits[id] + note.x - penalty, BANNED, banned && is_finite(logits[id]));
}

// After a draw, where probabilities are asked for, one workgroup: log softmax of the model's own logits, for the token drawn
// and for the likeliest, by falling logit, the lower id first on a tie.
override VOCAB: u32;

@group(0) @binding(0) var<storage, read> logits: array<f32>;              // [VOCAB]
@group(0) @binding(1) var<uniform> sampling: Sampling;
@group(0) @binding(2) var<storage, read> state: array<u32>;               // position, token, finite
@group(0) @binding(3) var<storage, read_write> out: array<vec2<u32>>;     // [1 + TOP]: id, bits of the logarithm

var<workgroup> best: array<f32, 256>;
var<workgroup> best_id: array<u32, 256>;
var<workgroup> sums: array<f32, 256>;
var<workgroup> winner: vec2<u32>;

// This thread's first token, in the order, after the one given; id VOCAB where it has none.
fn next_after(thread: u32, value: f32, id: u32) {
  var found = -3.0e38;
  var found_id = VOCAB;
  for (var i = thread; i < VOCAB; i += 256u) {
    let own = logits[i];
    let after = own < value || (own == value && i > id);
    if (after && (own > found || found_id == VOCAB)) {
      found = own;
      found_id = i;
    }
  }
  best[thread] = found;
  best_id[thread] = found_id;
}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
  next_after(thread, 3.0e38, 0u);
  var value = best[thread];
  var id = best_id[thread];
  var largest = 0.0;
  var log_total = 0.0;
  for (var rank = 0u; rank <= sampling.logprobs; rank++) {
    // The best of all threads, in a tree of its own copies.
    for (var step = 128u; step > 0u; step >>= 1u) {
      workgroupBarrier();
      if (thread < step) {
        let other = best[thread + step];
        let other_id = best_id[thread + step];
        if (other_id != VOCAB && (best_id[thread] == VOCAB || other > best[thread] || (other == best[thread] && other_id < best_id[thread]))) {
          best[thread] = other;
          best_id[thread] = other_id;
        }
      }
    }
    if (thread == 0u) {
      winner = vec2<u32>(best_id[0], bitcast<u32>(best[0]));
    }
    let won = workgroupUniformLoad(&winner);
    if (rank == 0u) {
      largest = bitcast<f32>(won.y);
      var part = 0.0;
      for (var i = thread; i < VOCAB; i += 256u) {
        part += exp(logits[i] - largest);
      }
      sums[thread] = part;
      for (var step = 128u; step > 0u; step >>= 1u) {
        workgroupBarrier();
        if (thread < step) {
          sums[thread] += sums[thread + step];
        }
      }
      workgroupBarrier();
      log_total = largest + log(sums[0]);
      if (thread == 0u) {
        let token = min(state[1], VOCAB - 1u);
        out[0] = vec2<u32>(token, bitcast<u32>(logits[token] - log_total));
      }
    }
    if (thread == 0u && rank < sampling.logprobs) {
      out[1u + rank] = vec2<u32>(won.x, bitcast<u32>(bitcast<f32>(won.y) - log_total));
    }
    if (id == won.x && id != VOCAB) {
      next_after(thread, value, id);
      value = best[thread];
      id = best_id[thread];
    } else {
      best[thread] = value;
      best_id[thread] = id;
    }
  }
}

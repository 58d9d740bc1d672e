// What the sampling kernels share: the settings, and a logit as the sampler sees it.
struct Sampling {
  penalty: f32,
  temperature: f32,     // 0: greedy
  top_p: f32,           // 1: all
  min_distance: f32,    // min-p as a distance: -ln(minP)
  top_k: u32,           // 0: all
  seed_hash: u32,       // pcgHash(seed)
  answer_from: u32,     // tokens of the prompt
  constrained: u32,     // 1: only what `allowed` holds may be drawn
  frequency: f32,
  presence: f32,
  logprobs: u32,        // how many of the likeliest tokens are reported
  unused: u32,
}

// The repetition penalty, where the token is in the context.
fn penalized(logit: f32, seen_word: u32, id: u32, penalty: f32) -> f32 {
  if (((seen_word >> (id & 31u)) & 1u) == 0u) {
    return logit;
  }
  return select(logit * penalty, logit / penalty, logit > 0.0);
}

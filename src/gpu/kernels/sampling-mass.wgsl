// Tokens in order of falling logit without sorting: a token's distance below the largest logit becomes an integer key, its
// probability an integer mass. Integers add up to the same sum in any order, so the same seed draws the same token.
override BLOCKS: u32;         // blocks of 1024 logits

var<workgroup> scale_scratch: array<f32, 256>;
var<workgroup> scale_sixteen: array<f32, 16>;

// 2^26 steps a unit of distance, to 64: beyond, probabilities are below 2^-92.
fn key_of(distance: f32) -> u32 {
  return u32(min(max(distance, 0.0) * 0x1p26, 4294967040.0));
}

// Probability in units of 2^-31.
fn mass_of(distance: f32, total: f32) -> u32 {
  return u32(exp(-distance) / total * 0x1p31 + 0.5);
}

// Reductions go by 16 threads of 16 values each, then 16 values: two barriers, where a tree of 256 takes eight.
fn largest_of(thread: u32, value: f32) -> f32 {
  scale_scratch[thread] = value;
  workgroupBarrier();
  var largest = value;
  if (thread < 16u) {
    for (var i = 0u; i < 16u; i++) {
      largest = max(largest, scale_scratch[thread * 16u + i]);
    }
    scale_sixteen[thread] = largest;
  }
  workgroupBarrier();
  for (var i = 0u; i < 16u; i++) {
    largest = max(largest, scale_sixteen[i]);
  }
  return largest;
}

fn sum_of(thread: u32, value: f32) -> f32 {
  scale_scratch[thread] = value;
  workgroupBarrier();
  var sum = 0.0;
  if (thread < 16u) {
    for (var i = 0u; i < 16u; i++) {
      sum += scale_scratch[thread * 16u + i];
    }
    scale_sixteen[thread] = sum;
  }
  workgroupBarrier();
  sum = 0.0;
  for (var i = 0u; i < 16u; i++) {
    sum += scale_sixteen[i];
  }
  return sum;
}

// The largest logit, and the sum over all tokens of exp((logit - largest) / temperature). Called by all 256 threads.
fn largest_and_total(thread: u32) -> vec2<f32> {
  var mine = -3.0e38;
  for (var i = thread; i < BLOCKS; i += 256u) {
    mine = max(mine, blocks[i].x);
  }
  let largest = largest_of(thread, mine);
  workgroupBarrier();
  var part = 0.0;
  for (var i = thread; i < BLOCKS; i += 256u) {
    part += blocks[i].y * exp((blocks[i].x - largest) / sampling.temperature);
  }
  return vec2<f32>(largest, sum_of(thread, part));
}

// Sampling above temperature 0, last stage, one workgroup. All filters keep the beginning of the order of falling logit (the
// lower id first on a tie), so each is a mass at which the order is cut; the draw is a cut by mass too. A cut is found 8 bits of
// the key at a time, then 8 of the id, reading only blocks that can hold such tokens, and ends where one token is left.
// Semantics and generator: src/llama/sampling.ts.
override VOCAB: u32;

@group(0) @binding(0) var<storage, read> logits: array<f32>;              // [VOCAB]
@group(0) @binding(1) var<storage, read_write> seen: array<u32>;          // [VOCAB / 32] bits: the token is in the context
@group(0) @binding(2) var<uniform> sampling: Sampling;
@group(0) @binding(3) var<storage, read> blocks: array<vec4<f32>>;        // [BLOCKS]: largest, sum of exp, its id's bits, broken
@group(0) @binding(4) var<storage, read> bins: array<u32>;                // [4, 256]: tokens, mass, sum of ids, sum of keys
@group(0) @binding(5) var<storage, read_write> state: array<u32>;         // position, token, finite

var<workgroup> block_keys: array<u32, BLOCKS>;     // the least key in each block
var<workgroup> counts: array<atomic<u32>, 256>;
var<workgroup> masses: array<atomic<u32>, 256>;
var<workgroup> ids: array<atomic<u32>, 256>;
var<workgroup> keys: array<atomic<u32>, 256>;
var<workgroup> sums: array<u32, 256>;
var<workgroup> crossing: u32;                      // the bin where the target is passed, plus one; 0: none
var<workgroup> crossing_before: u32;               // sum over the bins before it
var<workgroup> last: atomic<u32>;                  // the last bin that holds a token
var<workgroup> chosen: Chosen;
var<workgroup> within: atomic<u32>;
var<workgroup> broken: atomic<u32>;                // 1: not all logits are finite

struct Chosen {
  bin: u32,
  count: u32,
  mass: u32,
  id: u32,
  before: u32,      // sum over the bins before
}

struct Cut {
  id: u32,
  through: u32,     // mass of the order's beginning, this token included
}

fn pcg_hash(value: u32) -> u32 {
  let state = value * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}

fn distance_of(id: u32, largest: f32) -> f32 {
  return (largest - penalized(logits[id], seen[id >> 5u], id, sampling.penalty)) / sampling.temperature;
}

// The first token of the order up to which more than `target_sum` tokens, or units of mass, have passed.
fn cut_at(by_mass: bool, target_sum: u32, scale: vec2<f32>, thread: u32) -> Cut {
  var key = 0u;           // digits chosen so far
  var id = 0u;
  var passed = 0u;        // tokens or mass before the chosen range
  var passed_mass = 0u;
  for (var level = 0u; level < 7u; level++) {
    let shift = 24u - 8u * (level % 4u) - select(0u, 8u, level > 3u);
    workgroupBarrier();
    if (level == 0u) {
      atomicStore(&counts[thread], bins[thread]);
      atomicStore(&masses[thread], bins[256u + thread]);
      atomicStore(&ids[thread], bins[512u + thread]);
      atomicStore(&keys[thread], bins[768u + thread]);
    } else {
      atomicStore(&counts[thread], 0u);
      atomicStore(&masses[thread], 0u);
      atomicStore(&ids[thread], 0u);
      atomicStore(&keys[thread], 0u);
      workgroupBarrier();
      // Bits of key and id that are already chosen.
      let key_mask = select(0xffffffffu, 0xffffffffu << (shift + 8u), level < 4u);
      let id_mask = select(0u, 0xffffffffu << ((shift + 8u) & 31u), level > 4u);
      for (var block = 0u; block < BLOCKS; block++) {
        if (block_keys[block] > (key | ~key_mask)) {
          continue;
        }
        for (var i = 0u; i < 4u; i++) {
          let token = block * 1024u + i * 256u + thread;
          if (token >= VOCAB) {
            continue;
          }
          let distance = distance_of(token, scale.x);
          let own = key_of(distance);
          if ((own & key_mask) == key && (token & id_mask) == id) {
            let bin = (select(token, own, level < 4u) >> shift) & 255u;
            atomicAdd(&counts[bin], 1u);
            atomicAdd(&masses[bin], mass_of(distance, scale.y));
            atomicAdd(&ids[bin], token);
            atomicAdd(&keys[bin], own);
          }
        }
      }
    }
    workgroupBarrier();

    // Running sums over the bins; the first that exceeds the target is chosen, or the last with tokens in it.
    let count = atomicLoad(&counts[thread]);
    let mass = atomicLoad(&masses[thread]);
    sums[thread] = select(count, mass, by_mass);
    if (thread == 0u) {
      crossing = 0u;
      atomicStore(&last, 0u);
      atomicStore(&within, 0u);
    }
    workgroupBarrier();
    if (thread < 16u) {
      var running = 0u;
      for (var i = thread * 16u; i < thread * 16u + 16u; i++) {
        running += sums[i];
        sums[i] = running;
      }
    }
    workgroupBarrier();
    var earlier = 0u;
    for (var i = 15u; i < (thread & ~15u); i += 16u) {
      earlier += sums[i];
    }
    let own_sum = select(count, mass, by_mass);
    let through = earlier + sums[thread];
    let before = through - own_sum;
    if (passed + through > target_sum && passed + before <= target_sum) {
      crossing = thread + 1u;
      crossing_before = before;
    }
    if (count > 0u) {
      atomicMax(&last, thread);
    }
    workgroupBarrier();
    if (thread == 0u) {
      var bin = crossing - 1u;
      var sum_before = crossing_before;
      if (crossing == 0u) {
        bin = atomicLoad(&last);
        sum_before = 0u;
        for (var i = 15u; i < (bin & ~15u); i += 16u) {
          sum_before += sums[i];
        }
        if ((bin & 15u) > 0u) {
          sum_before += sums[bin - 1u];
        }
      }
      chosen = Chosen(bin, atomicLoad(&counts[bin]), atomicLoad(&masses[bin]), atomicLoad(&ids[bin]), sum_before);
    }
    let pick = workgroupUniformLoad(&chosen);
    let bin = pick.bin;
    passed += pick.before;
    if (by_mass) {
      passed_mass = passed;
    } else {
      if (thread < bin) {
        atomicAdd(&within, mass);
      }
      workgroupBarrier();
      passed_mass += atomicLoad(&within);
    }
    if (level == 6u || pick.count == 1u) {
      return Cut(pick.id, passed_mass + pick.mass);
    }
    if (level < 4u) {
      key |= bin << shift;
    } else {
      id |= bin << shift;
    }
  }
  return Cut(0u, 0u);
}

// Mass of the tokens no farther than min-p allows.
fn mass_within(scale: vec2<f32>, thread: u32) -> u32 {
  let bound = key_of(sampling.min_distance);
  workgroupBarrier();
  atomicStore(&within, 0u);
  workgroupBarrier();
  if (thread < (bound >> 24u)) {
    atomicAdd(&within, bins[256u + thread]);
  }
  for (var block = 0u; block < BLOCKS; block++) {
    if (block_keys[block] > bound) {
      continue;
    }
    for (var i = 0u; i < 4u; i++) {
      let token = block * 1024u + i * 256u + thread;
      if (token < VOCAB) {
        let distance = distance_of(token, scale.x);
        if ((key_of(distance) >> 24u) == (bound >> 24u) && distance <= sampling.min_distance) {
          atomicAdd(&within, mass_of(distance, scale.y));
        }
      }
    }
  }
  workgroupBarrier();
  return atomicLoad(&within);
}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
  let scale = largest_and_total(thread);
  for (var block = thread; block < BLOCKS; block += 256u) {
    block_keys[block] = key_of((scale.x - blocks[block].x) / sampling.temperature);
    if (blocks[block].w != 0.0) {
      atomicOr(&broken, 1u);
    }
  }
  atomicStore(&within, 0u);
  workgroupBarrier();
  atomicAdd(&within, bins[256u + thread]);
  workgroupBarrier();
  var kept = atomicLoad(&within);
  if (sampling.top_k > 0u && sampling.top_k < VOCAB) {
    kept = cut_at(false, sampling.top_k - 1u, scale, thread).through;
  }
  if (sampling.top_p < 1.0) {
    let wanted = max(1u, u32(ceil(sampling.top_p * f32(kept))));
    kept = min(kept, cut_at(true, wanted - 1u, scale, thread).through);
  }
  if (sampling.min_distance < 64.0) {
    kept = min(kept, mass_within(scale, thread));
  }
  // The counter of the draw: tokens in the context before it.
  let step = state[0] + 1u;
  let uniform_draw = f32(pcg_hash(step + sampling.seed_hash) >> 8u) * 0x1p-24;
  let at = min(u32(uniform_draw * f32(kept)), max(kept, 1u) - 1u);
  let token = min(cut_at(true, at, scale, thread).id, VOCAB - 1u);
  workgroupBarrier();
  if (thread == 0u) {
    seen[token >> 5u] |= 1u << (token & 31u);
    state[0] = step;
    state[1] = token;
    state[2] = u32(atomicLoad(&broken) == 0u && is_finite(scale.x) && is_finite(scale.y));
  }
}

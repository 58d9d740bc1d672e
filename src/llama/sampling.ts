// The reference sampler in float64: what SamplerOptions mean, step by step. Engines are judged against it.

import type { SamplerOptions } from '../engine.ts';

/**
 * The PCG output hash of 32 bits (Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 2020): one LCG step, then
 * the RXS-M-XS permutation. Arithmetic is modulo 2^32.
 *
 *   state = v * 747796405 + 2891336453
 *   word  = ((state >> ((state >> 28) + 4)) ^ state) * 277803737
 *   hash  = (word >> 22) ^ word
 */
export function pcgHash(value: number): number {
  const state = (Math.imul(value >>> 0, 747796405) + 2891336453) >>> 0;
  const word = Math.imul(((state >>> ((state >>> 28) + 4)) ^ state) >>> 0, 277803737) >>> 0;
  return ((word >>> 22) ^ word) >>> 0;
}

/**
 * The number in [0, 1) that draws token `step`: the top 24 bits of pcgHash(step + pcgHash(seed)), over 2^24, which a
 * float32 holds exactly. A counter, not a state: a draw depends on nothing but its seed and step, so a kernel needs none.
 * @param seed unsigned 32-bit
 * @param step tokens in the context before the drawn one (its position), so that a resumed answer draws the same
 */
export function uniform(seed: number, step: number): number {
  return (pcgHash((step + pcgHash(seed)) >>> 0) >>> 8) * 2 ** -24;
}

/** Largest value, the lowest id on a tie. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let id = 1; id < values.length; id++) {
    if ((values[id] ?? -Infinity) > (values[best] ?? -Infinity)) best = id;
  }
  return best;
}

/** A token that may be drawn, and its weight. Weights are relative: they need not sum to one. */
export interface Candidate {
  id: number;
  weight: number;
}

/** Logits [vocab] after the repetition penalty (Keskar et al., CTRL): each token of the context once. */
export function penalize(
  logits: ArrayLike<number>,
  context: Iterable<number>,
  penalty: number,
): Float64Array {
  const penalized = Float64Array.from(logits);
  if (penalty === 1) return penalized;
  for (const id of new Set(context)) {
    const logit = penalized[id];
    if (logit !== undefined) penalized[id] = logit > 0 ? logit / penalty : logit * penalty;
  }
  return penalized;
}

/**
 * The tokens that stay, by falling logit, the lower id first on a tie. `temperature` must be above 0.
 * Order: temperature; the k largest (0: all); the smallest prefix whose probability reaches topP, the token that crosses
 * it included, of the distribution left by top-k; of those, the ones with probability >= minP * the largest. Weights are
 * exp((logit - largest) / temperature).
 */
export function candidates(
  penalized: ArrayLike<number>,
  options: Pick<SamplerOptions, 'temperature' | 'topK' | 'topP' | 'minP'>,
): Candidate[] {
  const { temperature, topK, topP, minP } = options;
  const largest = penalized[argmax(penalized)] ?? 0;
  const order = Array.from(penalized, (logit, id) => ({ id, logit })).sort(
    (a, b) => b.logit - a.logit || a.id - b.id,
  );
  const kept = (topK > 0 ? order.slice(0, topK) : order).map(({ id, logit }) => ({
    id,
    weight: Math.exp((logit - largest) / temperature),
  }));
  const total = kept.reduce((sum, candidate) => sum + candidate.weight, 0);
  let reached = 0;
  let count = 0;
  for (const { weight } of kept) {
    count++;
    reached += weight;
    if (reached >= topP * total) break;
  }
  return kept.slice(0, count).filter(({ weight }) => weight >= minP);
}

/** The candidate at which the running sum of weights first exceeds `u` times the total. */
export function draw(list: readonly Candidate[], u: number): number {
  const total = list.reduce((sum, candidate) => sum + candidate.weight, 0);
  let sum = 0;
  for (const { id, weight } of list) {
    sum += weight;
    if (sum > u * total) return id;
  }
  return list[list.length - 1]?.id ?? 0;
}

/**
 * The token that follows.
 * @param logits [vocab]
 * @param context ids the penalty counts: prompt and answer so far
 * @param step as in `uniform`
 */
export function sample(
  logits: ArrayLike<number>,
  context: Iterable<number>,
  options: SamplerOptions,
  step: number,
): number {
  const penalized = penalize(logits, context, options.repetitionPenalty);
  if (options.temperature === 0) return argmax(penalized);
  return draw(candidates(penalized, options), uniform(options.seed, step));
}

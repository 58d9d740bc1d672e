// The reference sampler in float64: what SamplerOptions mean, step by step. Engines are judged against it.

import type { Logprob, SamplerOptions, TokenLogprobs } from '../engine.ts';

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

/** What the sampler is told about a draw apart from the logits. */
export interface DrawContext {
  /** Ids of prompt and answer so far: the repetition penalty counts them, and their number is the draw's step. */
  tokens: readonly number[];
  /** How many of them, at the end, are the answer's: the frequency and presence penalties count those. */
  generated: number;
  /** Bit (id & 31) of word (id >> 5): the constraint allows the token. Left out, all are allowed. */
  allowed?: Uint32Array;
}

/** Stands for a token that may not be drawn: below any logit, and finite, as kernels want it. */
export const BANNED = -1e30;

/**
 * Logits [vocab] after bias, then frequency and presence penalties (OpenAI's API reference: logit - count * frequency -
 * (count > 0) * presence, over the answer's tokens), then the constraint.
 */
export function adjust(
  logits: ArrayLike<number>,
  options: Pick<SamplerOptions, 'frequencyPenalty' | 'presencePenalty' | 'logitBias'>,
  { tokens, generated, allowed }: DrawContext,
): Float64Array {
  const adjusted = Float64Array.from(logits);
  for (const [id, bias] of options.logitBias) adjusted[id]! += bias;
  const answer = generated > 0 ? tokens.slice(-generated) : [];
  for (const id of answer) adjusted[id]! -= options.frequencyPenalty;
  for (const id of new Set(answer)) adjusted[id]! -= options.presencePenalty;
  if (allowed === undefined) return adjusted;
  return adjusted.map((logit, id) => (((allowed[id >> 5] ?? 0) >>> (id & 31)) & 1 ? logit : BANNED));
}

/** log softmax of the model's own logits: of `id`, and of the `top` likeliest. */
export function logprobsOf(logits: ArrayLike<number>, id: number, top: number): TokenLogprobs {
  const largest = logits[argmax(logits)] ?? 0;
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += Math.exp((logits[i] ?? -Infinity) - largest);
  const logTotal = largest + Math.log(total);
  const ids = Array.from(logits, (_, i) => i)
    .sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b)
    .slice(0, top);
  const entry = (of: number): Logprob => ({ id: of, logprob: (logits[of] ?? -Infinity) - logTotal });
  return { ...entry(id), top: ids.map(entry) };
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
 * The token that follows; the step of the draw (see `uniform`) is the context's length.
 * @param logits [vocab]
 */
export function sample(logits: ArrayLike<number>, context: DrawContext, options: SamplerOptions): number {
  const adjusted = adjust(logits, options, context);
  const penalized = penalize(adjusted, context.tokens, options.repetitionPenalty);
  if (options.temperature === 0) return argmax(penalized);
  return draw(candidates(penalized, options), uniform(options.seed, context.tokens.length));
}

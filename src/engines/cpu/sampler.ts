// The sampler of llama/sampling.ts without its full sort: it takes as long as a token of a small model. Same draws, same
// tokens; the test compares them.

import type { SamplerOptions } from '../../engine.ts';
import {
  adjust,
  argmax,
  draw,
  penalize,
  uniform,
  type Candidate,
  type DrawContext,
} from '../../llama/sampling.ts';

/** Tokens weighing less than e^-44 of the likeliest are left out: together they weigh less than a draw can tell. */
const SPAN = 44;
const BUCKETS = 1024;

/** The ids at or above `floor`, by falling logit, the lower id first on a tie, as weights exp((logit - top) / temperature). */
function sorted(logits: ArrayLike<number>, floor: number, top: number, temperature: number): Candidate[] {
  const ids: number[] = [];
  for (let id = 0; id < logits.length; id++) if (logits[id]! >= floor) ids.push(id);
  ids.sort((a, b) => logits[b]! - logits[a]! || a - b);
  return ids.map((id) => ({ id, weight: Math.exp((logits[id]! - top) / temperature) }));
}

/** Whether bias, penalties of the answer or a constraint change anything. */
function adjusts(
  { frequencyPenalty, presencePenalty, logitBias }: SamplerOptions,
  allowed: unknown,
): boolean {
  return frequencyPenalty !== 0 || presencePenalty !== 0 || logitBias.length > 0 || allowed !== undefined;
}

/**
 * The token that follows; `temperature` 0 is greedy. As `sample` of llama/sampling.ts, to the token.
 * @param logits [vocab], finite
 */
export function sampleToken(logits: Float32Array, context: DrawContext, options: SamplerOptions): number {
  const { temperature, topK, topP, minP, repetitionPenalty } = options;
  const adjusted = adjusts(options, context.allowed) ? adjust(logits, options, context) : logits;
  const penalized =
    repetitionPenalty === 1 ? adjusted : penalize(adjusted, context.tokens, repetitionPenalty);
  const best = argmax(penalized);
  if (temperature === 0) return best;
  const top = penalized[best]!;

  // Counts and weights by logit, so that only those that can be drawn are sorted.
  const width = (SPAN * temperature) / BUCKETS;
  const counts = new Uint32Array(BUCKETS);
  const weights = new Float64Array(BUCKETS);
  let total = 0;
  for (let id = 0; id < penalized.length; id++) {
    const bucket = Math.floor((top - penalized[id]!) / width);
    if (bucket >= BUCKETS) continue;
    const weight = Math.exp((penalized[id]! - top) / temperature);
    counts[bucket] = counts[bucket]! + 1;
    weights[bucket] = weights[bucket]! + weight;
    total += weight;
  }
  let last = BUCKETS - 1;
  if (topK > 0) {
    let count = 0;
    for (last = 0; last < BUCKETS - 1; last++) if ((count += counts[last]!) >= topK) break;
  } else if (topP < 1) {
    let reached = 0;
    for (last = 0; last < BUCKETS - 1; last++) if ((reached += weights[last]!) > topP * total) break;
  }
  // A bucket further: the bounds are computed with rounding.
  const floor = top - (last + 2) * width;
  let kept = sorted(penalized, floor, top, temperature);
  if (topK > 0) {
    kept = kept.slice(0, topK);
    total = kept.reduce((sum, { weight }) => sum + weight, 0);
  }
  let reached = 0;
  let count = 0;
  while (count < kept.length) {
    reached += kept[count++]!.weight;
    if (reached >= topP * total) break;
  }
  return draw(
    kept.slice(0, count).filter(({ weight }) => weight >= minP),
    uniform(options.seed, context.tokens.length),
  );
}

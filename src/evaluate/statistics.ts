// What a handful of questions can and cannot say: intervals, paired comparisons, calibration.

/** Of the standard normal distribution, for 95 %. */
const Z = 1.959963984540054;

/**
 * Wilson's interval for a proportion (Wilson 1927; Newcombe 1998, method 3).
 * @returns [low, high] in [0, 1]; the whole of it where nothing was counted
 */
export function wilson(right: number, total: number): [low: number, high: number] {
  if (total === 0) return [0, 1];
  const p = right / total;
  const scale = 1 + (Z * Z) / total;
  const centre = (p + (Z * Z) / (2 * total)) / scale;
  const half = (Z * Math.sqrt((p * (1 - p)) / total + (Z * Z) / (4 * total * total))) / scale;
  // Exactly 0 and 1 at the ends, where rounding would leave a hair.
  return [right === 0 ? 0 : Math.max(0, centre - half), right === total ? 1 : Math.min(1, centre + half)];
}

/** ln n! */
function lnFactorial(n: number): number {
  let sum = 0;
  for (let i = 2; i <= n; i++) sum += Math.log(i);
  return sum;
}

/** Probability of exactly k of n fair coins. */
const coins = (n: number, k: number): number =>
  Math.exp(lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k) - n * Math.LN2);

export interface McNemar {
  /** Questions that only A, and that only B, got right. */
  onlyA: number;
  onlyB: number;
  exact: number;
  /** Recommended (Fagerland, Lydersen and Laake 2013). */
  midP: number;
  /** Fewer than six differences can never be significant at 5 %. */
  enough: boolean;
}

/** McNemar's test of two models on the same questions. */
export function mcnemar(onlyA: number, onlyB: number): McNemar {
  const n = onlyA + onlyB;
  const least = Math.min(onlyA, onlyB);
  let tail = 0;
  for (let k = 0; k <= least; k++) tail += coins(n, k);
  const exact = n === 0 ? 1 : Math.min(1, 2 * tail);
  const midP = onlyA === onlyB ? 1 : exact - coins(n, least);
  return { onlyA, onlyB, exact, midP, enough: n >= 6 };
}

/** Standard error of a mean where items come in clusters (one passage, several questions). */
export function clusteredError(scores: readonly number[], clusters: readonly string[]): number {
  const n = scores.length;
  if (n === 0) return 0;
  const mean = scores.reduce((a, b) => a + b, 0) / n;
  const sums = new Map<string, number>();
  scores.forEach((score, i) => {
    const name = clusters[i] ?? '';
    sums.set(name, (sums.get(name) ?? 0) + score - mean);
  });
  return Math.sqrt([...sums.values()].reduce((a, sum) => a + sum * sum, 0)) / n;
}

export interface Bin {
  count: number;
  /** Means, 0 where the bin is empty. */
  confidence: number;
  accuracy: number;
  interval: [number, number];
}

export interface Calibration {
  bins: Bin[];
  /** Expected calibration error: mean |accuracy - confidence|, weighted by counts (Guo et al. 2017). */
  ece: number;
  /** Mean squared difference between confidence and being right. */
  brier: number;
}

/** @param confidences in [0, 1] @param right of the same length */
export function calibration(
  confidences: readonly number[],
  right: readonly boolean[],
  binCount = 10,
): Calibration {
  const groups = Array.from({ length: binCount }, () => ({ count: 0, confidence: 0, right: 0 }));
  let brier = 0;
  confidences.forEach((confidence, i) => {
    const group = groups[Math.min(binCount - 1, Math.floor(confidence * binCount))]!;
    const hit = right[i] ? 1 : 0;
    group.count++;
    group.confidence += confidence;
    group.right += hit;
    brier += (confidence - hit) ** 2;
  });
  const n = confidences.length;
  const bins = groups.map(({ count, confidence, right: hits }) => ({
    count,
    confidence: count === 0 ? 0 : confidence / count,
    accuracy: count === 0 ? 0 : hits / count,
    interval: wilson(hits, count),
  }));
  const ece = bins.reduce((sum, bin) => sum + bin.count * Math.abs(bin.accuracy - bin.confidence), 0);
  return { bins, ece: n === 0 ? 0 : ece / n, brier: n === 0 ? 0 : brier / n };
}

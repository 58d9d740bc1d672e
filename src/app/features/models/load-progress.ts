// One figure for a load whose parts go on beside each other: weights into memory, pipelines compiled meanwhile.

import type { LoadPhase } from '../../../wire/engine-protocol.ts';

/** Of the whole, what each part counts for; the CPU engine has nothing to compile. Neither's time is known beforehand. */
const WEIGHTS_SHARE = 0.8;

/** @returns the share that is done, 0 to 1; it never falls */
export function createLoadProgress(): (phase: LoadPhase, done: number, total: number) => number {
  const shares: Record<LoadPhase, number> = { weights: 0, pipelines: 0, prefill: 0 };
  return (phase, done, total) => {
    if (total > 0) shares[phase] = Math.max(shares[phase], Math.min(1, done / total));
    return WEIGHTS_SHARE * shares.weights + (1 - WEIGHTS_SHARE) * shares.pipelines;
  };
}

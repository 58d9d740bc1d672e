// A context that does not fit is halved until it does: a model that answers with less is better than one that is refused.

import { EngineError } from '../failures.ts';
import type { ContextCut } from '../engine.ts';

/** Less than this holds no question with its answer: then the model is refused, as what it is. */
export const LEAST_CONTEXT = 512;

const REASONS: readonly string[] = [
  'out-of-memory',
  'limit-too-low',
  'model-over-4gb',
] satisfies ContextCut['why'][];

function cutBy(error: unknown): ContextCut['why'] | undefined {
  if (!(error instanceof EngineError && REASONS.includes(error.reason))) return undefined;
  return error.reason as ContextCut['why'];
}

export interface Tried<T> {
  made: T;
  /** Left out: what was wished fits. */
  cut?: ContextCut;
}

/**
 * What `attempt` makes of the largest of wished, wished / 2, wished / 4, ... tokens that it takes, `least` at the smallest.
 * Throws what the last attempt threw; anything but want of memory or of a device's limits at once.
 */
export async function largestContext<T>(
  wished: number,
  least: number,
  attempt: (contextLength: number) => T | Promise<T>,
): Promise<Tried<T>> {
  let why: ContextCut['why'] | undefined;
  for (let contextLength = wished; ; contextLength >>= 1) {
    try {
      const made = await attempt(contextLength);
      return { made, ...(why && { cut: { wished, why } }) };
    } catch (error) {
      const reason = cutBy(error);
      if (!reason || contextLength >> 1 < least) throw error;
      why ??= reason;
    }
  }
}

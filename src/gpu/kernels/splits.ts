// How decoding's attention is split over the positions held; splits.wgsl counts the same way.

/** Positions a split takes before there are more of them. */
export const SPLIT = 128;
/** At most so many: beyond, splits grow. */
export const MAX_SPLITS = 32;
/** At most so many are merged by the output projection itself; beyond, merging once is cheaper than in every workgroup. */
export const FEW_SPLITS = 4;

/** @param length positions held, the new one included */
export function splitCount(length: number, split = SPLIT, maxSplits = MAX_SPLITS): number {
  return Math.min(Math.ceil(length / split), maxSplits);
}

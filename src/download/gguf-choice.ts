// Which of a repository's GGUF files to take: they are one model in many roundings.

import { ggufSplits, isGgufName } from '../format/gguf-checkpoint.ts';

/**
 * What becomes four bits best for what it costs to fetch: Q4_0 keeps its weights as they are, those after it are rounded again.
 * Kinds that are not read (i-quants) are not among them.
 */
const WISHED = [
  'Q4_0',
  'Q8_0',
  'Q6_K',
  'Q5_K_M',
  'Q5_K_S',
  'Q4_K_M',
  'Q4_K_S',
  'F16',
  'BF16',
  'Q5_0',
  'Q4_1',
  'IQ4_NL',
  'Q3_K_M',
  'F32',
];

const hasTag = (name: string, tag: string): boolean =>
  name.toUpperCase().split(/[-.]/).includes(tag.toUpperCase());

/** First files of models among `paths`: of several parts only the first; what reads pictures (mmproj) is no model. */
function models(paths: readonly string[]): string[] {
  return paths.filter(
    (path) =>
      isGgufName(path) &&
      !path.includes('/') &&
      !/mmproj|imatrix/i.test(path) &&
      ggufSplits(path)[0] === path,
  );
}

/** @param tag as an address says it ("Q4_K_M"); where there is no such file there is none */
export function chooseGguf(paths: readonly string[], tag?: string): string | undefined {
  const there = models(paths);
  if (tag !== undefined) return there.find((path) => hasTag(path, tag));
  for (const wished of WISHED) {
    const found = there.find((path) => hasTag(path, wished));
    if (found !== undefined) return found;
  }
  return there[0];
}

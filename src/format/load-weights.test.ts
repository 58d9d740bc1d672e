// The float64 forward pass against the goldens: what judges the kernels is judged first.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { folderSource } from '../cli/folder-source.ts';
import { createForwardPass } from '../llama/forward.ts';
import type { ForwardPass } from '../llama/forward.ts';
import { argmax } from '../llama/sampling.ts';
import { loadWeights } from './load-weights.ts';
import { openModelDirectory } from './model-directory.ts';

interface GoldenCase {
  promptIds: number[];
  greedyIds: number[];
  lastLogits?: number[];
  argmaxEachPosition?: number[];
  marginEachPosition?: number[];
  cut?: boolean;
}

/** Relative to the largest logit. The goldens keep five or six digits. */
const TOLERANCE = 1e-4;

const MODELS = [
  { name: 'gqa-tied', shards: 'tests/golden/gqa-tied/mlc', maxTokens: 8 },
  { name: 'mha-untied-tail', shards: 'tests/golden/mha-untied-tail/mlc', maxTokens: 8 },
  { name: 'semilla', shards: 'public/models/semilla-q4f16_1', maxTokens: 96 },
];

function goldenCases(name: string): GoldenCase[] {
  const json = JSON.parse(readFileSync(`tests/golden/${name}/golden.json`, 'utf8')) as {
    cases: GoldenCase[];
  };
  return json.cases;
}

function checkCase(pass: ForwardPass, golden: GoldenCase, stops: readonly number[], maxTokens: number): void {
  pass.truncate(0);
  let hidden: Float64Array = new Float64Array();
  for (const [i, id] of golden.promptIds.entries()) {
    hidden = pass.step(id);
    const best = golden.argmaxEachPosition?.[i];
    if (best !== undefined && (golden.marginEachPosition?.[i] ?? 1) > 1e-3) {
      expect(argmax(pass.logits(hidden)), `argmax at ${i}`).toBe(best);
    }
  }
  let logits = pass.logits(hidden);
  if (golden.lastLogits) {
    const largest = Math.max(...golden.lastLogits.map(Math.abs));
    const worst = Math.max(...golden.lastLogits.map((value, id) => Math.abs(value - (logits[id] ?? NaN))));
    expect(worst / largest).toBeLessThan(TOLERANCE);
  }
  const greedy: number[] = [];
  const count = golden.cut ? golden.greedyIds.length : maxTokens;
  while (greedy.length < count) {
    const next = argmax(logits);
    if (stops.includes(next)) break;
    greedy.push(next);
    logits = pass.logits(pass.step(next));
  }
  expect(greedy).toEqual(golden.greedyIds);
}

describe.each(MODELS)('forward pass of $name', ({ name, shards, maxTokens }) => {
  it('gives the golden logits and greedy tokens of every case', { timeout: 60_000 }, async () => {
    const directory = await openModelDirectory(folderSource(shards));
    const pass = createForwardPass(directory.config, await loadWeights(directory));
    const cases = goldenCases(name);
    expect(cases.length).toBeGreaterThan(3);
    for (const golden of cases) checkCase(pass, golden, directory.stopTokenIds, maxTokens);
  });
});

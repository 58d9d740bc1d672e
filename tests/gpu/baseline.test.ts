// The bench's yardstick must compute the same model: a wrong baseline gives a wrong ratio.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderSource } from '../../src/cli/folder-source.ts';
import { createBaseline } from '../../src/engines/baseline/baseline.ts';
import type { Baseline } from '../../src/engines/baseline/baseline.ts';
import { countersSince } from '../../src/gpu/counters.ts';
import type { Device } from '../../src/gpu/device.ts';
import { argmax } from '../../src/llama/sampling.ts';
import { FULL } from '../host/tier.ts';
import { openRig } from './rig.ts';

interface GoldenCase {
  promptIds: number[];
  greedyIds: number[];
  lastLogits?: number[];
}

const GOLDEN = path.resolve(import.meta.dirname, '../golden');
const MODELS = {
  'gqa-tied': path.join(GOLDEN, 'gqa-tied/mlc'),
  'mha-untied-tail': path.join(GOLDEN, 'mha-untied-tail/mlc'),
  ...(FULL && { semilla: path.resolve(import.meta.dirname, '../../public/models/semilla-q4f16_1') }),
};

let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

describe.each(Object.entries(MODELS))('%s', (name, folder) => {
  const golden = JSON.parse(readFileSync(path.join(GOLDEN, name, 'golden.json'), 'utf8')) as {
    cases: GoldenCase[];
  };
  let baseline: Baseline;
  beforeAll(async () => {
    baseline = await createBaseline({ source: folderSource(folder), device, contextLength: 256 });
  });
  afterAll(() => baseline.dispose());

  it('gives the golden tokens and logits', async () => {
    for (const { promptIds, greedyIds, lastLogits } of golden.cases.slice(0, 2)) {
      baseline.truncate(0);
      let logits = await baseline.feed(promptIds);
      if (lastLogits) {
        const largest = Math.max(...lastLogits.map(Math.abs));
        const difference = Math.max(...lastLogits.map((value, id) => Math.abs(value - logits[id]!)));
        expect(difference / largest).toBeLessThanOrEqual(2e-3);
      }
      const wanted = greedyIds.slice(0, 12);
      const ids: number[] = [];
      while (ids.length < wanted.length) {
        ids.push(argmax(logits));
        logits = await baseline.feed(ids.slice(-1));
      }
      expect(ids).toEqual(wanted);
    }
  });

  it('asks of the GPU what it is meant to ask', async () => {
    baseline.truncate(0);
    await baseline.feed([1, 2, 3]);
    await baseline.feed([4]);
    const before = { ...device.counters };
    await baseline.feed([5]);
    const { numHiddenLayers, vocabSize } = baseline.config;
    const dispatches = 10 * numHiddenLayers + 3;
    expect(countersSince(before, device.counters)).toMatchObject({
      dispatches,
      computePasses: dispatches,
      createBindGroup: dispatches,
      writeBuffer: dispatches + 1,
      createPipeline: 0,
      readbackBytes: vocabSize * 4,
    });
  });

  it('refuses what does not fit its context', async () => {
    baseline.truncate(0);
    await expect(baseline.feed(new Array<number>(257).fill(1))).rejects.toMatchObject({
      reason: 'context-full',
    });
    expect(baseline.position).toBe(0);
  });
});

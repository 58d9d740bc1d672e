// Whole models against the float64 goldens.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderSource } from '../../src/cli/folder-source.ts';
import { createWgslEngine } from '../../src/engines/wgsl/engine.ts';
import type { WgslEngine } from '../../src/engines/wgsl/engine.ts';
import { argmax } from '../../src/llama/sampling.ts';
import type { Device } from '../../src/gpu/device.ts';
import { openRig } from './rig.ts';

interface GoldenCase {
  promptIds: number[];
  greedyIds: number[];
  text?: string;
  lastLogits?: number[];
  argmaxEachPosition?: number[];
  marginEachPosition?: number[];
}

const GOLDEN = path.resolve(import.meta.dirname, '../golden');
const MODELS = {
  'gqa-tied': path.join(GOLDEN, 'gqa-tied/mlc'),
  'mha-untied-tail': path.join(GOLDEN, 'mha-untied-tail/mlc'),
  semilla: path.resolve(import.meta.dirname, '../../public/models/semilla-q4f16_1'),
};

let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

describe.each(Object.entries(MODELS))('%s', (name, folder) => {
  const { cases } = JSON.parse(readFileSync(path.join(GOLDEN, name, 'golden.json'), 'utf8')) as {
    cases: GoldenCase[];
  };
  let engine: WgslEngine;
  beforeAll(async () => {
    engine = await createWgslEngine({ source: folderSource(folder), device, modelId: name });
  });
  afterAll(() => engine.dispose());

  it.each(cases.map((golden, i) => [i, golden] as const))('case %i: greedy tokens', async (_, golden) => {
    const session = engine.createSession();
    const wanted = golden.greedyIds.length;
    const result = await session.generate(golden.promptIds, { maxTokens: wanted });
    expect(result.tokenIds).toEqual(golden.greedyIds);
    if (golden.text !== undefined) expect(result.text).toBe(golden.text);
    session.dispose();
  });

  const withPositions = cases.filter(({ argmaxEachPosition }) => argmaxEachPosition !== undefined);
  it.each(withPositions.map((golden, i) => [i, golden] as const))(
    'case %i: the best token after each position',
    async (_, { promptIds, argmaxEachPosition, marginEachPosition, lastLogits }) => {
      const session = engine.createSession();
      // Twice the error allowed, of logits that reach so far.
      const allowed = 2 * 2e-3 * Math.max(...(lastLogits ?? []).map(Math.abs));
      for (let length = 1; length <= promptIds.length; length++) {
        await session.sync(promptIds.slice(0, length));
        if (marginEachPosition![length - 1]! <= allowed) continue;
        expect(argmax(await session.logits()), `position ${length - 1}`).toBe(
          argmaxEachPosition![length - 1],
        );
      }
      session.dispose();
    },
  );

  const withLogits = cases.filter((golden) => golden.lastLogits !== undefined);
  it.each(withLogits.map((golden, i) => [i, golden] as const))('case %i: last logits', async (_, golden) => {
    const session = engine.createSession();
    await session.sync(golden.promptIds);
    const logits = await session.logits();
    const wanted = golden.lastLogits!;
    const largest = Math.max(...wanted.map(Math.abs));
    const difference = Math.max(...wanted.map((value, id) => Math.abs(value - logits[id]!)));
    expect(difference / largest).toBeLessThanOrEqual(2e-3);
    session.dispose();
  });
});

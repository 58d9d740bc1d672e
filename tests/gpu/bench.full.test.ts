// The bench on a tiny model: its counters are the budgets of docs/budgets.md, whatever the time it takes.

import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { folderSource } from '../../src/cli/folder-source.ts';
import { createBaseline } from '../../src/engines/baseline/baseline.ts';
import { bench } from '../../src/engines/bench/bench.ts';
import { endlessSource } from '../../src/engines/bench/endless.ts';
import { baselineSubject } from '../../src/engines/bench/pace.ts';
import { createWgslEngine } from '../../src/engines/wgsl/engine.ts';
import type { Device } from '../../src/gpu/device.ts';
import { openRig } from './rig.ts';

let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

it('measures, counts, compares, and frees what it allocated', async () => {
  const folder = path.resolve(import.meta.dirname, '../golden/gqa-tied/mlc');
  const source = await endlessSource(folderSource(folder));
  const engine = await createWgslEngine({ source, device, modelId: 'gqa-tied', contextLength: 32 });
  const before = device.counters.gpuBytes;
  const create = async () => baselineSubject(await createBaseline({ source, device, contextLength: 32 }));
  const result = await bench(
    engine,
    { engine, device },
    {
      contexts: [4, 99],
      tokens: 4,
      repetitions: 2,
      seconds: 600,
      kernels: true,
      cpuSeconds: () => process.cpuUsage().user / 1e6,
      versus: { name: 'baseline', create },
    },
  );
  await device.idle();
  expect(device.counters.gpuBytes).toBe(before);

  const layers = engine.plan.config.numHiddenLayers;
  const { counters } = result;
  expect(counters).toMatchObject({
    computePassesPerToken: 1,
    createBindGroupPerToken: 0,
    createBufferPerToken: 0,
    createPipelinePerToken: 0,
  });
  // Several tokens a submit where the machine is quick.
  expect(counters?.submitsPerToken).toBeLessThanOrEqual(1);
  expect(counters?.dispatchesPerToken).toBeLessThanOrEqual(6 * layers + 8);
  expect(counters?.dispatchesPerToken).toBeGreaterThan(layers);
  expect(counters?.writeBufferPerToken).toBeLessThanOrEqual(1);
  expect(counters?.readbackBytesPerToken).toBeLessThanOrEqual(64);
  expect(counters?.weightBytesPerToken).toBeLessThanOrEqual(1.02 * (counters?.quantizedWeightBytes ?? 0));

  expect(result.gpuMemory?.peak).toBe(counters?.gpuBytes);
  expect(result.gpuMemory?.peak).toBeLessThanOrEqual(result.gpuMemory?.budget ?? 0);

  expect(result.contexts.map(({ context }) => context)).toEqual([4, 28]);
  expect(result.copyBandwidth).toBeGreaterThan(0);
  for (const context of result.contexts) {
    expect(context.decodeTokensPerSecond.count).toBe(2);
    expect(context.ratio?.decode).toBeGreaterThan(0);
    expect(context.ratio?.prefill).toBeGreaterThan(0);
    expect(context.bandwidthShare).toBeGreaterThan(0);
  }
  const dispatches = result.kernels?.decode.reduce((sum, kind) => sum + kind.dispatches, 0);
  expect(dispatches).toBe(counters?.dispatchesPerToken);
  expect(Math.min(...result.kernels!.prefill.map(({ seconds }) => seconds))).toBeGreaterThan(0);
  engine.dispose();
});

// Tuning: useless on software adapters unless forced, leaves nothing behind, changes no greedy token, and is data that can be kept.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { folderSource } from '../../src/cli/folder-source.ts';
import { logitsError, surelyFaster } from '../../src/engines/wgsl/autotune.ts';
import { createWgslEngine } from '../../src/engines/wgsl/engine.ts';
import { DEFAULT_TUNING, parseTuning, variantTuning } from '../../src/engines/wgsl/tuning.ts';
import type { Device } from '../../src/gpu/device.ts';
import { openFeatureRig } from './rig.ts';

const GOLDEN = path.resolve(import.meta.dirname, '../golden/gqa-tied');

let device: Device;
beforeAll(async () => {
  device = await openFeatureRig();
});
afterAll(() => device.close());

it('tunes a loaded model, again too, and what is kept loads', async () => {
  const { cases } = JSON.parse(readFileSync(path.join(GOLDEN, 'golden.json'), 'utf8')) as {
    cases: { promptIds: number[]; greedyIds: number[] }[];
  };
  const { promptIds, greedyIds } = cases[0]!;
  const source = folderSource(path.join(GOLDEN, 'mlc'));
  const engine = await createWgslEngine({ source, device, modelId: 'gqa-tied' });
  const session = engine.createSession();
  const generate = async () => (await session.generate(promptIds, { maxTokens: greedyIds.length })).tokenIds;
  expect(await generate()).toEqual(greedyIds);

  expect(await engine.tune()).toMatchObject({ outcome: 'useless', tuning: DEFAULT_TUNING });
  expect(await generate()).toEqual(greedyIds);

  const before = device.counters.gpuBytes;
  const result = await engine.tune({ force: true, seconds: 0.05 });
  console.log(JSON.stringify(result));
  expect(device.counters.gpuBytes).toBe(before);
  expect(['tuned', 'default']).toContain(result.outcome);
  expect(result.error).toBeLessThanOrEqual(2e-3);
  expect(await generate()).toEqual(greedyIds);

  const kept = parseTuning(JSON.parse(JSON.stringify(result.tuning)));
  expect(kept).toEqual(result.tuning);
  const again = await createWgslEngine({ source, device, modelId: 'gqa-tied', tuning: kept! });
  const { tokenIds } = await again.createSession().generate(promptIds, { maxTokens: greedyIds.length });
  expect(tokenIds).toEqual(greedyIds);
  again.dispose();
  engine.dispose();
});

it('an abort ends it', async () => {
  const source = folderSource(path.join(GOLDEN, 'mlc'));
  const engine = await createWgslEngine({ source, device, modelId: 'gqa-tied' });
  const before = device.counters.gpuBytes;
  await expect(engine.tune({ force: true, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
    'enough',
  );
  expect(device.counters.gpuBytes).toBe(before);
  engine.dispose();
});

it('what was kept is checked, and what the device lacks is refused', async () => {
  expect(parseTuning(undefined)).toBeNull();
  expect(parseTuning({ products: {}, tiles: 'f32' })).toBeNull();
  const odd = { ...DEFAULT_TUNING.products, down: { ...DEFAULT_TUNING.products.down, rows: 3 } };
  expect(parseTuning({ ...DEFAULT_TUNING, products: odd })).toBeNull();
  const bare = { ...device, features: new Set<string>() };
  const source = folderSource(path.join(GOLDEN, 'mlc'));
  const options = { source, device: bare, modelId: 'gqa-tied', tuning: variantTuning('subgroups') };
  await expect(createWgslEngine(options)).rejects.toMatchObject({ reason: 'internal' });
});

it('a choice must win by more than its noise', () => {
  expect(surelyFaster({ least: 0.9, spread: 0.01 }, { least: 1, spread: 0.01 })).toBe(true);
  expect(surelyFaster({ least: 0.9, spread: 0.2 }, { least: 1, spread: 0.01 })).toBe(false);
  expect(surelyFaster({ least: 0.99, spread: 0 }, { least: 1, spread: 0 })).toBe(false);
});

it('numbers are judged by their largest error, and by the best token where its margin counts', () => {
  const exact = [Float32Array.of(1, -4, 3)];
  expect(logitsError([Float32Array.of(1, -4, 3)], exact, 0.02)).toBe(0);
  expect(logitsError([Float32Array.of(1.02, -4, 3)], exact, 0.02)).toBeCloseTo(0.005);
  expect(logitsError([Float32Array.of(3.1, -4, 3)], exact, 0.02)).toBe(Infinity);
  expect(logitsError([Float32Array.of(Number.NaN, -4, 3)], exact, 0.02)).toBe(Infinity);
});

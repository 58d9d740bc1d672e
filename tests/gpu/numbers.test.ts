// Numbers at the edge: what is not finite is found wherever it stands, and what halves can't hold is cut before it is stored.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GREEDY } from '../../src/engine.ts';
import { samplingSettings } from '../../src/engines/wgsl/sampler.ts';
import type { Device } from '../../src/gpu/device.ts';
import { ropeAppendGrid, ropeAppendKernel } from '../../src/gpu/kernels/attention.ts';
import {
  SAMPLE_BINS,
  sampleBinsKernel,
  sampleBlocksKernel,
  sampleGreedyKernel,
  samplePickKernel,
} from '../../src/gpu/kernels/sample.ts';
import { runKernel } from './bench-kernel.ts';
import { openRig } from './rig.ts';

let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

const VOCAB = 2500;
const BLOCKS = 3;

/** The state after a draw from logits of which some are planted: token, and whether all were finite. */
async function draw(planted: Record<number, number>, temperature: number) {
  const logits = Float32Array.from({ length: VOCAB }, (_, id) => Math.sin(id) * 4);
  for (const [id, value] of Object.entries(planted)) logits[Number(id)] = value;
  const seen = new Uint32Array(Math.ceil(VOCAB / 32));
  const sampling = samplingSettings({ ...GREEDY, temperature }, { answerFrom: 1, constrained: false });
  const first = await runKernel(
    device,
    sampleBlocksKernel,
    { VOCAB },
    [BLOCKS, 1, 1],
    [logits, seen, sampling, new Uint32Array(BLOCKS * 4), new Uint32Array(SAMPLE_BINS)],
  );
  const blocks = new Uint32Array(first.get(3)!);
  const bins = new Uint32Array(first.get(4)!);
  const state = new Uint32Array(4);
  if (temperature === 0) {
    const last = await runKernel(device, sampleGreedyKernel, { BLOCKS }, [1, 1, 1], [blocks, seen, state]);
    const [, token, finite] = new Uint32Array(last.get(2)!);
    return { token, finite };
  }
  const shape = { VOCAB, BLOCKS };
  const counted = await runKernel(
    device,
    sampleBinsKernel,
    shape,
    [BLOCKS, 1, 1],
    [logits, seen, sampling, blocks, bins],
  );
  const last = await runKernel(
    device,
    samplePickKernel,
    shape,
    [1, 1, 1],
    [logits, seen, sampling, blocks, new Uint32Array(counted.get(4)!), state],
  );
  const [, token, finite] = new Uint32Array(last.get(5)!);
  return { token, finite };
}

describe.each([0, 1])('at temperature %d', (temperature) => {
  it('all finite', async () => {
    expect((await draw({}, temperature)).finite).toBe(1);
    expect(await draw({ 2499: 3e38 }, temperature)).toEqual({ token: 2499, finite: 1 });
  });

  it.each([
    ['a NaN among the first', { 0: NaN }],
    ['a NaN that is nobody’s largest', { 1777: NaN }],
    ['an infinity', { 2499: Infinity }],
    ['minus infinity, where the largest is as always', { 700: -Infinity }],
    ['nothing but NaN', Object.fromEntries(Array.from({ length: VOCAB }, (_, id) => [id, NaN]))],
  ])('%s is found', async (_, planted: Record<number, number>) => {
    expect((await draw(planted, temperature)).finite).toBe(0);
  });
});

it('keys and values beyond halves are cut, not left to the packing', async () => {
  const shape = { heads: 1, kvHeads: 1, headDim: 16 };
  const qkv = new Float32Array(3 * 16);
  qkv.fill(1e6, 16, 32); // the key, at position 0: turned by nothing
  qkv.fill(-3e38, 32);
  const turns = Float32Array.from({ length: (256 + 1) * 8 * 2 }, (_, i) => (i % 2 === 0 ? 1 : 0));
  const written = await runKernel(
    device,
    ropeAppendKernel(16),
    { HEADS: 1, KV_HEADS: 1, HEAD_DIM: 16 },
    ropeAppendGrid(shape, 1),
    [qkv, new Uint32Array(8), new Uint32Array(8), turns, Uint32Array.of(0, 1, 0, 0)],
  );
  expect([...new Uint16Array(written.get(1)!)]).toEqual(Array(16).fill(0x7bff));
  expect([...new Uint16Array(written.get(2)!)]).toEqual(Array(16).fill(0xfbff));
});

// Attention against float64: the cache in halves and in 8 bits, heads shared in every way, head_dim 32 to 256, contexts around the edges of tiles and splits.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { ropeTable } from '../../src/engines/wgsl/workspace.ts';
import type { Device } from '../../src/gpu/device.ts';
import {
  attentionDecodeConstants,
  attentionDecodeGrid,
  attentionDecodeKernel,
  attentionPrefillConstants,
  attentionPrefillGrid,
  attentionPrefillKernel,
  mergeKernel,
  ropeAppendGrid,
  ropeAppendKernel,
} from '../../src/gpu/kernels/attention.ts';
import type { HeadShape } from '../../src/gpu/kernels/attention.ts';
import { splitCount } from '../../src/gpu/kernels/splits.ts';
import { largestError, runKernel } from './bench-kernel.ts';
import { packRows, roundingError, unpackRows } from './cache-rows.ts';
import { freshRandom } from './random.ts';
import type { Random } from './random.ts';
import { openRig } from './rig.ts';

let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

/** heads, kvHeads, headDim: GQA, MHA with a head_dim that is no power of two, MQA, groups that leave a block part empty */
const HEADS = [
  [4, 2, 32],
  [2, 2, 80],
  [5, 1, 64],
  [6, 2, 128],
  [2, 2, 160],
  [3, 1, 256],
] as const;

function frequencies(random: Random, headDim: number): Float64Array {
  return Float64Array.from({ length: headDim / 2 }, () => random.next());
}

/** `x` [heads of headDim] turned by `position`, in float64. */
function turned(x: ArrayLike<number>, freq: Float64Array, position: number): Float64Array {
  const half = freq.length;
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const d = i % (2 * half);
    const angle = position * freq[d % half]!;
    const other = d < half ? -x[i + half]! : x[i - half]!;
    out[i] = x[i]! * Math.cos(angle) + other * Math.sin(angle);
  }
  return out;
}

/** Attention of one query [heads * headDim] over `length` positions of keys and values [positions, kvHeads * headDim]. */
function attend(
  query: ArrayLike<number>,
  keys: Float64Array,
  values: Float64Array,
  length: number,
  { heads, kvHeads, headDim }: HeadShape,
): Float64Array {
  const out = new Float64Array(heads * headDim);
  for (let head = 0; head < heads; head++) {
    const kv = Math.floor(head / (heads / kvHeads));
    const scores = Array.from({ length }, (_, position) => {
      let score = 0;
      const row = (position * kvHeads + kv) * headDim;
      for (let d = 0; d < headDim; d++) score += query[head * headDim + d]! * keys[row + d]!;
      return score / Math.sqrt(headDim);
    });
    const largest = Math.max(...scores);
    const shares = scores.map((score) => Math.exp(score - largest));
    const sum = shares.reduce((a, b) => a + b, 0);
    shares.forEach((share, position) => {
      const row = (position * kvHeads + kv) * headDim;
      for (let d = 0; d < headDim; d++) {
        out[head * headDim + d]! += (share / sum) * values[row + d]!;
      }
    });
  }
  return out;
}

const ones = (length: number) => new Float64Array(length).fill(1);

const BITS = [16, 8] as const;

it.each(
  BITS.flatMap((bits) =>
    HEADS.flatMap((heads) => [0, 63, 64, 130, 300].map((position) => [bits, ...heads, position] as const)),
  ),
)('decode, %i bits: %i heads over %i of %i, position %i', async (bits, heads, kvHeads, headDim, position) => {
  const random = freshRandom('attention-decode');
  const shape = { heads, kvHeads, headDim };
  const row = kvHeads * headDim;
  const freq = frequencies(random, headDim);
  const qkv = random.normals((heads + 2 * kvHeads) * headDim, 1.5);
  const entries = { kvHeads, headDim, bits };
  // What lies at the new token's place must not be read.
  const keys = random.normals((position + 1) * row, 1.5).fill(60_000, position * row);
  const values = random.normals((position + 1) * row).fill(60_000, position * row);
  const [keyRows, valueRows] = [packRows(keys, entries, 'keys'), packRows(values, entries, 'values')];
  const stride = heads * headDim + 8;
  // Small splits, so that short contexts have many: 5 at most.
  const splitting = { SPLIT: 32, MAX_SPLITS: 5 };
  const splits = splitCount(position + 1, splitting.SPLIT, splitting.MAX_SPLITS);
  const written = await runKernel(
    device,
    attentionDecodeKernel(bits),
    { ...attentionDecodeConstants(shape, stride), ...splitting },
    attentionDecodeGrid(shape, splits),
    [
      qkv,
      keyRows,
      valueRows,
      ropeTable(freq, 512),
      Uint32Array.of(position, 0, 0, 0),
      new Float32Array(splits * stride),
      new Float32Array(splits * heads * 2),
    ],
  );
  const newKeys = unpackRows(written.get(1)!, entries, 'keys');
  const newValues = unpackRows(written.get(2)!, entries, 'values');
  const key = turned(qkv.subarray(heads * headDim, (heads + kvHeads) * headDim), freq, position);
  expect(roundingError(newKeys.subarray(position * row), key, entries)).toBeLessThanOrEqual(1);
  const value = qkv.subarray((heads + kvHeads) * headDim);
  expect(roundingError(newValues.subarray(position * row), value, entries)).toBeLessThanOrEqual(1);
  for (const [i, before] of [keyRows, valueRows].entries()) {
    const held = (before.length / (position + 1)) * position;
    expect(new Uint32Array(written.get(1 + i)!).subarray(0, held)).toEqual(before.subarray(0, held));
  }

  const merged = await runKernel(
    device,
    mergeKernel,
    { HEADS: heads, HEAD_DIM: headDim, STRIDE: stride, ...splitting },
    [Math.ceil((heads * headDim) / 64), 1, 1],
    [
      new Float32Array(written.get(5)!),
      new Float32Array(written.get(6)!),
      Uint32Array.of(position, 0, 0, 0),
      new Float32Array(heads * headDim),
    ],
  );
  const query = turned(qkv.subarray(0, heads * headDim), freq, position);
  const wanted = attend(query, newKeys, newValues, position + 1, shape);
  const found = new Float32Array(merged.get(3)!);
  expect(largestError(found, wanted, ones(wanted.length))).toBeLessThanOrEqual(2e-5);
});

const CHUNKS = [
  [0, 1],
  [0, 70],
  [61, 5],
  [130, 33],
] as const;

it.each(
  BITS.flatMap((bits) =>
    HEADS.flatMap((heads) => CHUNKS.map((chunk) => [bits, ...heads, ...chunk] as const)),
  ),
)('prefill, %i bits: %i heads over %i of %i, from %i, %i tokens', async (bits, ...shapeAndChunk) => {
  const [heads, kvHeads, headDim, start, tokens] = shapeAndChunk;
  const random = freshRandom('attention-prefill');
  const shape = { heads, kvHeads, headDim };
  const row = kvHeads * headDim;
  const rowFloats = (heads + 2 * kvHeads) * headDim;
  const freq = frequencies(random, headDim);
  const qkv = random.normals(tokens * rowFloats, 1.5);
  const entries = { kvHeads, headDim, bits };
  const keys = packRows(random.normals((start + tokens) * row, 1.5), entries, 'keys');
  const values = packRows(random.normals((start + tokens) * row), entries, 'values');
  const chunk = Uint32Array.of(start, tokens, 0, 0);
  const appended = await runKernel(
    device,
    ropeAppendKernel(bits),
    { HEADS: heads, KV_HEADS: kvHeads, HEAD_DIM: headDim },
    ropeAppendGrid(shape, tokens),
    [qkv, keys, values, ropeTable(freq, 512), chunk],
  );
  const turnedQkv = new Float32Array(appended.get(0)!);
  const [keyRows, valueRows] = [new Uint32Array(appended.get(1)!), new Uint32Array(appended.get(2)!)];
  const newKeys = unpackRows(keyRows.buffer, entries, 'keys');
  const newValues = unpackRows(valueRows.buffer, entries, 'values');
  for (let token = 0; token < tokens; token++) {
    const from = token * rowFloats;
    const both = turned(qkv.subarray(from, from + (heads + kvHeads) * headDim), freq, start + token);
    const query = turnedQkv.subarray(from, from + heads * headDim);
    expect(
      largestError(query, both.subarray(0, heads * headDim), ones(query.length).fill(4)),
    ).toBeLessThanOrEqual(1e-5);
    const at = (start + token) * row;
    const key = both.subarray(heads * headDim);
    expect(roundingError(newKeys.subarray(at, at + row), key, entries)).toBeLessThanOrEqual(1);
    const value = qkv.subarray(from + (heads + kvHeads) * headDim, from + rowFloats);
    expect(roundingError(newValues.subarray(at, at + row), value, entries)).toBeLessThanOrEqual(1);
  }

  const stride = heads * headDim + 8;
  const written = await runKernel(
    device,
    attentionPrefillKernel(bits),
    attentionPrefillConstants(shape, stride),
    attentionPrefillGrid(shape, tokens),
    [turnedQkv, keyRows, valueRows, chunk, new Float32Array(tokens * stride)],
  );
  const found = new Float32Array(written.get(4)!);
  for (let token = 0; token < tokens; token++) {
    const query = turnedQkv.subarray(token * rowFloats, token * rowFloats + heads * headDim);
    const wanted = attend(query, newKeys, newValues, start + token + 1, shape);
    const row = found.subarray(token * stride, token * stride + wanted.length);
    expect(largestError(row, wanted, ones(wanted.length))).toBeLessThanOrEqual(2e-5);
  }
});

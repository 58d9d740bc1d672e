// The products and attention of real models at their own widths and heads, by every variant that this adapter offers: a sample
// of rows of each matrix against float64, since a row of a product depends on no other. One model each run, drawn by the seed;
// YUPANA_SHAPES=all (npm run soak) takes all of them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeFloat16 } from '../../src/format/float16.ts';
import type { Device } from '../../src/gpu/device.ts';
import {
  attentionDecodeConstants,
  attentionDecodeGrid,
  attentionDecodeKernel,
} from '../../src/gpu/kernels/attention.ts';
import { strideOf, WEIGHT_FORMATS } from '../../src/gpu/kernels/dequant.ts';
import { EPILOGUE, gemmConstants, gemmGrid, gemmKernel, gemmShape } from '../../src/gpu/kernels/gemm.ts';
import {
  DEFAULT_GEMV,
  gemvConstants,
  gemvGateUpKernel,
  gemvGrid,
  gemvKernel,
  gemvMergeKernel,
} from '../../src/gpu/kernels/gemv.ts';
import { variantMissing, VARIANT_NAMES, VARIANTS } from '../../src/gpu/kernels/variants.ts';
import type { ProductMath } from '../../src/gpu/kernels/variants.ts';
import { SHAPES } from '../../src/llama/shapes.ts';
import type { LlamaConfig } from '../../src/llama/config.ts';
import { largestError, runKernel } from './bench-kernel.ts';
import { freshRandom } from './random.ts';
import { openFeatureRig } from './rig.ts';
import { matvec, padded, randomMatrix } from './weights.ts';

let device: Device;
beforeAll(async () => {
  device = await openFeatureRig();
});
afterAll(() => device.close());

const random = freshRandom('real shapes');
const NAMES = Object.keys(SHAPES) as (keyof typeof SHAPES)[];
const CHOSEN = process.env['YUPANA_SHAPES'] === 'all' ? NAMES : [NAMES[random.integer(0, NAMES.length - 1)]!];
const BAR: Record<ProductMath, number> = { f32: 1e-5, f16: 1e-3, i8: 1e-2 };
const ROWS = 21;
const TOKENS = 18;
const EPSILON = 1e-5;
const format = WEIGHT_FORMATS.q4f16_1;

describe.each(CHOSEN)('%s', (shape) => {
  const { hiddenSize, intermediateSize, numAttentionHeads, numKeyValueHeads, headDim }: LlamaConfig =
    SHAPES[shape];
  const attention = numAttentionHeads * headDim;

  it.for(VARIANT_NAMES)('products by %s', async (name, context) => {
    const variant = VARIANTS[name];
    const missing = variantMissing(variant, format, device);
    if (missing !== null) context.skip(missing);
    const bar = BAR[variant.math];
    const knobs = { ...DEFAULT_GEMV, ...variant };

    // QKV, logits; gate and up: normed, as wide as the hidden state.
    const x = random.normals(hiddenSize, 2);
    const norm = random.normals(hiddenSize);
    const factor = 1 / Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / hiddenSize + EPSILON);
    const normed = matvecOf(
      ROWS,
      hiddenSize,
      Float64Array.from(x, (value, i) => value * factor * norm[i]!),
    );
    const wide = strideOf(format, hiddenSize);
    const constants = gemvConstants(format, ROWS, hiddenSize, knobs);
    const more = { COLUMNS: hiddenSize, EPSILON };
    const { matrix } = normed;
    const qkv = await runKernel(
      device,
      gemvKernel(format, knobs),
      { ...constants, ...more, NORM: 1 },
      gemvGrid(constants, 65535),
      [matrix.weights, matrix.scales, padded(x, wide), padded(norm, wide), new Float32Array(ROWS)],
    );
    expect(largestError(new Float32Array(qkv.get(4)!), normed.y, normed.scale)).toBeLessThanOrEqual(bar);
    const both = await runKernel(
      device,
      gemvGateUpKernel(format, knobs),
      { ...constants, ...more },
      gemvGrid(constants, 65535),
      [
        matrix.weights,
        matrix.scales,
        matrix.weights,
        matrix.scales,
        padded(x, wide),
        padded(norm, wide),
        new Float32Array(ROWS),
      ],
    );
    const gated = normed.y.map((value) => (value / (1 + Math.exp(-value))) * value);
    const gatedScale = normed.scale.map((value) => (1 + value) * value);
    expect(largestError(new Float32Array(both.get(6)!), gated, gatedScale)).toBeLessThanOrEqual(2 * bar);

    // Down: added, as wide as the MLP.
    const inner = random.normals(intermediateSize, 3);
    const down = matvecOf(ROWS, intermediateSize, inner);
    const before = random.normals(ROWS);
    const downConstants = gemvConstants(format, ROWS, intermediateSize, knobs);
    const vector = padded(inner, strideOf(format, intermediateSize));
    const added = await runKernel(
      device,
      gemvKernel(format, knobs),
      { ...downConstants, ADD: 1 },
      gemvGrid(downConstants, 65535),
      [down.matrix.weights, down.matrix.scales, vector, vector, before],
    );
    const sums = down.y.map((value, i) => value + before[i]!);
    const sumScale = down.scale.map((value, i) => value + Math.abs(before[i]!));
    expect(largestError(new Float32Array(added.get(4)!), sums, sumScale)).toBeLessThanOrEqual(bar);

    // O: over attention's heads, in one split.
    const part = random.normals(attention);
    const o = matvecOf(ROWS, attention, part);
    const stride = strideOf(format, attention);
    const oConstants = gemvConstants(format, ROWS, attention, knobs);
    const heads = { HEADS: numAttentionHeads, HEAD_DIM: headDim };
    const merged = await runKernel(
      device,
      gemvMergeKernel(format, knobs),
      { ...oConstants, ...heads, STRIDE4: stride / 4, SPLIT: 128, MAX_SPLITS: 32 },
      gemvGrid(oConstants, 65535),
      [
        o.matrix.weights,
        o.matrix.scales,
        padded(part, stride),
        new Float32Array(Array.from({ length: numAttentionHeads }, () => [0.5, 1]).flat()),
        Uint32Array.of(9, 0, 0, 0),
        new Float32Array(ROWS),
      ],
    );
    expect(largestError(new Float32Array(merged.get(5)!), o.y, o.scale)).toBeLessThanOrEqual(bar);
  });

  it.for(['f32', 'f16'] as const)('tiles in %s', async (math, context) => {
    if (math === 'f16' && !device.features.has('shader-f16')) context.skip('the device has no shader-f16');
    const matrix = randomMatrix(random, 'q4f16_1', ROWS, intermediateSize);
    const stride = strideOf(format, intermediateSize);
    const vectors = Array.from({ length: TOKENS }, () => random.normals(intermediateSize, 3));
    const x = new Float32Array(TOKENS * stride);
    vectors.forEach((values, i) => x.set(values, i * stride));
    const written = await runKernel(
      device,
      gemmKernel(format, math),
      gemmConstants(32),
      gemmGrid(ROWS, TOKENS, 32),
      [
        matrix.weights,
        matrix.scales,
        x,
        Uint32Array.of(0, TOKENS, 0, 0),
        gemmShape(format, ROWS, intermediateSize, ROWS, EPILOGUE.store),
        new Float32Array(TOKENS * ROWS),
      ],
    );
    const out = new Float32Array(written.get(5)!);
    for (const i of [0, TOKENS - 1]) {
      const { y, scale } = matvec(matrix, vectors[i]!);
      expect(largestError(out.subarray(i * ROWS, (i + 1) * ROWS), y, scale)).toBeLessThanOrEqual(BAR[math]);
    }
  });

  it('attention reads its own heads', async () => {
    // Every value of a key-value head is that head's number: so is whatever a query that shares it attends to.
    const [length, row] = [130, numKeyValueHeads * headDim];
    const numbers = Array.from({ length: numKeyValueHeads }, (_, head) => encodeFloat16(head / 16));
    const values = Uint16Array.from(
      { length: length * row },
      (_, i) => numbers[Math.floor(i / headDim) % numKeyValueHeads]!,
    );
    const qkv = random.normals((numAttentionHeads + 2 * numKeyValueHeads) * headDim);
    for (let i = 0; i < row; i++) {
      qkv[(numAttentionHeads + numKeyValueHeads) * headDim + i] = Math.floor(i / headDim) / 16;
    }
    const stride = strideOf(format, attention);
    const shapeOf = { heads: numAttentionHeads, kvHeads: numKeyValueHeads, headDim };
    const written = await runKernel(
      device,
      attentionDecodeKernel(16),
      { ...attentionDecodeConstants(shapeOf, stride), SPLIT: 128, MAX_SPLITS: 32 },
      attentionDecodeGrid(shapeOf, 2),
      [
        qkv,
        new Uint16Array(length * row),
        values,
        new Float32Array(257 * headDim).fill(0.5),
        Uint32Array.of(length - 1, 0, 0, 0),
        new Float32Array(2 * stride),
        new Float32Array(4 * numAttentionHeads),
      ],
    );
    const parts = new Float32Array(written.get(5)!);
    const stats = new Float32Array(written.get(6)!);
    const shared = numAttentionHeads / numKeyValueHeads;
    for (let split = 0; split < 2; split++) {
      for (let head = 0; head < numAttentionHeads; head++) {
        const sum = stats[(split * numAttentionHeads + head) * 2 + 1]!;
        const at = split * stride + head * headDim;
        for (const d of [0, 1, headDim - 1]) {
          expect(parts[at + d]! / sum).toBeCloseTo(Math.floor(head / shared) / 16, 4);
        }
      }
    }
  });
});

function matvecOf(rows: number, columns: number, x: ArrayLike<number>) {
  const matrix = randomMatrix(random, 'q4f16_1', rows, columns);
  return { matrix, ...matvec(matrix, x) };
}

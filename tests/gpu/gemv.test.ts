// Decoding's matrix-vector products against float64, at awkward shapes, in every scheme.

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SchemeName } from '../../src/format/schemes.ts';
import type { Device } from '../../src/gpu/device.ts';
import { strideOf, WEIGHT_FORMATS } from '../../src/gpu/kernels/dequant.ts';
import {
  gemvConstants,
  gemvGateUpKernel,
  gemvGrid,
  gemvKernel,
  gemvMergeKernel,
} from '../../src/gpu/kernels/gemv.ts';
import { largestError, runKernel } from './bench-kernel.ts';
import { freshRandom } from './random.ts';
import type { Random } from './random.ts';
import { openRig } from './rig.ts';
import { matvec, padded, randomMatrix } from './weights.ts';

let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

const SCHEMES: SchemeName[] = ['q4f16_1', 'q4f32_1', 'q3f16_1', 'q0f16'];
/** rows, columns: one row, rows that fill no block, one pack, tails, more packs than lanes */
const SHAPES = [
  [1, 8],
  [37, 208],
  [130, 72],
  [6, 2056],
] as const;
const CASES = SCHEMES.flatMap((scheme) => SHAPES.map((shape) => [scheme, ...shape] as const));
const EPSILON = 1e-5;

function normed(random: Random, columns: number) {
  const x = random.normals(columns, 2);
  const norm = random.normals(columns);
  const factor = 1 / Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / columns + EPSILON);
  return { x, norm, values: Float64Array.from(x, (value, i) => value * factor * norm[i]!) };
}

it.each(CASES)('plain, added and normed %s [%i, %i]', async (scheme, rows, columns) => {
  const random = freshRandom('gemv');
  const format = WEIGHT_FORMATS[scheme];
  const matrix = randomMatrix(random, scheme, rows, columns);
  const stride = strideOf(format, columns);
  const { x, norm, values } = normed(random, columns);
  const before = random.normals(rows);
  const constants = gemvConstants(format, rows, columns);
  const run = async (more: Record<string, number>) => {
    const written = await runKernel(
      device,
      gemvKernel(format),
      { ...constants, ...more },
      gemvGrid(constants, 65535),
      [matrix.weights, matrix.scales, padded(x, stride), padded(norm, stride), before],
    );
    return new Float32Array(written.get(4)!);
  };
  const plain = matvec(matrix, x);
  expect(largestError(await run({}), plain.y, plain.scale)).toBeLessThanOrEqual(1e-5);
  const sums = plain.y.map((value, i) => value + before[i]!);
  const scale = plain.scale.map((value, i) => value + Math.abs(before[i]!));
  expect(largestError(await run({ ADD: 1 }), sums, scale)).toBeLessThanOrEqual(1e-5);
  const wanted = matvec(matrix, values);
  const found = await run({ NORM: 1, COLUMNS: columns, EPSILON });
  expect(largestError(found, wanted.y, wanted.scale)).toBeLessThanOrEqual(1e-5);
});

it.each(CASES)('gate and up %s [%i, %i]', async (scheme, rows, columns) => {
  const random = freshRandom('gemv-gate-up');
  const format = WEIGHT_FORMATS[scheme];
  const gate = randomMatrix(random, scheme, rows, columns);
  const up = randomMatrix(random, scheme, rows, columns);
  const stride = strideOf(format, columns);
  const { x, norm, values } = normed(random, columns);
  const constants = gemvConstants(format, rows, columns);
  const written = await runKernel(
    device,
    gemvGateUpKernel(format),
    { ...constants, COLUMNS: columns, EPSILON },
    gemvGrid(constants, 65535),
    [
      gate.weights,
      gate.scales,
      up.weights,
      up.scales,
      padded(x, stride),
      padded(norm, stride),
      new Float32Array(rows),
    ],
  );
  const [g, u] = [matvec(gate, values), matvec(up, values)];
  const wanted = g.y.map((value, i) => (value / (1 + Math.exp(-value))) * u.y[i]!);
  const scale = g.scale.map((value, i) => (1 + value) * u.scale[i]!);
  expect(largestError(new Float32Array(written.get(6)!), wanted, scale)).toBeLessThanOrEqual(1e-5);
});

it.each(SCHEMES.flatMap((scheme) => [1, 2, 4].map((splits) => [scheme, splits] as const)))(
  'merging %s, %i splits',
  async (scheme, splits) => {
    const random = freshRandom('gemv-merge');
    const format = WEIGHT_FORMATS[scheme];
    const [rows, heads, headDim] = [29, 3, 48];
    const columns = heads * headDim;
    const matrix = randomMatrix(random, scheme, rows, columns);
    const stride = strideOf(format, columns);
    const parts = new Float32Array(splits * stride);
    const stats = new Float32Array(splits * heads * 2);
    for (let s = 0; s < splits; s++) parts.set(random.normals(columns), s * stride);
    for (let i = 0; i < stats.length; i += 2) stats.set([random.next() * 20 - 10, 0.5 + random.next()], i);
    // A split of no positions, as the last ones may be.
    if (splits === 4) for (let h = 0; h < heads; h++) stats.set([-3e38, 0], (3 * heads + h) * 2);
    if (splits === 4) parts.fill(0, 3 * stride);
    const x = new Float64Array(columns);
    for (let i = 0; i < columns; i++) {
      const head = Math.floor(i / headDim);
      const each = Array.from({ length: splits }, (_, s) => (s * heads + head) * 2);
      const largest = Math.max(...each.map((at) => stats[at]!));
      const factors = each.map((at) => Math.exp(stats[at]! - largest));
      const sum = each.reduce((total, at, s) => total + factors[s]! * stats[at + 1]!, 0);
      x[i] = factors.reduce((total, factor, s) => total + (factor / sum) * parts[s * stride + i]!, 0);
    }
    const before = random.normals(rows);
    const constants = gemvConstants(format, rows, columns);
    const written = await runKernel(
      device,
      gemvMergeKernel(format),
      { ...constants, HEADS: heads, HEAD_DIM: headDim, STRIDE4: stride / 4, SPLIT: 10, MAX_SPLITS: 32 },
      gemvGrid(constants, 65535),
      [matrix.weights, matrix.scales, parts, stats, Uint32Array.of(splits * 10 - 1, 0, 0, 0), before],
    );
    const { y, scale } = matvec(matrix, x);
    const wanted = y.map((value, i) => value + before[i]!);
    const scales = scale.map((value, i) => value + Math.abs(before[i]!));
    expect(largestError(new Float32Array(written.get(5)!), wanted, scales)).toBeLessThanOrEqual(1e-5);
  },
);

it('more workgroups than a dimension holds: the grid is spread over two', async () => {
  const random = freshRandom('grid');
  const format = WEIGHT_FORMATS.q4f16_1;
  const matrix = randomMatrix(random, 'q4f16_1', 1100, 32);
  const x = random.normals(32);
  const constants = { ...gemvConstants(format, 1100, 32), THREADS: 1, LANES: 1 };
  const grid = gemvGrid(constants, 7);
  expect(grid[0]).toBeLessThanOrEqual(7);
  expect(grid[1]).toBeGreaterThan(1);
  const written = await runKernel(device, gemvKernel(format), constants, grid, [
    matrix.weights,
    matrix.scales,
    x,
    x,
    new Float32Array(1100),
  ]);
  const { y, scale } = matvec(matrix, x);
  expect(largestError(new Float32Array(written.get(4)!), y, scale)).toBeLessThanOrEqual(1e-5);
});

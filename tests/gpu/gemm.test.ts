// Prefill's projections, norm and embedding against float64, at awkward shapes, in every scheme.

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SchemeName } from '../../src/format/schemes.ts';
import type { Device } from '../../src/gpu/device.ts';
import { packsOf, strideOf, WEIGHT_FORMATS } from '../../src/gpu/kernels/dequant.ts';
import { embedGrid, embedKernel } from '../../src/gpu/kernels/embed.ts';
import {
  EPILOGUE,
  gemmGrid,
  gemmKernel,
  gemmConstants,
  gemmTile,
  gemmShape,
  rmsNormKernel,
} from '../../src/gpu/kernels/gemm.ts';
import { largestError, runKernel } from './bench-kernel.ts';
import { freshRandom } from './random.ts';
import { openRig } from './rig.ts';
import { matvec, randomMatrix } from './weights.ts';

let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

const SCHEMES: SchemeName[] = ['q4f16_1', 'q4f32_1', 'q3f16_1', 'q0f16'];
/** tokens, rows, columns: one token, tiles of each size, rows and columns that fill none */
const SHAPES = [
  [1, 5, 8],
  [3, 70, 208],
  [17, 64, 96],
  [33, 100, 160],
  [65, 130, 72],
] as const;

it.each(SCHEMES.flatMap((scheme) => SHAPES.map((shape) => [scheme, ...shape] as const)))(
  'gemm %s: %i tokens, [%i, %i]',
  async (scheme, tokens, rows, columns) => {
    const random = freshRandom('gemm');
    const format = WEIGHT_FORMATS[scheme];
    const matrix = randomMatrix(random, scheme, rows, columns);
    const stride = strideOf(format, columns);
    const outStride = rows + 3;
    const x = new Float32Array(tokens * stride);
    for (let token = 0; token < tokens; token++) x.set(random.normals(columns), token * stride);
    const before = random.normals(tokens * outStride);
    const tile = gemmTile(tokens);
    for (const epilogue of Object.values(EPILOGUE)) {
      const written = await runKernel(
        device,
        gemmKernel(format),
        gemmConstants(tile),
        gemmGrid(rows, tokens, tile),
        [
          matrix.weights,
          matrix.scales,
          x,
          Uint32Array.of(0, tokens, 0, 0),
          gemmShape(format, rows, columns, outStride, epilogue),
          before,
        ],
      );
      const out = new Float32Array(written.get(5)!);
      const wanted = Float64Array.from(before);
      const scales = new Float64Array(before.length).fill(1);
      for (let token = 0; token < tokens; token++) {
        const { y, scale } = matvec(matrix, x.subarray(token * stride, token * stride + columns));
        for (let row = 0; row < rows; row++) {
          const at = token * outStride + row;
          const old = before[at]!;
          const gate = old / (1 + Math.exp(-old));
          wanted[at] = epilogue === 0 ? y[row]! : epilogue === 1 ? old + y[row]! : gate * y[row]!;
          scales[at] = epilogue === 2 ? Math.abs(gate) * scale[row]! + 1e-3 : scale[row]! + Math.abs(old);
        }
      }
      expect(largestError(out, wanted, scales)).toBeLessThanOrEqual(1e-5);
    }
  },
);

it.each([
  [1, 8],
  [3, 72],
  [5, 1024],
])('rmsnorm: %i tokens of %i', async (tokens, columns) => {
  const random = freshRandom('rmsnorm');
  const stride = strideOf(WEIGHT_FORMATS.q4f16_1, columns);
  const x = new Float32Array(tokens * stride);
  for (let token = 0; token < tokens; token++) x.set(random.normals(columns, 3), token * stride);
  const weight = new Float32Array(stride);
  weight.set(random.normals(columns));
  const constants = { COLUMNS: columns, STRIDE4: stride / 4, EPSILON: 1e-5 };
  const written = await runKernel(
    device,
    rmsNormKernel,
    constants,
    [tokens, 1, 1],
    [x, weight, new Float32Array(x.length)],
  );
  const wanted = new Float64Array(x.length);
  for (let token = 0; token < tokens; token++) {
    const row = Float64Array.from(x.subarray(token * stride, token * stride + columns));
    const mean = row.reduce((sum, value) => sum + value * value, 0) / columns;
    row.forEach((value, i) => (wanted[token * stride + i] = (value / Math.sqrt(mean + 1e-5)) * weight[i]!));
  }
  const scale = wanted.map((value) => Math.abs(value) + 1e-3);
  expect(largestError(new Float32Array(written.get(2)!), wanted, scale)).toBeLessThanOrEqual(1e-5);
});

it.each(SCHEMES)('embed %s, in two chunks of rows', async (scheme) => {
  const random = freshRandom('embed');
  const format = WEIGHT_FORMATS[scheme];
  const [vocab, hidden] = [9, 104];
  const matrix = randomMatrix(random, scheme, vocab, hidden);
  const tokens = Uint32Array.of(99, 8, 0, 5, 4, 8);
  const stride = strideOf(format, hidden);
  const packs = packsOf(format, hidden);
  let x = new Float32Array(5 * stride);
  for (const [first, rows] of [
    [0, 6],
    [6, 3],
  ] as const) {
    const written = await runKernel(
      device,
      embedKernel(format),
      { PACKS: packs, COLUMNS: hidden, STRIDE4: stride / 4, FIRST: first, ROWS: rows, TOKENS_AT: 1 },
      embedGrid(format, hidden, 5),
      [
        matrix.weights.slice(first * packs * 4, (first + rows) * packs * 4),
        matrix.scales.slice(first * packs, (first + rows) * packs),
        tokens,
        x,
      ],
    );
    x = new Float32Array(written.get(3)!);
  }
  for (const [i, token] of tokens.subarray(1).entries()) {
    const wanted = matrix.values.subarray(token * hidden, (token + 1) * hidden);
    const found = x.subarray(i * stride, i * stride + hidden);
    expect(largestError(found, wanted, wanted.map(Math.abs))).toBeLessThanOrEqual(1e-6);
    const padding = x.subarray(i * stride + hidden, (i + 1) * stride);
    expect(padding.every((value) => value === 0)).toBe(true);
  }
});

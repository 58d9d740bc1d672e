// Every kernel against float64 on awkward shapes, with fresh seeds. Bars are relative to the magnitudes that were added.

import { beforeAll, describe, expect, it, vi } from 'vitest';
import { decodeFloat16, encodeBfloat16, encodeFloat16 } from '../../format/float16.ts';
import { dequantize, groupsOf, SCHEMES, wordsOf, type QuantScheme } from '../../format/schemes.ts';
import { compileKernels, createMemory, instantiateKernels, type Kernels } from './kernels.ts';

// Quick when alone; the suite shares two cores with browsers.
vi.setConfig({ testTimeout: 90_000 });

const SEED = (Date.now() ^ (process.pid << 16)) >>> 0;
console.log(`cpu kernels seed ${SEED}`);
let state = SEED;
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}
const normal = () => (random() + random() + random() + random() - 2) * 1.7;
const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));

let kernels: Kernels;
let memory: WebAssembly.Memory;
let top = 0;

/** A fresh region, filled with `fill` bytes: what a kernel does not write must not matter. */
function room(bytes: number, fill = 0): number {
  const at = (top + 63) & ~63;
  top = at + bytes;
  if (top > memory.buffer.byteLength) throw new Error(`the test's memory is too small: ${top}`);
  new Uint8Array(memory.buffer, at, bytes).fill(fill);
  return at;
}
const f32 = (at: number, length: number) => new Float32Array(memory.buffer, at, length);
const u16 = (at: number, length: number) => new Uint16Array(memory.buffer, at, length);
const u32 = (at: number, length: number) => new Uint32Array(memory.buffer, at, length);

beforeAll(async () => {
  memory = createMemory(48 * 2 ** 20, false);
  kernels = await instantiateKernels(await compileKernels(false), memory);
});

/** Largest difference over the largest magnitude allowed for it. */
function worst(actual: ArrayLike<number>, expected: ArrayLike<number>, scale: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN)) / ((scale[i] ?? 0) + 1e-30);
    if (!(difference <= most)) most = difference;
  }
  return most;
}

interface Matrix {
  rows: number;
  size: number;
  groups: number;
  weights: Float64Array;
  codes: number;
  scales: number;
  bfloat16: boolean;
}

/** Random codes (the whole range of the field) and scales of both signs, woven into the kernels' layout. */
function quantizedMatrix(scheme: QuantScheme, rows: number, size: number): Matrix {
  top = 1024;
  const bfloat16 = scheme.scaleType === 'float32';
  const octets = Math.ceil(rows / 8);
  const groups = groupsOf(scheme, size);
  const words = wordsOf(scheme, size);
  const rawCodes = room(octets * 8 * words * 4);
  const rawScales = room(octets * 8 * groups * 2);
  const used = u32(rawCodes, rows * words);
  for (let i = 0; i < used.length; i++)
    used[i] = scheme.bits === 3 ? between(0, 2 ** 30 - 1) : between(0, 2 ** 32 - 1);
  const halves = u16(rawScales, rows * groups);
  const values = new Float64Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    // A few subnormal scales, a few of zero.
    const value = random() < 0.1 ? normal() * 2 ** -18 : random() < 0.05 ? 0 : normal() * 0.01;
    halves[i] = bfloat16 ? encodeBfloat16(value) : encodeFloat16(value);
    values[i] = bfloat16
      ? new Float32Array(new Uint32Array([(halves[i] ?? 0) << 16]).buffer)[0]!
      : decodeFloat16(halves[i] ?? 0);
  }
  const weights = dequantize(scheme, used.slice(), values, rows, size);
  const codes = room(octets * 8 * words * 4);
  const scales = room(octets * 8 * groups * 2);
  kernels.weave32(rawCodes, codes, octets, words, scheme.bits === 3);
  kernels.weave16(rawScales, scales, octets, groups);
  return { rows, size, groups, weights, codes, scales, bfloat16 };
}

/**
 * y = w . x in float64, and what y may be off by: 2e-6 of the magnitudes added, and of each weight half a step of its
 * activation's code, of which the group's largest |x| is 32767.
 */
function reference(
  matrix: { rows: number; size: number; weights: Float64Array },
  x: Float32Array,
  group = 0,
) {
  const halfStep = Float64Array.from({ length: matrix.size }, (_, k) => {
    if (group === 0) return 0;
    const from = k - (k % group);
    return x.subarray(from, from + group).reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 65534;
  });
  const y = new Float64Array(matrix.rows);
  const allowed = new Float64Array(matrix.rows);
  for (let row = 0; row < matrix.rows; row++) {
    let sum = 0;
    let bound = 0;
    for (let k = 0; k < matrix.size; k++) {
      const weight = matrix.weights[row * matrix.size + k]!;
      sum += weight * x[k]!;
      bound += Math.abs(weight) * (halfStep[k]! + 2e-6 * Math.abs(x[k]!));
    }
    y[row] = sum;
    allowed[row] = bound;
  }
  return { y, allowed };
}

const QUANTIZED = [
  { scheme: SCHEMES.q4f16_1, record: 72, tile: 512 },
  { scheme: SCHEMES.q4f32_1, record: 72, tile: 512 },
  { scheme: SCHEMES.q3f16_1, record: 88, tile: 640 },
];
const SHAPES: [rows: number, size: number, columns: number][] = [
  [8, 32, 1],
  [1, 1, 1],
  [500, 96, 3],
  [33, 336, 9],
  [72, 1376, 4],
  [between(1, 90), between(1, 700), between(1, 13)],
  [between(1, 90), between(1, 700), between(1, 13)],
];

describe.each(QUANTIZED)('products with $scheme.name', ({ scheme, record, tile }) => {
  const gemm = () => (scheme.bits === 3 ? kernels.gemmQ3 : kernels.gemmQ4);
  const column = () => (scheme.bits === 3 ? kernels.columnQ3 : kernels.columnQ4);

  it.each(SHAPES)('[%i, %i] with %i columns', (rows, size, columns) => {
    const matrix = quantizedMatrix(scheme, rows, size);
    const { groups, codes, scales, bfloat16 } = matrix;
    const padded = groups * scheme.group;
    const octets = Math.ceil(rows / 8);
    const x = room(columns * padded * 4);
    const coded = room(columns * groups * record, 0xff);
    const yStride = octets * 32;
    const y = room(columns * yStride, 0xff);
    const scratch = room(groups * tile, 0xff);
    for (let c = 0; c < columns; c++) {
      const values = f32(x + c * padded * 4, size);
      for (let k = 0; k < size; k++) values[k] = normal() * (random() < 0.02 ? 30 : 1);
      column()(x + c * padded * 4, coded + c * groups * record, groups, bfloat16);
    }
    const run = (from: number, count: number, add: boolean, split = 0) => {
      const at = [codes, scales, groups, bfloat16, coded + from * groups * record, groups * record] as const;
      gemm()(...at, count, y + from * yStride, yStride, 0, split, add, scratch);
      gemm()(...at, count, y + from * yStride, yStride, split, octets, add, scratch);
    };
    run(0, columns, false, Math.floor(octets / 2));
    const batched = f32(y, (columns * yStride) / 4).slice();
    for (let c = 0; c < columns; c++) {
      const { y: expected, allowed } = reference(matrix, f32(x + c * padded * 4, padded), scheme.group);
      const actual = batched.subarray((c * yStride) / 4, (c * yStride) / 4 + rows);
      expect(worst(actual, expected, allowed), `seed ${SEED}`).toBeLessThan(1);
      run(c, 1, false);
      expect(f32(y + c * yStride, rows), 'one column alone, to the bit').toEqual(actual);
    }
    run(0, columns, true);
    expect(
      worst(
        f32(y, batched.length),
        batched.map((v) => 2 * v),
        batched.map(Math.abs),
      ),
    ).toBeLessThan(1e-6);
  });

  it('takes single rows out for the embedding', () => {
    const matrix = quantizedMatrix(scheme, 21, 136);
    const out = room(matrix.groups * scheme.group * 4, 0xff);
    const embed = scheme.bits === 3 ? kernels.embedQ3 : kernels.embedQ4;
    for (const row of [0, 7, 8, 20]) {
      embed(matrix.codes, matrix.scales, matrix.groups, matrix.bfloat16, row, out);
      const expected = Float32Array.from(matrix.weights.subarray(row * 136, (row + 1) * 136));
      expect(f32(out, 136)).toEqual(expected);
    }
  });

  it('gives zero for activations of zero and NaN for NaN', () => {
    const matrix = quantizedMatrix(scheme, 8, 80);
    const { groups, codes, scales, bfloat16 } = matrix;
    const x = room(groups * scheme.group * 4);
    const coded = room(groups * record);
    const y = room(32);
    const run = () => {
      column()(x, coded, groups, bfloat16);
      gemm()(codes, scales, groups, bfloat16, coded, groups * record, 1, y, 32, 0, 1, false, 0);
    };
    run();
    expect([...f32(y, 8)].every((value) => value === 0)).toBe(true);
    f32(x, 80)[3] = NaN;
    run();
    expect([...f32(y, 8)].every(Number.isNaN)).toBe(true);
  });
});

describe('products with q0f16', () => {
  it.each(SHAPES)('[%i, %i] with %i columns', (rows, size, columns) => {
    top = 1024;
    const octets = Math.ceil(rows / 8);
    const raw = room(octets * 8 * size * 2);
    const halves = u16(raw, rows * size);
    const weights = Float64Array.from({ length: rows * size }, (_, i) => {
      const half = encodeFloat16(normal() * (random() < 0.1 ? 2 ** -17 : 0.05));
      halves[i] = half;
      return decodeFloat16(half);
    });
    const w = room(octets * 8 * size * 2);
    kernels.weave16(raw, w, octets, size);
    const x = room(columns * size * 4);
    const y = room(columns * octets * 32, 0xff);
    f32(x, columns * size).forEach((_, i, values) => (values[i] = normal()));
    kernels.gemmF16(w, size, x, size * 4, columns, y, octets * 32, 0, octets, false);
    for (let c = 0; c < columns; c++) {
      const { y: expected, allowed } = reference({ rows, size, weights }, f32(x + c * size * 4, size));
      expect(worst(f32(y + c * octets * 32, rows), expected, allowed), `seed ${SEED}`).toBeLessThan(1);
    }
    const out = room(size * 4);
    kernels.embedF16(w, size, rows - 1, out);
    expect(f32(out, size)).toEqual(Float32Array.from(weights.subarray((rows - 1) * size)));
  });
});

describe('what lies between the products', () => {
  it('rounds to halves as format/float16 does, but stops at the largest', () => {
    top = 1024;
    const x = room(4096 * 4);
    const out = room(4096 * 2);
    const values = f32(x, 4096);
    for (let i = 0; i < 4096; i++) {
      const exponent = between(-28, 17);
      values[i] =
        i < 2048 ? (random() - 0.5) * 2 ** exponent : decodeFloat16(between(0, 0x7bff)) * (1 + 2 ** -11);
    }
    values.set([0, -0, 65504, 65519, 65520, -1e9, 2 ** -24, 2 ** -25, 2 ** -25 * 1.01, 2 ** -14 - 2 ** -26]);
    kernels.storeHalves(x, out, 4096);
    const expected = Uint16Array.from(values, (value) =>
      encodeFloat16(Math.max(-65504, Math.min(65504, value))),
    );
    expect(u16(out, 4096), `seed ${SEED}`).toEqual(expected);
  });

  it.each([1, 5, 256, 2048, between(3, 999)])('rmsNorm of %i', (size) => {
    top = 1024;
    const padded = (size + 7) & ~7;
    const [x, weight, out] = [room(padded * 4), room(padded * 4), room(padded * 4)];
    f32(x, size).forEach((_, i, values) => (values[i] = normal() * 3));
    f32(weight, size).forEach((_, i, values) => (values[i] = 1 + normal()));
    kernels.rmsNorm(x, weight, out, size, 1e-5);
    const squares = f32(x, size).reduce((sum, value) => sum + value * value, 0);
    const scale = 1 / Math.sqrt(squares / size + 1e-5);
    const expected = Float64Array.from(f32(x, size), (value, i) => value * scale * f32(weight, size)[i]!);
    expect(worst(f32(out, size), expected, expected.map(Math.abs)), `seed ${SEED}`).toBeLessThan(2e-6);
  });

  it('swiglu, extremes included', () => {
    top = 1024;
    const [gate, up] = [room(400), room(400)];
    f32(gate, 100).forEach((_, i, values) => (values[i] = normal() * 8));
    f32(gate, 100).set([0, 100, -100, 1e4, -1e4, 87.5, -87.5]);
    f32(up, 100).forEach((_, i, values) => (values[i] = normal()));
    const expected = Float64Array.from(f32(gate, 100), (g, i) => (g / (1 + Math.exp(-g))) * f32(up, 100)[i]!);
    kernels.swiglu(gate, up, 100);
    const allowed = expected.map((value) => Math.abs(value) + 1e-20);
    expect(worst(f32(gate, 100), expected, allowed), `seed ${SEED}`).toBeLessThan(1e-6);
  });

  it.each([8, 64, 160])('rotates heads of %i', (headDim) => {
    top = 1024;
    const half = headDim / 2;
    const [x, cosines, sines] = [room(3 * headDim * 4), room(half * 4), room(half * 4)];
    f32(x, 3 * headDim).forEach((_, i, values) => (values[i] = normal()));
    const angles = Float64Array.from({ length: half }, () => random() * 6);
    f32(cosines, half).set(angles.map(Math.cos));
    f32(sines, half).set(angles.map(Math.sin));
    const before = f32(x, 3 * headDim).slice();
    kernels.rotate(x, 3, half, cosines, sines);
    const expected = Float64Array.from(before, (value, i) => {
      const d = i % headDim;
      const angle = angles[d % half]!;
      const partner = before[d < half ? i + half : i - half]!;
      return value * Math.cos(angle) + (d < half ? -1 : 1) * partner * Math.sin(angle);
    });
    expect(
      worst(
        f32(x, 3 * headDim),
        expected,
        expected.map(() => 1),
      ),
      `seed ${SEED}`,
    ).toBeLessThan(1e-6);
  });

  it.each([
    [8, 1],
    [32, 7],
    [64, 300],
    [80, 33],
    [160, 65],
    [256, 2],
    [8 * between(1, 20), between(1, 200)],
  ])('attention of heads of %i over %i positions', (headDim, length) => {
    top = 1024;
    const size = headDim * length;
    const [q, keys, values, out] = [
      room(headDim * 4),
      room(size * 2),
      room(size * 2),
      room(headDim * 4, 0xff),
    ];
    const scratch = room((headDim + length + 4) * 4, 0xff);
    // A second query that sees one position less, and scratch for two.
    const [shorter, shorterOut] = [room(headDim * 4), room(headDim * 4, 0xff)];
    const apart = Math.ceil((headDim + length + 4) / 4) * 16;
    const wide = room(2 * apart, 0xff);
    f32(shorter, headDim).forEach((_, i, all) => (all[i] = normal()));
    f32(q, headDim).forEach((_, i, all) => (all[i] = normal()));
    for (const at of [keys, values]) u16(at, size).forEach((_, i, all) => (all[i] = encodeFloat16(normal())));
    kernels.attend(q, keys, values, headDim, length, scratch, out);
    const [keyHalves, valueHalves] = [u16(keys, size), u16(values, size)];
    const half = (all: Uint16Array, p: number, d: number) => decodeFloat16(all[p * headDim + d]!);
    const scores = Array.from({ length }, (_, p) => {
      let dot = 0;
      for (let d = 0; d < headDim; d++) dot += f32(q, headDim)[d]! * half(keyHalves, p, d);
      return dot / Math.sqrt(headDim);
    });
    const largest = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - largest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const expected = Float64Array.from({ length: headDim }, (_, d) =>
      weights.reduce((sum, weight, p) => sum + (weight / total) * half(valueHalves, p, d), 0),
    );
    expect(
      worst(
        f32(out, headDim),
        expected,
        expected.map(() => 1),
      ),
      `seed ${SEED}`,
    ).toBeLessThan(1e-5);
    if (length === 1) return;
    const alone = f32(out, headDim).slice();
    kernels.attend(shorter, keys, values, headDim, length - 1, scratch, shorterOut);
    const shorterAlone = f32(shorterOut, headDim).slice();
    f32(shorterOut, headDim).fill(NaN);
    const lengths = [length - 1, length] as const;
    kernels.attendTwo(shorter, q, keys, values, headDim, ...lengths, wide, apart, shorterOut, out);
    expect(f32(out, headDim), 'two at once, to the bit').toEqual(alone);
    expect(f32(shorterOut, headDim), 'two at once, to the bit').toEqual(shorterAlone);
  });
});

// Every variant of the products passes what the base passes: kernels against float64 with knobs drawn anew each run, whole
// models against the goldens and the float64 forward pass, and the budgets. A variant that this adapter can't run is reported
// as skipped, by name.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { folderSource } from '../../src/cli/folder-source.ts';
import { createWgslEngine } from '../../src/engines/wgsl/engine.ts';
import { variantTuning } from '../../src/engines/wgsl/tuning.ts';
import type { SchemeName } from '../../src/format/schemes.ts';
import { countersSince } from '../../src/gpu/counters.ts';
import type { Device } from '../../src/gpu/device.ts';
import { strideOf, WEIGHT_FORMATS } from '../../src/gpu/kernels/dequant.ts';
import { EPILOGUE, gemmConstants, gemmGrid, gemmKernel, gemmShape } from '../../src/gpu/kernels/gemm.ts';
import {
  gemvBatchConstants,
  gemvBatchKernel,
  gemvConstants,
  gemvGateUpKernel,
  gemvGrid,
  gemvKernel,
  gemvMergeKernel,
} from '../../src/gpu/kernels/gemv.ts';
import type { GemvTuning } from '../../src/gpu/kernels/gemv.ts';
import {
  hasProducts,
  LOGITS_BAR,
  variantMissing,
  VARIANT_NAMES,
  VARIANTS,
} from '../../src/gpu/kernels/variants.ts';
import type { ProductMath, VariantName } from '../../src/gpu/kernels/variants.ts';
import { argmax } from '../../src/llama/sampling.ts';
import { largestError, runKernel } from './bench-kernel.ts';
import { freshRandom } from './random.ts';
import type { Random } from './random.ts';
import { openFeatureRig } from './rig.ts';
import { matvec, padded, randomMatrix } from './weights.ts';

let device: Device;
beforeAll(async () => {
  device = await openFeatureRig();
  console.log(`features: ${[...device.features].join(', ')}`);
});
afterAll(() => device.close());

/** Of a sum, relative to its terms' magnitudes. 8 bits of activations: half a step of 127 in each. */
const KERNEL_BAR: Record<ProductMath, number> = { f32: 1e-5, f16: 1e-3, i8: 1e-2 };
const EPSILON = 1e-5;

function skipUnlessOffered(context: TestContext, name: VariantName, scheme: SchemeName): void {
  const missing = variantMissing(VARIANTS[name], WEIGHT_FORMATS[scheme], device);
  if (missing === null) return;
  console.log(`skipped: ${name} of ${scheme}, ${missing}`);
  context.skip(missing);
}

function anyKnobs(random: Random, name: VariantName): GemvTuning {
  const pick = <T>(list: readonly T[]): T => list[random.integer(0, list.length - 1)]!;
  const knobs: GemvTuning = {
    ...VARIANTS[name],
    rows: pick([1, 2, 4, 8] as const),
    threads: pick([32, 64, 128, 256]),
    lanes: pick([1, 2, 4, 8, 16, 32, 64]),
  };
  console.log(`${name}: rows ${knobs.rows}, threads ${knobs.threads}, lanes ${knobs.lanes}`);
  return knobs;
}

const SCHEMES: SchemeName[] = ['q4f16_1', 'q4f32_1', 'q3f16_1', 'q0f16'];
/** q4f32_1 differs from q4f16_1 in its scales alone. */
const KERNEL_CASES = VARIANT_NAMES.flatMap((name) =>
  SCHEMES.filter((scheme) => scheme !== 'q4f32_1' || name === 'int8')
    .filter((scheme) => hasProducts(scheme, VARIANTS[name].math))
    .map((scheme) => [name, scheme] as const),
);

describe.each(KERNEL_CASES)('%s, %s', (name, scheme) => {
  const format = WEIGHT_FORMATS[scheme];
  const bar = KERNEL_BAR[VARIANTS[name].math];

  it('products of one token and of a batch', async (context) => {
    skipUnlessOffered(context, name, scheme);
    const random = freshRandom(`${name} ${scheme}`);
    const [rows, columns] = [random.integer(30, 70), random.integer(20, 80) * 8];
    const knobs = anyKnobs(random, name);
    const matrix = randomMatrix(random, scheme, rows, columns);
    const stride = strideOf(format, columns);
    const x = random.normals(columns, 2);
    const norm = random.normals(columns);
    const factor = 1 / Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / columns + EPSILON);
    const values = Float64Array.from(x, (value, i) => value * factor * norm[i]!);
    const { y, scale } = matvec(matrix, values);
    const constants = gemvConstants(format, rows, columns, knobs);
    const normed = { NORM: 1, COLUMNS: columns, EPSILON };

    const alone = await runKernel(
      device,
      gemvKernel(format, knobs),
      { ...constants, ...normed },
      gemvGrid(constants, 65535),
      [matrix.weights, matrix.scales, padded(x, stride), padded(norm, stride), new Float32Array(rows)],
    );
    const found = new Float32Array(alone.get(4)!);
    expect(largestError(found, y, scale)).toBeLessThanOrEqual(bar);

    const batch = gemvBatchConstants(constants, 4);
    const three = new Float32Array(3 * stride);
    for (let token = 0; token < 3; token++) three.set(x, token * stride);
    const together = await runKernel(
      device,
      gemvBatchKernel(format, knobs),
      { ...batch, ...normed, X_STRIDE4: stride / 4, OUT_STRIDE: rows },
      gemvGrid(batch, 65535),
      [
        matrix.weights,
        matrix.scales,
        three,
        padded(norm, stride),
        Uint32Array.of(0, 3, 0, 0),
        new Float32Array(3 * rows),
      ],
    );
    const batched = new Float32Array(together.get(5)!);
    for (let token = 0; token < 3; token++) {
      expect(
        largestError(batched.subarray(token * rows, (token + 1) * rows), found, scale),
      ).toBeLessThanOrEqual(1e-6);
    }

    // Gate and up of the same matrix: silu(y) * y.
    const both = await runKernel(
      device,
      gemvGateUpKernel(format, knobs),
      { ...constants, COLUMNS: columns, EPSILON },
      gemvGrid(constants, 65535),
      [
        matrix.weights,
        matrix.scales,
        matrix.weights,
        matrix.scales,
        padded(x, stride),
        padded(norm, stride),
        new Float32Array(rows),
      ],
    );
    const wanted = y.map((value) => (value / (1 + Math.exp(-value))) * value);
    const scales = scale.map((value) => (1 + value) * value);
    expect(largestError(new Float32Array(both.get(6)!), wanted, scales)).toBeLessThanOrEqual(2 * bar);
  });

  it('a product that merges splits', async (context) => {
    skipUnlessOffered(context, name, scheme);
    const random = freshRandom(`${name} ${scheme} merge`);
    const [rows, heads, headDim] = [random.integer(20, 60), 3, 48];
    const columns = heads * headDim;
    const knobs = anyKnobs(random, name);
    const matrix = randomMatrix(random, scheme, rows, columns);
    const stride = strideOf(format, columns);
    const part = padded(random.normals(columns), stride);
    const before = random.normals(rows);
    const constants = gemvConstants(format, rows, columns, knobs);
    // Two splits alike: their mean is either of them, over its sum of exp.
    const parts = new Float32Array([...part, ...part]);
    const stats = new Float32Array(Array.from({ length: 2 * heads }, () => [1.5, 2]).flat());
    const written = await runKernel(
      device,
      gemvMergeKernel(format, knobs),
      { ...constants, HEADS: heads, HEAD_DIM: headDim, STRIDE4: stride / 4, SPLIT: 10, MAX_SPLITS: 32 },
      gemvGrid(constants, 65535),
      [matrix.weights, matrix.scales, parts, stats, Uint32Array.of(19, 0, 0, 0), before],
    );
    const { y, scale } = matvec(
      matrix,
      part.map((value) => value / 2),
    );
    const wanted = y.map((value, i) => value + before[i]!);
    const sums = scale.map((value, i) => value + Math.abs(before[i]!));
    expect(largestError(new Float32Array(written.get(5)!), wanted, sums)).toBeLessThanOrEqual(bar);
  });
});

it.for(SCHEMES)('tiles in f16, %s', async (scheme, context) => {
  if (!device.features.has('shader-f16')) context.skip('the device has no shader-f16');
  const random = freshRandom(`tiles ${scheme}`);
  const format = WEIGHT_FORMATS[scheme];
  const [tokens, rows, columns] = [
    random.integer(17, 32),
    random.integer(60, 90),
    random.integer(10, 40) * 8,
  ];
  const matrix = randomMatrix(random, scheme, rows, columns);
  const stride = strideOf(format, columns);
  const vectors = Array.from({ length: tokens }, () => random.normals(columns));
  const x = new Float32Array(tokens * stride);
  vectors.forEach((values, i) => x.set(values, i * stride));
  const written = await runKernel(
    device,
    gemmKernel(format, 'f16'),
    gemmConstants(32),
    gemmGrid(rows, tokens, 32),
    [
      matrix.weights,
      matrix.scales,
      x,
      Uint32Array.of(0, tokens, 0, 0),
      gemmShape(format, rows, columns, rows, EPILOGUE.store),
      new Float32Array(tokens * rows),
    ],
  );
  const out = new Float32Array(written.get(5)!);
  for (const [i, vector] of vectors.entries()) {
    const { y, scale } = matvec(matrix, vector);
    expect(largestError(out.subarray(i * rows, (i + 1) * rows), y, scale)).toBeLessThanOrEqual(1e-3);
  }
});

interface GoldenCase {
  promptIds: number[];
  greedyIds: number[];
  lastLogits?: number[];
}

const GOLDEN = path.resolve(import.meta.dirname, '../golden');
const MODELS = {
  'gqa-tied': path.join(GOLDEN, 'gqa-tied/mlc'),
  semilla: path.resolve(import.meta.dirname, '../../public/models/semilla-q4f16_1'),
};
/** `npm run soak` checks every golden case of every variant. */
const CASES = Number(process.env['YUPANA_GOLDEN_CASES'] ?? 1);

describe.each(VARIANT_NAMES.filter((name) => name !== 'base'))('whole models, %s', (name) => {
  it.for(Object.entries(MODELS))(
    '%s: golden logits, tokens and budgets',
    async ([model, folder], context) => {
      skipUnlessOffered(context, name, 'q4f16_1');
      const { cases } = JSON.parse(readFileSync(path.join(GOLDEN, model, 'golden.json'), 'utf8')) as {
        cases: GoldenCase[];
      };
      const engine = await createWgslEngine({
        source: folderSource(folder),
        device,
        modelId: model,
        tuning: variantTuning(name),
      });
      const session = engine.createSession();
      const bar = LOGITS_BAR[VARIANTS[name].math];
      for (const { promptIds, greedyIds, lastLogits } of cases.slice(0, CASES)) {
        if (lastLogits) {
          const largest = Math.max(...lastLogits.map(Math.abs));
          // Once by tiles, once token by token.
          for (const lengths of [[promptIds.length], promptIds.map((_, i) => i + 1)]) {
            await session.sync([0]);
            for (const length of lengths) await session.sync(promptIds.slice(0, length));
            const logits = await session.logits();
            const difference = Math.max(...lastLogits.map((value, id) => Math.abs(value - logits[id]!)));
            expect(difference / largest).toBeLessThanOrEqual(bar);
            const ranked = [...lastLogits].sort((a, b) => b - a);
            if (ranked[0]! - ranked[1]! > 2 * bar * largest) expect(argmax(logits)).toBe(argmax(lastLogits));
          }
        }
        // Eight bits may choose another token where two are close: greedy tokens are f32's and f16's to keep.
        if (VARIANTS[name].math !== 'i8') {
          const { tokenIds } = await session.generate(promptIds, { maxTokens: greedyIds.length });
          expect(tokenIds).toEqual(greedyIds);
        }
      }
      const prompt = cases[0]!.promptIds;
      await session.generate(prompt, { maxTokens: 2 });
      const before = { ...engine.counters };
      // The shorter one has no room to run ahead: how far a longer one does is a matter of time.
      await session.generate(prompt, { maxTokens: 2 });
      const middle = { ...engine.counters };
      await session.generate(prompt, { maxTokens: 10 });
      const eight = countersSince(middle, engine.counters);
      const none = countersSince(before, middle);
      const layers = engine.plan.config.numHiddenLayers;
      expect((eight.dispatches - none.dispatches) / 8).toBeLessThanOrEqual(6 * layers + 8);
      expect((eight.computePasses - none.computePasses) / 8).toBe(1);
      // Several tokens a submit where the machine is quick.
      expect((eight.submits - none.submits) / 8).toBeLessThanOrEqual(1);
      for (const name of ['createBindGroup', 'createBuffer', 'createPipeline'] as const)
        expect(eight[name]).toBe(0);
      expect(eight.writeBuffer - none.writeBuffer).toBeLessThanOrEqual(8);
      expect((eight.readbackBytes - none.readbackBytes) / 8).toBeLessThanOrEqual(64);
      expect(engine.weightBytesPerToken).toBeLessThanOrEqual(1.02 * engine.quantizedWeightBytes);
      engine.dispose();
    },
  );
});

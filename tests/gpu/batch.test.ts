// Batches of a few tokens: each token's result is the one it has alone, in a product and through a whole model.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { batchWords, buildBatchGraph } from '../../src/engines/wgsl/batch-graph.ts';
import { buildDecodeGraph } from '../../src/engines/wgsl/decode-graph.ts';
import { createKVCache } from '../../src/engines/wgsl/kv-cache.ts';
import { compileBatchPipelines, compilePipelines } from '../../src/engines/wgsl/pipelines.ts';
import { planModel, sessionBuffers } from '../../src/engines/wgsl/plan.ts';
import { loadWeights } from '../../src/engines/wgsl/weights.ts';
import { prefillPace } from '../../src/engines/wgsl/prefill-pace.ts';
import { createMutex } from '../../src/engines/mutex.ts';
import { createBuffers, createWorkspace } from '../../src/engines/wgsl/workspace.ts';
import { openModelDirectory } from '../../src/format/model-directory.ts';
import type { SchemeName } from '../../src/format/schemes.ts';
import type { Device } from '../../src/gpu/device.ts';
import { CACHE_BAR } from '../../src/gpu/kernels/attention.ts';
import { strideOf, WEIGHT_FORMATS } from '../../src/gpu/kernels/dequant.ts';
import {
  gemvBatchConstants,
  gemvBatchKernel,
  gemvConstants,
  gemvGrid,
  gemvKernel,
} from '../../src/gpu/kernels/gemv.ts';
import { largestError, runKernel } from './bench-kernel.ts';
import { freshRandom } from './random.ts';
import { randomModel } from './random-model.ts';
import { openRig } from './rig.ts';
import { matvec, padded, randomMatrix } from './weights.ts';

let device: Device;
beforeAll(async () => {
  device = await openRig();
});
afterAll(() => device.close());

const CASES: [SchemeName, number, number, number][] = [
  ['q4f16_1', 37, 208, 3],
  ['q4f16_1', 6, 2056, 8],
  ['q3f16_1', 37, 208, 5],
  ['q0f16', 37, 208, 2],
];

it.each(CASES)('a product %s [%i, %i] of %i tokens', async (scheme, rows, columns, tokens) => {
  const random = freshRandom('gemv-batch');
  const format = WEIGHT_FORMATS[scheme];
  const matrix = randomMatrix(random, scheme, rows, columns);
  const stride = strideOf(format, columns);
  const vectors = Array.from({ length: tokens }, () => random.normals(columns, 2));
  const x = new Float32Array(tokens * stride);
  vectors.forEach((values, i) => x.set(values, i * stride));
  const norm = padded(random.normals(columns), stride);
  const outStride = rows + 5;
  const before = random.normals(tokens * outStride);
  const single = gemvConstants(format, rows, columns);
  const constants = {
    ...gemvBatchConstants(single, tokens <= 4 ? 4 : 8),
    X_STRIDE4: stride / 4,
    OUT_STRIDE: outStride,
  };
  const normed = { NORM: 1, COLUMNS: columns, EPSILON: 1e-5 };
  for (const more of [{}, { EPILOGUE: 1 }, { ...normed, EPILOGUE: 2 }] as Record<string, number>[]) {
    const written = await runKernel(
      device,
      gemvBatchKernel(format),
      { ...constants, ...more },
      gemvGrid(constants, 65535),
      [matrix.weights, matrix.scales, x, norm, batchWords(0, new Array<number>(tokens).fill(0)), before],
    );
    const out = new Float32Array(written.get(5)!);
    for (const [i, vector] of vectors.entries()) {
      const alone = await runKernel(
        device,
        gemvKernel(format),
        { ...single, ...('NORM' in more && normed) },
        gemvGrid(single, 65535),
        [matrix.weights, matrix.scales, padded(vector, stride), norm, new Float32Array(rows)],
      );
      const products = new Float32Array(alone.get(4)!);
      const held = before.subarray(i * outStride, i * outStride + rows);
      const wanted = Float32Array.from(products, (y, row) => {
        const old = held[row]!;
        if (more['EPILOGUE'] === 1) return old + y;
        return more['EPILOGUE'] === 2 ? (old / (1 + Math.exp(-old))) * y : y;
      });
      const { scale } = matvec(matrix, vector);
      const found = out.subarray(i * outStride, i * outStride + rows);
      expect(largestError(found, wanted, scale.map(Math.abs))).toBeLessThanOrEqual(1e-6);
      if (!('EPILOGUE' in more)) {
        expect(found).toEqual(products);
        expect(largestError(found, matvec(matrix, vector).y, scale)).toBeLessThanOrEqual(1e-5);
      }
      // What lies between two tokens' rows is not touched.
      expect(out.subarray(i * outStride + rows, (i + 1) * outStride)).toEqual(
        before.subarray(i * outStride + rows, (i + 1) * outStride),
      );
    }
  }
});

it.each([16, 8] as const)(
  'a model, cache of %i bits: batches give the logits of the tokens one by one',
  async (bits) => {
    const random = freshRandom('batch-graph');
    const shape = { hidden: 128, inner: 200, heads: 6, kvHeads: 2, headDim: 32, vocab: 300, llama3: true };
    const { source, config, forward } = randomModel(random, shape, 'q4f16_1');
    const directory = await openModelDirectory(source);
    const plan = planModel(config, directory.scheme, device.limits, 256, bits);
    const [pipelines, weights, work] = await Promise.all([
      compilePipelines(device, plan),
      loadWeights(device, directory, plan, { signal: undefined, onBytes: () => undefined }),
      createWorkspace(device, plan),
    ]);
    const batchPipelines = () => compileBatchPipelines(device, plan);
    const rest = {
      prefillPace: prefillPace(plan.layers.length, plan.prefillTokens),
      workMutex: createMutex(),
    };
    const model = { device, plan, pipelines, batchPipelines, weights, work, ...rest };
    const session = await createBuffers(
      device,
      sessionBuffers(plan),
      () =>
        GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    );
    const cache = createKVCache(device, plan);
    await cache.reserve(256);
    const decode = buildDecodeGraph(model, session, cache);
    const batch = buildBatchGraph(model, await batchPipelines(), session, cache);

    // Past 128 positions there are two splits: one batch begins before and ends after.
    const tokens = Array.from({ length: 135 }, () => random.integer(0, shape.vocab - 1));
    const alone: Float32Array[] = [];
    for (const [position, token] of tokens.entries()) {
      device.writeBuffer(session.state, 0, Uint32Array.of(position, token, 1, 0));
      device.submit('token', (commands) => commands.pass(decode.dispatches(position)));
      alone.push(new Float32Array(await device.readBuffer(session.logits, 0, shape.vocab * 4)));
    }
    const largest = Math.max(...alone.map((logits) => Math.max(...logits.map(Math.abs))));
    const sizes = [1, 2, 3, 4, 5, 6, 7, 8];
    for (let position = 0, turn = 0; position < tokens.length; turn++) {
      const some = tokens.slice(position, position + sizes[turn % sizes.length]!);
      device.writeBuffer(session.batch, 0, batchWords(position, some));
      const before = device.counters.createBindGroup;
      device.submit('batch', (commands) => commands.pass(batch.dispatches(position, some.length)));
      expect(device.counters.createBindGroup).toBe(before);
      const rows = new Float32Array(await device.readBuffer(work.batchLogits, 0, work.batchLogits.size));
      for (const i of some.keys()) {
        const found = rows.subarray(i * plan.strides.logits, i * plan.strides.logits + shape.vocab);
        const wanted = alone[position + i]!;
        const difference = Math.max(...found.map((value, id) => Math.abs(value - wanted[id]!)));
        expect(difference / largest, `position ${position + i} of a batch at ${position}`).toBeLessThan(1e-5);
      }
      position += some.length;
    }
    // Workgroups follow the positions held: a split more past 128.
    const rowsOf = (position: number) =>
      decode.dispatches(position).find(({ pipeline }) => pipeline.kernel.name === 'attention-decode')
        ?.grid[1];
    expect([0, 127, 128].map(rowsOf)).toEqual([1, 1, 2]);
    // Against float64 too: the same error twice would pass above.
    const reference = forward();
    let hidden: ArrayLike<number> = [];
    for (const token of tokens) hidden = reference.step(token);
    const wanted = reference.logits(hidden as Float64Array);
    const difference = Math.max(...wanted.map((value, id) => Math.abs(value - alone.at(-1)![id]!)));
    expect(difference / largest).toBeLessThanOrEqual(CACHE_BAR[bits]);
    [...Object.values(session)].forEach((buffer) => device.destroyBuffer(buffer));
    cache.dispose();
    work.dispose();
    weights.dispose();
  },
);

// A loaded model of a published shape on a simulated GPU, for tests: plan, pipelines and graphs are the engine's own, its weights
// are buffers that nobody fills.

import { vi } from 'vitest';
import { SCHEMES } from '../../src/format/schemes.ts';
import type { SchemeName } from '../../src/format/schemes.ts';
import type { Device } from '../../src/gpu/device.ts';
import type { SimulatedDispatch } from './simulated-gpu.ts';
import { SHAPES } from '../../src/llama/shapes.ts';
import type { Model } from '../../src/engines/wgsl/decode-graph.ts';
import { compileBatchPipelines, compilePipelines } from '../../src/engines/wgsl/pipelines.ts';
import { planModel } from '../../src/engines/wgsl/plan.ts';
import type { PlannedMatrix } from '../../src/engines/wgsl/plan.ts';
import { prefillPace } from '../../src/engines/wgsl/prefill-pace.ts';
import { createMutex } from '../../src/engines/mutex.ts';
import { DEFAULT_TUNING } from '../../src/engines/wgsl/tuning.ts';
import type { Matrix } from '../../src/engines/wgsl/weights.ts';
import { createWorkspace } from '../../src/engines/wgsl/workspace.ts';

/** Lets the simulated clock run until a promise settles. */
export async function simulated<T>(promise: Promise<T>): Promise<T> {
  let settled = false;
  const end = promise.finally(() => (settled = true));
  end.catch(() => undefined);
  while (!settled) await vi.advanceTimersByTimeAsync(1);
  return end;
}

export async function simulatedModel(
  device: Device,
  shape: keyof typeof SHAPES,
  scheme: SchemeName = 'q4f16_1',
): Promise<Model> {
  const plan = planModel(SHAPES[shape], SCHEMES[scheme], device.limits, 4096);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
  const buffer = (label: string, bytes: number) => device.createBuffer(label, bytes, usage);
  const matrix = ({ tensor, rows, columns, chunks }: PlannedMatrix): Matrix => ({
    rows,
    columns,
    chunks: chunks.map((chunk) => ({
      ...chunk,
      weights: buffer(tensor, chunk.weightBytes),
      scales: buffer(tensor, chunk.scaleBytes),
    })),
  });
  const norm = () => buffer('norm', plan.strides.hidden * 4);
  const embed = matrix(plan.embed);
  const layers = plan.layers.map(({ qkv, o, gate, up, down }) => ({
    inputNorm: norm(),
    qkv: matrix(qkv),
    o: matrix(o),
    postAttentionNorm: norm(),
    gate: matrix(gate),
    up: matrix(up),
    down: matrix(down),
  }));
  return {
    device,
    plan,
    pipelines: await compilePipelines(device, plan, DEFAULT_TUNING),
    batchPipelines: () => compileBatchPipelines(device, plan, DEFAULT_TUNING),
    weights: {
      embed,
      layers,
      norm: norm(),
      lmHead: plan.lmHead === plan.embed ? embed : matrix(plan.lmHead),
      dispose: () => undefined,
    },
    work: await createWorkspace(device, plan),
    prefillPace: prefillPace(plan.layers.length, plan.prefillTokens),
    workMutex: createMutex(),
  };
}

const PRODUCTS = new Set(['gemv', 'gemv-gate-up', 'gemv-merge', 'gemv-batch', 'gemm']);
/** What any dispatch takes. */
const DISPATCH_MILLISECONDS = 0.01;

function numberIn(code: string, constant: string): number {
  return Number(new RegExp(`const ${constant}: u32 = (\\d+)u`).exec(code)?.[1]);
}

/**
 * What dispatches cost on a GPU of so many GFLOPS and GB/s: products by the weights that they bind (two of 4 bits a byte), and by the
 * tokens of their tiles; the rest next to nothing.
 * @param factor of a product's time, by its text: how variants are made quicker
 */
export function productCost(gflops: number, gigabytes: number, factor: (code: string) => number = () => 1) {
  return ({ kernel, code, grid, bindings }: SimulatedDispatch): number => {
    if (!PRODUCTS.has(kernel)) return DISPATCH_MILLISECONDS;
    const bytes = bindings[0]! * (kernel === 'gemv-gate-up' ? 2 : 1);
    // A product of a chunk: as many tokens as its tiles have, also where they are not full.
    const tile = kernel === 'gemm' ? (numberIn(code, 'THREADS') / 8) * numberIn(code, 'ROWS_EACH') : 1;
    const tokens = kernel === 'gemm' ? grid[1] * tile : 1;
    const flops = 2 * bytes * 2 * tokens;
    return DISPATCH_MILLISECONDS + factor(code) * Math.max(flops / gflops / 1e6, bytes / gigabytes / 1e6);
  };
}

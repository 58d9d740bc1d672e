// Work space that all sessions of a model share: a submit uses it from start to end, and submits run one after another.

import { ropeFrequencies } from '../../llama/rope.ts';
import type { Device } from '../../gpu/device.ts';
import { GEMM_SHAPE_OFFSET, gemmShapes, workBuffers } from './plan.ts';
import type { ModelPlan } from './plan.ts';

export type Workspace = Record<keyof ReturnType<typeof workBuffers>, GPUBuffer> & { dispose(): void };

/** Creates buffers of the sizes given, all or none. Throws "out-of-memory". */
export async function createBuffers<K extends string>(
  device: Device,
  sizes: Record<K, number>,
  usageOf: (name: K) => GPUBufferUsageFlags,
): Promise<Record<K, GPUBuffer>> {
  const created: GPUBuffer[] = [];
  try {
    return await device.guard('allocating work space', () => {
      const entries = (Object.entries(sizes) as [K, number][]).map(([name, bytes]) => {
        const buffer = device.createBuffer(name, bytes, usageOf(name));
        created.push(buffer);
        return [name, buffer] as const;
      });
      return Object.fromEntries(entries) as Record<K, GPUBuffer>;
    });
  } catch (error) {
    created.forEach((buffer) => device.destroyBuffer(buffer));
    throw error;
  }
}

/**
 * cos and sin of position * frequency for positions 0..255 and for the multiples of 256, [entry, headDim / 2] pairs: any
 * position's rotation is the product of two entries (rope-angle.wgsl).
 */
export function ropeTable(frequencies: Float64Array, positions: number): Float32Array<ArrayBuffer> {
  const half = frequencies.length;
  const high = Math.ceil(positions / 256);
  const table = new Float32Array((256 + high) * half * 2);
  for (let entry = 0; entry < 256 + high; entry++) {
    const position = entry < 256 ? entry : (entry - 256) * 256;
    for (let d = 0; d < half; d++) {
      const angle = position * frequencies[d]!;
      table[(entry * half + d) * 2] = Math.cos(angle);
      table[(entry * half + d) * 2 + 1] = Math.sin(angle);
    }
  }
  return table;
}

export async function createWorkspace(device: Device, plan: ModelPlan): Promise<Workspace> {
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
  const buffers = await createBuffers(
    device,
    workBuffers(plan),
    (name) => usage | (name === 'shapes' ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE),
  );
  const shapes = new Uint32Array(buffers.shapes.size / 4);
  gemmShapes(plan).forEach((shape, i) => shapes.set(shape, (i * GEMM_SHAPE_OFFSET) / 4));
  device.writeBuffer(buffers.shapes, 0, shapes);
  device.writeBuffer(buffers.ropeTable, 0, ropeTable(ropeFrequencies(plan.config), plan.contextLength));
  return {
    ...buffers,
    dispose: () => Object.values(buffers).forEach((buffer) => device.destroyBuffer(buffer)),
  };
}

// Runs one kernel on arrays: what every kernel test needs.

import type { Device } from '../../src/gpu/device.ts';
import type { Constants, Grid, Kernel } from '../../src/gpu/kernel.ts';

export type Data = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** Dispatches `kernel` once with a buffer for each of `data`; returns the bytes of the buffers that it may write. */
export async function runKernel(
  device: Device,
  kernel: Kernel,
  constants: Constants,
  grid: Grid,
  data: readonly Data[],
): Promise<Map<number, ArrayBuffer>> {
  const pipeline = await device.pipeline(kernel, constants);
  const buffers = data.map((values, i) => {
    const kind = kernel.bindings[i] === 'uniform' ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE;
    const usage = kind | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const buffer = device.createBuffer(`binding ${i}`, values.byteLength, usage);
    const bytes = new Uint8Array(buffer.size);
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    device.writeBuffer(buffer, 0, bytes);
    return buffer;
  });
  const bindGroup = device.bindGroup(pipeline, buffers);
  device.submit(kernel.name, (commands) => commands.pass([{ pipeline, bindGroup, grid }]));
  const written = new Map<number, ArrayBuffer>();
  for (const [i, buffer] of buffers.entries()) {
    if (kernel.bindings[i] === 'write') written.set(i, await device.readBuffer(buffer, 0, buffer.size));
  }
  buffers.forEach((buffer) => device.destroyBuffer(buffer));
  device.check();
  return written;
}

/** Largest |a - b|, over the scale given: the sum's own, as verification's bars want it. */
export function largestError(
  found: ArrayLike<number>,
  wanted: ArrayLike<number>,
  scale: ArrayLike<number>,
): number {
  let largest = 0;
  for (let i = 0; i < wanted.length; i++) {
    const error = Math.abs(found[i]! - wanted[i]!) / Math.max(scale[i]!, 1e-30);
    // A NaN must not pass for small.
    largest = error <= largest ? largest : error;
    if (Number.isNaN(error)) return Infinity;
  }
  return largest;
}

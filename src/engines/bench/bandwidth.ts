// What memory gives on this adapter, to hold decoding against: bytes a second of a kernel that only copies.

import type { Device } from '../../gpu/device.ts';
import type { Dispatch } from '../../gpu/kernel.ts';
import copyCode from './copy.wgsl?raw';

/** As large as the smallest binding limit allows, so that no cache holds it. */
const BUFFER_BYTES = 128 * 2 ** 20;
/** A workgroup copies so many bytes; 65,535 workgroups at most in a dimension, here a quarter of them. */
const GROUP_BYTES = 256 * 16;
/** Copies are put into one submit until it takes so long: a submit's own cost must not count. */
const LEAST_SECONDS = 0.2;
const MOST_COPIES = 4096;
const REPETITIONS = 3;

/** Bytes read and written a second, the best of some repetitions. Frees what it allocates. */
export async function copyBandwidth(device: Device): Promise<number> {
  const kernel = { name: 'copy', code: copyCode, bindings: ['read', 'write'] as const };
  const pipeline = await device.pipeline(kernel, {});
  const buffers: GPUBuffer[] = [];
  try {
    await device.guard('buffers to measure bandwidth with', () => {
      for (const label of ['from', 'to']) {
        buffers.push(device.createBuffer(label, BUFFER_BYTES, GPUBufferUsage.STORAGE));
      }
    });
    const copy: Dispatch = {
      pipeline,
      bindGroup: device.bindGroup(pipeline, buffers),
      grid: [BUFFER_BYTES / GROUP_BYTES, 1, 1],
    };
    const seconds = async (copies: number) => {
      const started = performance.now();
      device.submit('copies', (commands) => commands.pass(new Array<Dispatch>(copies).fill(copy)));
      await device.idle();
      return (performance.now() - started) / 1000;
    };
    await seconds(1);
    let copies = 1;
    while (copies < MOST_COPIES && (await seconds(copies)) < LEAST_SECONDS) copies *= 2;
    let best = Infinity;
    for (let i = 0; i < REPETITIONS; i++) best = Math.min(best, await seconds(copies));
    return (2 * BUFFER_BYTES * copies) / best;
  } finally {
    buffers.forEach((buffer) => device.destroyBuffer(buffer));
  }
}

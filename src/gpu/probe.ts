// What this machine's WebGPU is like, without opening a device.

import type { GpuProbe } from '../engine.ts';
import { OPTIONAL_FEATURES } from './device.ts';

/** What WebGPU promises everywhere; an adapter below it (a compatibility mode) cannot hold a Llama's matrices. */
export const MIN_BINDING_BYTES = 128 * 2 ** 20;

/** @param gpu undefined where the browser has none; never throws for a machine that lacks something: that is the answer */
export async function probeGpu(gpu: GPU | undefined): Promise<GpuProbe> {
  const nothing = { adapter: null, maxBufferSize: 0, maxStorageBufferBindingSize: 0 };
  if (!gpu) return { ...nothing, reason: 'webgpu-missing' };
  let adapter: GPUAdapter | null;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch {
    adapter = null; // some browsers throw where others answer null
  }
  if (!adapter) return { ...nothing, reason: 'adapter-missing' };
  // Older browsers have no `info`, and Safari on iOS not all of it.
  const {
    vendor = '',
    architecture = '',
    description = '',
  } = (adapter as { info?: Partial<GPUAdapterInfo> }).info ?? {};
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const features = OPTIONAL_FEATURES.filter((feature) => adapter.features.has(feature));
  return {
    adapter: { vendor, architecture, description, features },
    reason: maxStorageBufferBindingSize < MIN_BINDING_BYTES ? 'limit-too-low' : null,
    maxBufferSize,
    maxStorageBufferBindingSize,
  };
}

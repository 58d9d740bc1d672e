// The adapter that kernel tests run on: Dawn in Node, on the Vulkan driver that the environment names.

import { create, globals } from 'webgpu';
import { openDevice, OPTIONAL_FEATURES } from '../../src/gpu/device.ts';
import type { Device, DeviceOptions } from '../../src/gpu/device.ts';

Object.assign(globalThis, globals);
/**
 * SwiftShader clears workgroup memory by one instruction a word, and compiling those takes seconds a kernel; without the
 * extension Dawn clears it by a loop in the shader instead.
 */
const CLEAR_BY_LOOP = 'disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension';
/** Dawn frees an adapter and its devices with the GPU object that made them: kept for the process. */
const gpu = create([CLEAR_BY_LOOP]);

/** A device with no limit above the base ones; fails, and does not skip, where there is no adapter. */
export async function openRig(options?: DeviceOptions): Promise<Device> {
  return openDevice(gpu, options);
}

/** A device with every optional feature that the adapter has: what variants of kernels need. Limits are still the base ones. */
export function openFeatureRig(): Promise<Device> {
  return openRig({ features: OPTIONAL_FEATURES });
}

// The GPU that the engine's workers use, or none.

import { EngineError } from '../engine.ts';
import { openDevice, OPTIONAL_FEATURES } from '../gpu/device.ts';
import type { Device } from '../gpu/device.ts';
import { probeGpu } from './probe.ts';

/** Undefined where this machine has no WebGPU that an engine could use: what the probe says of it, loading holds to. */
export async function findDevice(gpu: GPU | undefined): Promise<Device | undefined> {
  if (!gpu || (await probeGpu(gpu)).reason) return undefined;
  try {
    return await openDevice(gpu, {
      limits: 'adapter',
      powerPreference: 'high-performance',
      features: OPTIONAL_FEATURES,
    });
  } catch (error) {
    if (error instanceof EngineError && error.code === 'UnsupportedDeviceError') return undefined;
    throw error;
  }
}

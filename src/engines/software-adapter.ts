// Adapters of WebGPU that compute on the processor.

import type { AdapterInfo } from '../engine.ts';

export function computesOnCpu({ vendor, architecture }: AdapterInfo): boolean {
  return /swiftshader|software|llvmpipe|warp|wasm/i.test(`${vendor} ${architecture}`);
}

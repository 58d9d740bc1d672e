// What the GPU was asked to do. Every call of the engine passes the counted device, so budgets can be tested, not believed.

export interface Counters {
  dispatches: number;
  computePasses: number;
  submits: number;
  createBindGroup: number;
  createBuffer: number;
  createPipeline: number;
  writeBuffer: number;
  /** Bytes given to writeBuffer. */
  writtenBytes: number;
  /** Bytes copied into buffers that JavaScript maps. */
  readbackBytes: number;
  /** Bytes of buffers that exist now, and the most that ever did. */
  gpuBytes: number;
  peakGpuBytes: number;
}

export function zeroCounters(): Counters {
  return {
    dispatches: 0,
    computePasses: 0,
    submits: 0,
    createBindGroup: 0,
    createBuffer: 0,
    createPipeline: 0,
    writeBuffer: 0,
    writtenBytes: 0,
    readbackBytes: 0,
    gpuBytes: 0,
    peakGpuBytes: 0,
  };
}

/** What was counted from `before` on; `gpuBytes` and `peakGpuBytes` are states, not sums, and are kept as they are now. */
export function countersSince(before: Counters, now: Counters): Counters {
  return {
    dispatches: now.dispatches - before.dispatches,
    computePasses: now.computePasses - before.computePasses,
    submits: now.submits - before.submits,
    createBindGroup: now.createBindGroup - before.createBindGroup,
    createBuffer: now.createBuffer - before.createBuffer,
    createPipeline: now.createPipeline - before.createPipeline,
    writeBuffer: now.writeBuffer - before.writeBuffer,
    writtenBytes: now.writtenBytes - before.writtenBytes,
    readbackBytes: now.readbackBytes - before.readbackBytes,
    gpuBytes: now.gpuBytes,
    peakGpuBytes: now.peakGpuBytes,
  };
}

// A few buffers for results that decoding reads one step behind, so that the GPU never waits for JavaScript.

import type { Commands, Device } from './device.ts';

export interface ReadbackRing {
  /** Encodes the copy of `bytes` bytes for step `step`; the step before by the ring's length must have been read. */
  copy(commands: Commands, step: number, from: GPUBuffer): void;
  /** What the step's copy held, when the GPU got there. Throws "device-lost". */
  read(step: number): Promise<Uint32Array>;
}

/** @param buffers MAP_READ buffers of `bytes` bytes each; their owner destroys them */
export function readbackRing(device: Device, buffers: readonly GPUBuffer[], bytes: number): ReadbackRing {
  const slot = (step: number) => buffers[step % buffers.length]!;
  return {
    copy: (commands, step, from) => commands.copy(from, 0, slot(step), 0, bytes),
    async read(step) {
      const buffer = slot(step);
      try {
        // Dawn leaves the map of a lost device pending in some versions.
        await Promise.race([buffer.mapAsync(GPUMapMode.READ), device.lost]);
        device.check();
        const words = new Uint32Array(buffer.getMappedRange()).slice();
        buffer.unmap();
        return words;
      } catch (error) {
        throw await device.explain(error, 'reading a token');
      }
    },
  };
}

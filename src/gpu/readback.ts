// A few buffers for results that JavaScript reads while the GPU already works on what follows, so that neither waits.

import type { Commands, Device } from './device.ts';

export interface ReadbackRing {
  /** Encodes a copy into the buffer of submit `index`; what it held, a whole round of the ring before, must have been read. */
  copy(commands: Commands, index: number, from: GPUBuffer, bytes: number, offset: number): void;
  /** What was copied by submit `index`, when the GPU got there; overwritten by the next read. Throws "device-lost". */
  read(index: number): Promise<Uint32Array>;
}

/** @param buffers MAP_READ buffers of one size; their owner destroys them */
export function readbackRing(device: Device, buffers: readonly GPUBuffer[]): ReadbackRing {
  const at = (index: number) => buffers[index % buffers.length]!;
  const words = new Uint32Array((buffers[0]?.size ?? 0) / 4);
  return {
    copy: (commands, index, from, bytes, offset) => commands.copy(from, 0, at(index), offset, bytes),
    async read(index) {
      const buffer = at(index);
      try {
        // Dawn leaves the map of a lost device pending in some versions.
        await Promise.race([buffer.mapAsync(GPUMapMode.READ), device.lost]);
        device.check();
        words.set(new Uint32Array(buffer.getMappedRange()));
        buffer.unmap();
        return words;
      } catch (error) {
        throw await device.explain(error, 'reading a token');
      }
    },
  };
}

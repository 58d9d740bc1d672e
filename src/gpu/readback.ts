// A few buffers for results that JavaScript reads while the GPU already works on what follows, so that neither waits.

import type { Commands, Device } from './device.ts';

export interface ReadbackRing {
  /** Encodes a copy into the buffer of submit `index`; what it held, a whole round of the ring before, must have been read. */
  copy(commands: Commands, index: number, from: GPUBuffer, bytes: number, offset: number): void;
  /** After the submit of `index`: asks for what it copied, so that it is on its way before anybody waits for it. */
  map(index: number): void;
  /** What was copied by submit `index`, when the GPU got there; overwritten by the next read. Throws "device-lost". */
  read(index: number): Promise<Uint32Array>;
}

/** @param buffers MAP_READ buffers of one size; their owner destroys them */
export function readbackRing(device: Device, buffers: readonly GPUBuffer[]): ReadbackRing {
  const at = (index: number) => buffers[index % buffers.length]!;
  const maps = new Map<GPUBuffer, Promise<void>>();
  const words = new Uint32Array((buffers[0]?.size ?? 0) / 4);
  function mapped(buffer: GPUBuffer): Promise<void> {
    let map = maps.get(buffer);
    if (map === undefined) {
      map = buffer.mapAsync(GPUMapMode.READ);
      maps.set(buffer, map);
    }
    return map;
  }
  function map(index: number): void {
    void mapped(at(index)).catch(() => undefined); // `read` tells of it
  }

  return {
    copy: (commands, index, from, bytes, offset) => commands.copy(from, 0, at(index), offset, bytes),
    map,
    async read(index) {
      const buffer = at(index);
      try {
        // Dawn leaves the map of a lost device pending in some versions.
        await device.wait(Promise.race([mapped(buffer), device.lost]));
        device.check();
        words.set(new Uint32Array(buffer.getMappedRange()));
        buffer.unmap();
        return words;
      } catch (error) {
        throw await device.explain(error, 'reading a token');
      } finally {
        maps.delete(buffer);
      }
    },
  };
}

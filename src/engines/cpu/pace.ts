// How fast this machine's processor reads weights: what a person without a GPU may expect, told before anything is downloaded.

import { SCHEMES } from '../../format/schemes.ts';
import { compileKernels, createMemory, instantiateKernels } from './kernels.ts';
import { columnBytes } from './layout.ts';

/** A matrix larger than the caches of a laptop, as decoding goes through a model. */
const SIZE = 2048;
const ROWS = 16_384;
/** Long enough to wake the processor up, short enough to be part of the start. */
const SECONDS = 0.12;

const scheme = SCHEMES.q4f16_1;
const groups = SIZE / scheme.group;
const codeBytes = (ROWS * SIZE) / 2;
const scaleBytes = ROWS * groups * 2;

/**
 * Bytes of 4-bit weights that one thread goes through in a second: over a model's bytes, tokens a second of a short context.
 * Throws "wasm-simd-missing" and "out-of-memory".
 */
export async function cpuBytesPerSecond(now: () => number = () => performance.now()): Promise<number> {
  const module = await compileKernels(false);
  const x = codeBytes + scaleBytes;
  const y = x + columnBytes(scheme, SIZE);
  const memory = createMemory(y + ROWS * 4, false);
  // Written once, so that every page is there: untouched ones cost nothing to read.
  new Uint32Array(memory.buffer, 0, codeBytes / 4).fill(0x76543210);
  new Uint16Array(memory.buffer, codeBytes, scaleBytes / 2).fill(0x3c00);
  const kernels = await instantiateKernels(module, memory);
  const once = (): void => kernels.gemmQ4(0, codeBytes, groups, false, x, 0, 1, y, 0, 0, ROWS / 8, false, y);
  once();
  // The best of all runs: what else the machine does in this moment says nothing about it.
  const started = now();
  let best = Infinity;
  for (let last = started; last - started < SECONDS * 1000;) {
    once();
    const next = now();
    best = Math.min(best, next - last);
    last = next;
  }
  return ((codeBytes + scaleBytes) * 1000) / best;
}

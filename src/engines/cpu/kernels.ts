// The compiled kernels and the memory they work on. Pointers are byte addresses in that memory, to 4 GiB.

import { EngineError } from '../../failures.ts';
import { KERNELS_BASE64, MEMORY_FLAG_AT } from './kernels-wasm.ts';

/** A product y[column, row] (+)= w[row] . x[column] over the octets [begin, end) of rows; see kernels/gemm-q4.ts. */
type QuantizedGemm = (
  w: number,
  scales: number,
  groups: number,
  bfloat16: boolean,
  x: number,
  xStride: number,
  columns: number,
  y: number,
  yStride: number,
  begin: number,
  end: number,
  add: boolean,
  tile: number,
) => void;
type QuantizedEmbed = (
  w: number,
  scales: number,
  groups: number,
  bfloat16: boolean,
  row: number,
  out: number,
) => void;
type Column = (x: number, column: number, groups: number, bfloat16: boolean) => void;

/** What kernels/main.ts exports; each is described at its source. */
export interface Kernels {
  gemmQ4: QuantizedGemm;
  gemmQ3: QuantizedGemm;
  gemmF16(
    w: number,
    size: number,
    x: number,
    xStride: number,
    columns: number,
    y: number,
    yStride: number,
    begin: number,
    end: number,
    add: boolean,
  ): void;
  embedQ4: QuantizedEmbed;
  embedQ3: QuantizedEmbed;
  embedF16(w: number, size: number, row: number, out: number): void;
  columnQ4: Column;
  columnQ3: Column;
  rmsNorm(x: number, weight: number, out: number, size: number, eps: number): void;
  rotate(x: number, heads: number, half: number, cosines: number, sines: number): void;
  storeHalves(x: number, out: number, size: number): void;
  attend(
    q: number,
    keys: number,
    values: number,
    headDim: number,
    length: number,
    scratch: number,
    out: number,
  ): void;
  attendTwo(
    q: number,
    otherQ: number,
    keys: number,
    values: number,
    headDim: number,
    length: number,
    otherLength: number,
    scratch: number,
    apart: number,
    out: number,
    otherOut: number,
  ): void;
  swiglu(gate: number, up: number, size: number): void;
  weave32(source: number, target: number, octets: number, words: number, threeBits: boolean): void;
  weave16(source: number, target: number, octets: number, columns: number): void;
}

export const PAGE_BYTES = 65_536;
/** What 32-bit addresses reach, less a page so that no end of a region wraps to 0. */
export const MAX_MEMORY_BYTES = 65_535 * PAGE_BYTES;

/**
 * Compiles the kernels. Throws "wasm-simd-missing" where this browser has no WebAssembly or no SIMD in it.
 * @param shared for memory shared among threads
 */
export async function compileKernels(shared: boolean): Promise<WebAssembly.Module> {
  const bytes = Uint8Array.from(atob(KERNELS_BASE64), (character) => character.charCodeAt(0));
  if (shared) bytes[MEMORY_FLAG_AT] = 3;
  if (typeof WebAssembly !== 'object' || !WebAssembly.validate(bytes)) {
    throw new EngineError(
      'wasm-simd-missing',
      'This browser has no WebAssembly SIMD, which the CPU engine needs',
    );
  }
  return WebAssembly.compile(bytes);
}

/**
 * Memory of at least `bytes`, zeroed. It can grow to 4 GiB where the device lets so much be set aside. Throws
 * "out-of-memory".
 */
export function createMemory(bytes: number, shared: boolean): WebAssembly.Memory {
  const initial = Math.ceil(bytes / PAGE_BYTES);
  let cause: unknown;
  for (const maximum of [65_536, initial]) {
    try {
      return new WebAssembly.Memory({ initial, maximum, shared });
    } catch (error) {
      cause = error;
    }
  }
  throw new EngineError(
    'out-of-memory',
    `This device did not give ${bytes} bytes of memory`,
    { bytes },
    cause,
  );
}

export async function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Promise<Kernels> {
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  return instance.exports as unknown as Kernels;
}

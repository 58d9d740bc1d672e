// Rows of a checkpoint's tensor -> bytes of the tensors stored for it. Where the command line's conversion and the browser's meet.

import { EngineError } from '../engine.ts';
import { encodeBfloat16, encodeFloat16 } from '../format/float16.ts';
import type { SourceTensor, SourceType } from '../format/safetensors.ts';
import type { QuantScheme } from '../format/schemes.ts';
import type { LlamaTensor } from '../llama/tensors.ts';
import { castToModel } from './cast.ts';
import { quantizeRows } from './quantize.ts';

/** Rows are read in slices of at most so many bytes (one row at least): what a slow line fetches in half a minute. */
export const SLICE_BYTES = 4 * 1024 * 1024;

/** Rows of a slice: as many whole ones as `sliceBytes` hold, one at least. */
export const rowsPerSlice = (rowBytes: number, sliceBytes: number): number =>
  Math.max(1, Math.floor(sliceBytes / rowBytes));

export interface StoredBytesOf {
  /** Name of the stored tensor. */
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Throws "tensor-not-finite" for NaN, infinities, and what is infinite in the model dtype. */
export function checkFinite(values: Float32Array, part: SourceTensor): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new EngineError(
      'tensor-not-finite',
      `${part.file}: ${part.name} holds a weight that is not finite`,
      {
        file: part.file,
        tensor: part.name,
        actual: String(values[i]),
      },
    );
  }
}

/** Little-endian bytes; every platform that runs this is. */
function bytesOf(array: Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/**
 * @param bytes `rows` whole rows of `part`, as they lie in the checkpoint
 * @returns codes and scales, or the plain weights where they stay as they are
 */
export function convertRows(
  bytes: Uint8Array,
  part: SourceTensor,
  tensor: LlamaTensor,
  rows: number,
  scheme: QuantScheme,
): StoredBytesOf[] {
  const values = castToModel(bytes, part.dtype as SourceType, scheme.scaleType);
  checkFinite(values, part);
  const columns = tensor.shape[1];
  if (tensor.kind === 'norm' || columns === undefined || scheme.group === 0) {
    const encode = scheme.scaleType === 'float16' ? encodeFloat16 : encodeBfloat16;
    return [{ name: `${tensor.name}.weight`, bytes: bytesOf(Uint16Array.from(values, encode)) }];
  }
  const { words, scales } = quantizeRows(values, rows, columns, scheme);
  return [
    { name: `${tensor.name}.q_weight`, bytes: bytesOf(words) },
    { name: `${tensor.name}.q_scale`, bytes: bytesOf(scales) },
  ];
}

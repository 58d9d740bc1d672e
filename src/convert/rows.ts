// Rows of a checkpoint's tensor -> bytes of the tensors stored for it. Where the command line's conversion and the browser's meet.

import { EngineError } from '../failures.ts';
import { encodeBfloat16, encodeFloat16 } from '../format/float16.ts';
import type { SourceTensor, SourceType } from '../format/safetensors.ts';
import type { QuantScheme } from '../format/schemes.ts';
import type { LlamaTensor } from '../llama/tensors.ts';
import type { GgufQuant } from '../format/gguf-types.ts';
import { castToModel } from './cast.ts';
import { repackQ4 } from './gguf-repack.ts';
import { quantizeRows } from './quantize.ts';
import type { QuantizedRows } from './quantize.ts';

/** Rows are read in slices of at most so many bytes (one row at least): what a slow line fetches in half a minute. */
export const SLICE_BYTES = 4 * 1024 * 1024;

/** Rows of a slice: as many whole ones as `sliceBytes` hold, one at least; whole heads where rows of a head change places. */
export function rowsPerSlice(
  { pairedRows = 1 }: Pick<SourceTensor, 'pairedRows'>,
  rowBytes: number,
  sliceBytes: number,
): number {
  return Math.max(1, Math.floor(sliceBytes / (rowBytes * pairedRows))) * pairedRows;
}

/**
 * Rows of a head from pairs of neighbours to two halves: row 2j + i goes to row j + i * headDim / 2. Rows move as they are, so
 * that their blocks need not be opened.
 * @param bytes whole heads of `headDim` rows
 */
export function unpairRows(bytes: Uint8Array, headDim: number, rowBytes: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length);
  for (let head = 0; head < bytes.length; head += headDim * rowBytes) {
    for (let row = 0; row < headDim; row++) {
      const to = head + ((row >> 1) + (row & 1) * (headDim / 2)) * rowBytes;
      const from = head + row * rowBytes;
      out.set(bytes.subarray(from, from + rowBytes), to);
    }
  }
  return out;
}

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

const notFinite = (part: SourceTensor): EngineError =>
  new EngineError('tensor-not-finite', `${part.file}: ${part.name} holds a weight that is not finite`, {
    file: part.file,
    tensor: part.name,
    actual: 'Infinity',
  });

const codesAndScales = (name: string, { words, scales }: QuantizedRows): StoredBytesOf[] => [
  { name: `${name}.q_weight`, bytes: bytesOf(words) },
  { name: `${name}.q_scale`, bytes: bytesOf(scales) },
];

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
  const columns = tensor.shape[1];
  const lying = part.pairedRows ? unpairRows(bytes, part.pairedRows, bytes.length / rows) : bytes;
  if (part.dtype === 'Q4_0' && scheme.name === 'q4f16_1' && columns !== undefined) {
    const packed = repackQ4(lying);
    if (!packed) throw notFinite(part);
    return codesAndScales(tensor.name, packed);
  }
  const values = castToModel(lying, part.dtype as SourceType | GgufQuant, scheme.scaleType);
  checkFinite(values, part);
  if (tensor.kind === 'norm' || columns === undefined || scheme.group === 0) {
    const encode = scheme.scaleType === 'float16' ? encodeFloat16 : encodeBfloat16;
    return [{ name: `${tensor.name}.weight`, bytes: bytesOf(Uint16Array.from(values, encode)) }];
  }
  return codesAndScales(tensor.name, quantizeRows(values, rows, columns, scheme));
}

// A conversion as a list of slices in the order of the source's bytes: so a host's file is read once, from its start to its
// end, and hashed on the way. Each slice knows where its output goes, so any of them can be done alone, again, or not at all.

import { EngineError } from '../failures.ts';
import type { Checkpoint } from '../format/checkpoint.ts';
import type { SourceTensor } from '../format/safetensors.ts';
import { storedTensors } from '../format/schemes.ts';
import type { QuantScheme } from '../format/schemes.ts';
import type { LlamaTensor } from '../llama/tensors.ts';
import type { Layout } from './layout.ts';
import { convertRows, rowsPerSlice, SLICE_BYTES } from './rows.ts';

export interface SliceOutput {
  /** Shard. */
  path: string;
  offset: number;
  length: number;
}

export interface Slice {
  file: string;
  byteOffset: number;
  byteLength: number;
  part: SourceTensor;
  tensor: LlamaTensor;
  rows: number;
  /** In the order in which `convertSlice` gives their bytes. */
  outputs: readonly SliceOutput[];
}

interface Target {
  path: string;
  offset: number;
  rowBytes: number;
}

function targetsOf(tensor: LlamaTensor, scheme: QuantScheme, layout: Layout): Target[] {
  return storedTensors(scheme, tensor).map(({ name }) => {
    const shard = layout.shardOf.get(name);
    const placed = shard?.tensors.find((each) => each.name === name);
    if (!shard || !placed)
      throw new EngineError('internal', `${name} has no place in the layout`, { tensor: name });
    return {
      path: shard.path,
      offset: placed.byteOffset,
      rowBytes: placed.byteLength / (tensor.shape[0] ?? 1),
    };
  });
}

/** Every needed row of the checkpoint, once, by file name and place in the file. */
export function planSlices(
  checkpoint: Checkpoint,
  layout: Layout,
  scheme: QuantScheme,
  sliceBytes = SLICE_BYTES,
): Slice[] {
  const slices: Slice[] = [];
  for (const tensor of checkpoint.tensors) {
    const targets = targetsOf(tensor, scheme, layout);
    let before = 0;
    for (const { name, rows } of tensor.parts) {
      const part = checkpoint.parts.get(name);
      if (!part) throw new EngineError('tensor-missing', `${name} is missing`, { file: name, tensor: name });
      const rowBytes = part.byteLength / rows;
      const step = rowsPerSlice(part, rowBytes, sliceBytes);
      for (let row = 0; row < rows; row += step) {
        const count = Math.min(step, rows - row);
        slices.push({
          file: part.file,
          byteOffset: part.byteOffset + row * rowBytes,
          byteLength: count * rowBytes,
          part,
          tensor,
          rows: count,
          outputs: targets.map((target) => ({
            path: target.path,
            offset: target.offset + (before + row) * target.rowBytes,
            length: count * target.rowBytes,
          })),
        });
      }
      before += rows;
    }
  }
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return slices.sort((a, b) => order(a.file, b.file) || a.byteOffset - b.byteOffset);
}

/** @returns bytes of each of the slice's outputs. Throws "tensor-not-finite" */
export function convertSlice(
  slice: Slice,
  bytes: Uint8Array,
  scheme: QuantScheme,
): Uint8Array<ArrayBuffer>[] {
  return convertRows(bytes, slice.part, slice.tensor, slice.rows, scheme).map((stored) => stored.bytes);
}

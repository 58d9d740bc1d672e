// Where each tensor of the output goes, planned before a byte is written.

import type { LlamaTensor } from '../llama/tensors.ts';
import type { QuantScheme, StoredTensor } from '../format/schemes.ts';
import { storedTensors } from '../format/schemes.ts';

/** MLC's cap: a shard ends before it would grow beyond; a tensor of half the cap or more has one to itself. */
export const SHARD_BYTES = 32 * 1024 * 1024;

/**
 * Codes and scales of a tensor come out together, row by row, and a file is only ever appended to (so that it is hashed on
 * the way, and a browser can store it so). Two lanes, each with its own open shard: one for codes, one for the rest.
 */
export type Lane = 'codes' | 'rest';

export interface PlacedTensor extends StoredTensor {
  byteOffset: number;
  byteLength: number;
}

export interface PlannedShard {
  path: string;
  lane: Lane;
  bytes: number;
  tensors: PlacedTensor[];
}

export interface Layout {
  shards: readonly PlannedShard[];
  /** Shard of each stored tensor, by its name. */
  shardOf: ReadonlyMap<string, PlannedShard>;
}

export function laneOf(tensor: StoredTensor): Lane {
  return tensor.dtype === 'uint32' ? 'codes' : 'rest';
}

/** Bytes on disk; float32 lies there as bfloat16. */
function bytesOf(tensor: StoredTensor): number {
  return tensor.shape.reduce((product, size) => product * size, tensor.dtype === 'uint32' ? 4 : 2);
}

export function planLayout(tensors: readonly LlamaTensor[], scheme: QuantScheme, cap = SHARD_BYTES): Layout {
  const shards: PlannedShard[] = [];
  const shardOf = new Map<string, PlannedShard>();
  const open = new Map<Lane, PlannedShard>();
  const add = (lane: Lane): PlannedShard => {
    const shard: PlannedShard = { path: `params_shard_${shards.length}.bin`, lane, bytes: 0, tensors: [] };
    shards.push(shard);
    return shard;
  };
  for (const stored of tensors.flatMap((tensor) => storedTensors(scheme, tensor))) {
    const lane = laneOf(stored);
    const byteLength = bytesOf(stored);
    const alone = byteLength >= cap / 2;
    let shard = open.get(lane);
    if (shard === undefined || alone || shard.bytes + byteLength > cap) {
      shard = add(lane);
      // After a tensor alone the lane starts anew: a shard once left is closed.
      if (alone) open.delete(lane);
      else open.set(lane, shard);
    }
    shard.tensors.push({ ...stored, byteOffset: shard.bytes, byteLength });
    shard.bytes += byteLength;
    shardOf.set(stored.name, shard);
  }
  return { shards, shardOf };
}

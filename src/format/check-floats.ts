// A scale or norm that is not finite would turn every answer into noise without a word: found while loading.

import { EngineError } from '../failures.ts';
import type { TensorRecord } from './tensor-cache.ts';

/**
 * Throws "tensor-not-finite", naming file and tensor, where `bytes` hold NaN or an infinity.
 * @param bytes of `record`, or a slice of it that starts and ends between values; float16, bfloat16 or float32 as it says.
 *   Words of codes (uint32) are any bits and always pass.
 */
export function checkFiniteFloats(bytes: Uint8Array, record: TensorRecord): void {
  if (record.dtype === 'uint32') return;
  const wide = record.dtype === 'float32' && !record.bfloat16;
  // All exponent bits set. In a float32 they lie in its upper half, as in a bfloat16.
  const exponent = record.dtype === 'float16' ? 0x7c00 : 0x7f80;
  const width = wide ? 4 : 2;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = wide ? 2 : 0; at + 2 <= bytes.length; at += width) {
    if ((view.getUint16(at, true) & exponent) !== exponent) continue;
    const index = Math.floor(at / width);
    throw new EngineError('tensor-not-finite', `${record.shard}: ${record.name} holds NaN or infinity`, {
      file: record.shard,
      tensor: record.name,
      actual: `not finite at value ${index}`,
    });
  }
}

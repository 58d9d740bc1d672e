// Weights that are not read here, known by their files' names: what they are decides what a person can do instead.

import { EngineError } from '../failures.ts';
import type { ForeignKind } from '../failures.ts';
import { readJsonIfThere } from './json-file.ts';
import type { ShardSource } from './shard-source.ts';

/** An adapter has no weights of its own, so it goes first. */
const SIGNS: readonly (readonly [file: string, kind: ForeignKind])[] = [
  ['adapter_config.json', 'adapter'],
  ['pytorch_model.bin', 'pytorch'],
  ['pytorch_model.bin.index.json', 'pytorch'],
  ['pytorch_model-00001-of-00002.bin', 'pytorch'],
  ['consolidated.00.pth', 'meta'],
  ['params.json', 'meta'],
  ['model.onnx', 'onnx'],
  ['decoder_model_merged.onnx', 'onnx'],
  ['weights.npz', 'mlx'],
  ['tf_model.h5', 'tensorflow'],
  ['flax_model.msgpack', 'flax'],
];

/** Throws "weights-foreign" where one of those files is there. */
export async function refuseForeign(source: ShardSource): Promise<void> {
  for (const [file, kind] of SIGNS) {
    if ((await source.size(file)) === undefined) continue;
    const base = kind === 'adapter' ? await baseOf(source, file) : undefined;
    throw new EngineError('weights-foreign', `${source.name}: ${file} is ${kind}, which is not read`, {
      file,
      kind,
      ...(base !== undefined && { base }),
    });
  }
}

async function baseOf(source: ShardSource, file: string): Promise<string | undefined> {
  const json = await readJsonIfThere(source, file);
  const base = (json as { base_model_name_or_path?: unknown } | null)?.base_model_name_or_path;
  return typeof base === 'string' && base !== '' ? base.slice(0, 120) : undefined;
}

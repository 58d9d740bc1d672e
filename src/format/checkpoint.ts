// A Hugging Face checkpoint opened: config, tensors over one or several safetensors files, all checked before weights are read.

import { EngineError } from '../failures.ts';
import { parseHuggingFaceConfig } from '../llama/config.ts';
import type { LlamaConfig } from '../llama/config.ts';
import { llamaTensors } from '../llama/tensors.ts';
import type { LlamaTensor } from '../llama/tensors.ts';
import { refuseForeign } from './foreign-files.ts';
import { readJsonIfThere } from './json-file.ts';
import { isSourceType, readSafetensorsHeader } from './safetensors.ts';
import type { SourceTensor } from './safetensors.ts';
import type { ShardSource } from './shard-source.ts';
import { stopTokenIds } from './stop-tokens.ts';
import { isPlainFileName } from './tensor-cache.ts';

const SINGLE_FILE = 'model.safetensors';
const INDEX_FILE = 'model.safetensors.index.json';
/** Llama 3.1 405B has 191. */
const MAX_FILES = 2000;

export interface Checkpoint {
  source: ShardSource;
  config: LlamaConfig;
  /** The needed tensors, as fused; every part is in `parts`. */
  tensors: readonly LlamaTensor[];
  parts: ReadonlyMap<string, SourceTensor>;
  stopTokenIds: number[];
  /** config.json and generation_config.json (an empty object where not there), as read. */
  configJson: unknown;
  generationJson: unknown;
}

/** Names of the safetensors files: by the index, or the single file. */
async function checkpointFiles(source: ShardSource): Promise<string[]> {
  // As transformers asks: an index left beside a whole file is of another time.
  if ((await source.size(SINGLE_FILE)) !== undefined) return [SINGLE_FILE];
  const index = await readJsonIfThere(source, INDEX_FILE);
  if (index === undefined) {
    await refuseForeign(source);
    return [SINGLE_FILE];
  }
  const map = (index as { weight_map?: unknown } | null)?.weight_map;
  const names =
    typeof map === 'object' && map !== null ? new Set<unknown>(Object.values(map)) : new Set<unknown>();
  const files = [...names].filter(
    (name): name is string => typeof name === 'string' && isPlainFileName(name),
  );
  if (files.length === 0 || files.length !== names.size || files.length > MAX_FILES) {
    throw new EngineError('safetensors-invalid', `${INDEX_FILE}: weight_map names no usable files`, {
      file: INDEX_FILE,
      field: 'weight_map',
      expected: `1 to ${MAX_FILES} plain file names`,
      actual: names.size,
    });
  }
  return files.sort();
}

/** A layer with a tensor we do not compute (a bias, a norm of queries) is another architecture, whatever its config says. */
function refuseUnknownTensors(config: LlamaConfig, parts: ReadonlyMap<string, SourceTensor>): void {
  const known = new Set(llamaTensors(config).flatMap((tensor) => tensor.parts.map((part) => part.name)));
  for (const { name, file } of parts.values()) {
    // Older checkpoints store RoPE's table, which follows from the config.
    if (known.has(name) || !name.startsWith('model.layers.') || name.endsWith('.rotary_emb.inv_freq'))
      continue;
    throw new EngineError('architecture-unsupported', `${file}: ${name} is no part of a plain Llama`, {
      file,
      tensor: name,
      expected: 'tensors of LlamaForCausalLM',
    });
  }
}

function checkPart(
  tensor: LlamaTensor,
  part: LlamaTensor['parts'][number],
  found: SourceTensor | undefined,
  isReadable: (dtype: string) => boolean,
): void {
  if (found === undefined) {
    throw new EngineError('tensor-missing', `checkpoint: ${part.name} is missing`, {
      file: SINGLE_FILE,
      tensor: part.name,
    });
  }
  const wanted = tensor.shape.length === 1 ? [part.rows] : [part.rows, tensor.shape[1]];
  if (wanted.join() !== found.shape.join()) {
    throw new EngineError('tensor-shape', `${found.file}: ${part.name} is [${found.shape.join(', ')}]`, {
      file: found.file,
      tensor: part.name,
      expected: `[${wanted.join(', ')}]`,
      actual: `[${found.shape.join(', ')}]`,
    });
  }
  if (!isReadable(found.dtype)) {
    throw new EngineError('dtype-unsupported', `${found.file}: ${part.name} has dtype ${found.dtype}`, {
      file: found.file,
      tensor: part.name,
      expected: 'BF16, F16, F32',
      name: found.dtype,
    });
  }
}

/**
 * Opens a checkpoint directory. Throws EngineError: "not-a-model" where there is no config.json, "weights-foreign", "file-missing",
 * "tensor-missing", "tensor-shape", "dtype-unsupported", "architecture-unsupported", and what the parts throw.
 */
export async function openCheckpoint(source: ShardSource): Promise<Checkpoint> {
  const configJson = await readJsonIfThere(source, 'config.json');
  if (configJson === undefined) {
    await refuseForeign(source);
    throw new EngineError('not-a-model', `${source.name}: no config.json, so this is no checkpoint`, {
      file: 'config.json',
      model: source.name,
    });
  }
  // Refused before its weights are looked for.
  parseHuggingFaceConfig(configJson);
  const generationJson = (await readJsonIfThere(source, 'generation_config.json')) ?? {};
  const parts = new Map<string, SourceTensor>();
  for (const file of await checkpointFiles(source)) {
    for (const tensor of await readSafetensorsHeader(source, file)) {
      const twin = parts.get(tensor.name);
      if (twin) {
        throw new EngineError('safetensors-invalid', `${file}: ${tensor.name} is in ${twin.file} too`, {
          file,
          tensor: tensor.name,
          actual: twin.file,
        });
      }
      parts.set(tensor.name, tensor);
    }
  }
  return assembleCheckpoint({ source, configJson, generationJson, parts, isReadable: isSourceType });
}

/** What a checkpoint is made of, whatever kind of files it came in. */
export interface CheckpointParts extends Pick<
  Checkpoint,
  'source' | 'parts' | 'configJson' | 'generationJson'
> {
  /** Whether weights of that type can be read. */
  isReadable: (dtype: string) => boolean;
}

/** Config and tensors held against each other. Throws as `openCheckpoint`, but for files. */
export function assembleCheckpoint({
  source,
  configJson,
  generationJson,
  parts,
  isReadable,
}: CheckpointParts): Checkpoint {
  const config = parseHuggingFaceConfig(configJson);
  refuseUnknownTensors(config, parts);
  const tensors = llamaTensors(config);
  for (const tensor of tensors)
    for (const part of tensor.parts) checkPart(tensor, part, parts.get(part.name), isReadable);
  return {
    source,
    config,
    tensors,
    parts,
    stopTokenIds: stopTokenIds([generationJson, configJson], config.vocabSize),
    configJson,
    generationJson,
  };
}

// A GGUF file opened as a checkpoint: its tensors under Hugging Face's names, and its metadata as the small files that a
// checkpoint has beside its weights. What converts a checkpoint converts it so, block types and row order told by each tensor.

import { EngineError } from '../failures.ts';
import { assembleCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { huggingFaceName } from './gguf-architectures.ts';
import type { GgufArchitecture } from './gguf-architectures.ts';
import { readGgufFile } from './gguf-file.ts';
import type { GgufFile, GgufTensorInfo } from './gguf-file.ts';
import { ggufClaims } from './gguf-metadata.ts';
import { ggufTokenizerFiles } from './gguf-tokenizer-files.ts';
import { isGgufQuant } from './gguf-types.ts';
import { memorySource } from './memory-source.ts';
import { isSourceType } from './safetensors.ts';
import type { SourceTensor } from './safetensors.ts';
import type { ShardSource } from './shard-source.ts';

/** A 405B model comes in some 20. */
const MAX_SPLITS = 512;
const SPLIT = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/;
const DIVISORS = 'rope_freqs.weight';

/** Whether a name ends as GGUF files' names do. */
export const isGgufName = (name: string): boolean => /\.gguf$/i.test(name);

/** All files of a model that came in several, in order; of any other, itself. Throws "limit-exceeded". */
export function ggufSplits(file: string): string[] {
  const [, name, , count] = SPLIT.exec(file) ?? [];
  if (count === undefined) return [file];
  const total = Number(count);
  if (total < 1 || total > MAX_SPLITS)
    throw new EngineError('limit-exceeded', `${file}: ${total} files`, {
      file,
      what: 'files',
      limit: MAX_SPLITS,
      actual: total,
    });
  return Array.from(
    { length: total },
    (_, i) => `${name}-${String(i + 1).padStart(5, '0')}-of-${count}.gguf`,
  );
}

/** Files of a split tell their number, from 0: one that was renamed would put its weights elsewhere. */
function checkSplit(file: GgufFile, index: number, count: number): void {
  const no = file.metadata.get('split.no');
  const told = file.metadata.get('split.count');
  if (count === 1 && (told === undefined || told === 1 || told === 0)) return;
  if (no === index && told === count) return;
  throw new EngineError(
    'gguf-invalid',
    `${file.file}: is part ${String(no)} of ${String(told)} by its own account`,
    {
      file: file.file,
      field: 'split.no',
      expected: `${index} of ${count}`,
      actual: `${String(no)} of ${String(told)}`,
    },
  );
}

async function gather(
  source: ShardSource,
  names: readonly string[],
): Promise<{ first: GgufFile; tensors: Map<string, GgufTensorInfo> }> {
  const tensors = new Map<string, GgufTensorInfo>();
  let first: GgufFile | undefined;
  for (const [index, name] of names.entries()) {
    const file = await readGgufFile(source, name);
    checkSplit(file, index, names.length);
    first ??= file;
    for (const tensor of file.tensors) {
      const twin = tensors.get(tensor.name);
      if (twin)
        throw new EngineError('gguf-invalid', `${name}: ${tensor.name} is in ${twin.file} too`, {
          file: name,
          tensor: tensor.name,
          actual: twin.file,
        });
      tensors.set(tensor.name, tensor);
    }
  }
  if (!first) throw new EngineError('internal', 'no GGUF file was named');
  return { first, tensors };
}

async function readDivisors(
  source: ShardSource,
  tensor: GgufTensorInfo | undefined,
): Promise<Float32Array | undefined> {
  if (!tensor) return undefined;
  const most = 4096;
  if (tensor.type.name !== 'F32' || tensor.byteLength > most)
    throw new EngineError('rope-unsupported', `${tensor.file}: ${DIVISORS} is ${tensor.type.name}`, {
      file: tensor.file,
      field: DIVISORS,
      expected: `F32, at most ${most} bytes`,
      actual: tensor.type.name,
    });
  const bytes = await source.read(tensor.file, tensor.byteOffset, tensor.byteLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(i * 4, true));
}

function partsOf(
  tensors: ReadonlyMap<string, GgufTensorInfo>,
  architecture: GgufArchitecture,
  headDim: unknown,
): Map<string, SourceTensor> {
  const parts = new Map<string, SourceTensor>();
  for (const { name: own, type, shape, file, byteOffset, byteLength } of tensors.values()) {
    if (own === DIVISORS) continue;
    const name = huggingFaceName(architecture, own);
    if (name === undefined)
      throw new EngineError(
        'architecture-unsupported',
        `${file}: ${own} is no tensor of ${architecture.modelType}`,
        {
          file,
          tensor: own,
          name: own,
          expected: `tensors of ${architecture.className}`,
          actual: own,
        },
      );
    const paired =
      architecture.pairedRows && /\.self_attn\.[qk]_proj\./.test(name) && typeof headDim === 'number';
    parts.set(name, {
      name,
      dtype: type.name,
      shape,
      file,
      byteOffset,
      byteLength,
      ...(paired && { pairedRows: headDim }),
    });
  }
  return parts;
}

const isReadable = (dtype: string): boolean => isSourceType(dtype) || isGgufQuant(dtype);

/**
 * Opens a GGUF file of `source`, or all files of a split one by the name of any of them. The checkpoint's source has config.json,
 * generation_config.json, tokenizer.json and tokenizer_config.json as the file's metadata tells them, apart from the file itself.
 * Throws EngineError: "gguf-invalid" and what `readGgufFile` throws, "architecture-unsupported", "config-unsupported",
 * "rope-unsupported", "tokenizer-invalid", and what `assembleCheckpoint` throws.
 */
export async function openGguf(
  source: ShardSource,
  file: string,
): Promise<Checkpoint & { name: string; licence: string }> {
  const names = ggufSplits(file);
  const { first, tensors } = await gather(source, names);
  const rows = tensors.get('token_embd.weight')?.shape[0];
  const claims = ggufClaims(
    first,
    { vocabSize: rows, tied: !tensors.has('output.weight') },
    await readDivisors(source, tensors.get(DIVISORS)),
  );
  const { configJson, generationJson, name, licence } = claims;
  const parts = partsOf(tensors, claims.architecture, configJson['head_dim']);
  const small = {
    'config.json': `${JSON.stringify(configJson, null, 2)}\n`,
    'generation_config.json': `${JSON.stringify(generationJson, null, 2)}\n`,
    ...ggufTokenizerFiles(first),
  };
  const own = memorySource(small, source.name);
  const checkpoint = assembleCheckpoint({
    source: {
      name: source.name,
      // What lies beside a GGUF file may be another model's: a folder of downloads has many.
      size: (path) =>
        Object.hasOwn(small, path)
          ? own.size(path)
          : Promise.resolve(isGgufName(path) ? source.size(path) : undefined),
      read: (path, offset, length) => (Object.hasOwn(small, path) ? own : source).read(path, offset, length),
    },
    configJson,
    generationJson,
    parts,
    isReadable,
  });
  return { ...checkpoint, name, licence };
}

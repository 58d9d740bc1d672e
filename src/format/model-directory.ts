// A model directory in MLC's layout, opened: everything it claims is checked against its config before weights are read.

import { EngineError } from '../failures.ts';
import { parseMlcConfig } from '../llama/config.ts';
import type { LlamaConfig } from '../llama/config.ts';
import { asObject } from '../llama/json-fields.ts';
import { llamaTensors } from '../llama/tensors.ts';
import { readJsonIfThere } from './json-file.ts';
import { schemeNamed, storedTensors } from './schemes.ts';
import type { QuantScheme } from './schemes.ts';
import type { ShardSource } from './shard-source.ts';
import { stopStrings, stopTokenIds } from './stop-tokens.ts';
import { parseTensorCache, TENSOR_CACHE_FILES } from './tensor-cache.ts';
import type { TensorCache, TensorRecord } from './tensor-cache.ts';

export type { TensorRecord } from './tensor-cache.ts';

export const MLC_CONFIG_FILE = 'mlc-chat-config.json';

export interface ModelDirectory {
  source: ShardSource;
  config: LlamaConfig;
  scheme: QuantScheme;
  /** Tokens the model may hold, by its config. */
  contextWindow: number;
  /** Ids that end an answer by the directory's configs, ascending. The tokenizer's files may name more. */
  stopTokenIds: number[];
  /** Texts that end an answer, by the same. */
  stopStrings: string[];
  tensors: ReadonlyMap<string, TensorRecord>;
}

/** The tensor list of a directory, by its newer or its older name. Throws "file-missing". */
export async function readTensorCache(source: ShardSource): Promise<TensorCache> {
  for (const file of TENSOR_CACHE_FILES) {
    const json = await readJsonIfThere(source, file);
    if (json !== undefined) return parseTensorCache(json, file);
  }
  const file = TENSOR_CACHE_FILES[0];
  throw new EngineError('file-missing', `${source.name}: ${file} is missing`, { file, model: source.name });
}

/** Throws "tensor-missing" or "tensor-shape" where the list does not hold what the config needs. */
function checkTensors(config: LlamaConfig, scheme: QuantScheme, cache: TensorCache): void {
  for (const tensor of llamaTensors(config)) {
    for (const expected of storedTensors(scheme, tensor)) {
      const record = cache.tensors.get(expected.name);
      if (record === undefined) {
        throw new EngineError('tensor-missing', `${cache.file}: ${expected.name} is missing`, {
          file: cache.file,
          tensor: expected.name,
        });
      }
      const wanted = `${expected.dtype} [${expected.shape.join(', ')}]`;
      const found = `${record.dtype} [${record.shape.join(', ')}]`;
      if (wanted !== found) {
        throw new EngineError('tensor-shape', `${cache.file}: ${expected.name} is ${found}, not ${wanted}`, {
          file: cache.file,
          tensor: expected.name,
          expected: wanted,
          actual: found,
        });
      }
    }
  }
}

/** Throws "file-missing" or "size-mismatch" where a shard is not whole. */
async function checkShards(source: ShardSource, cache: TensorCache): Promise<void> {
  for (const shard of cache.shards) {
    const size = await source.size(shard.path);
    if (size === undefined) {
      throw new EngineError('file-missing', `${source.name}: ${shard.path} is missing`, {
        file: shard.path,
        model: source.name,
      });
    }
    if (size !== shard.bytes) {
      throw new EngineError(
        'size-mismatch',
        `${shard.path}: ${size} bytes, ${cache.file} says ${shard.bytes}`,
        {
          file: shard.path,
          expected: shard.bytes,
          actual: size,
        },
      );
    }
  }
}

/** What the small files of a directory say, checked against each other: enough to refuse it before a shard is there. */
export interface DirectoryClaims extends Omit<ModelDirectory, 'tensors'> {
  cache: TensorCache;
}

/**
 * Reads config, generation_config.json and tensor list; asks for no shard.
 * Throws EngineError: "not-a-model" where there is no mlc-chat-config.json, else what the parts throw.
 */
export async function readDirectoryClaims(source: ShardSource): Promise<DirectoryClaims> {
  const json = await readJsonIfThere(source, MLC_CONFIG_FILE);
  if (json === undefined) {
    throw new EngineError(
      'not-a-model',
      `${source.name}: no ${MLC_CONFIG_FILE}, so this is no model directory`,
      {
        file: MLC_CONFIG_FILE,
        model: source.name,
      },
    );
  }
  const config = parseMlcConfig(json);
  const mlc = asObject(json, { file: MLC_CONFIG_FILE, path: '' });
  const scheme = schemeNamed(mlc['quantization'], MLC_CONFIG_FILE);
  const cache = await readTensorCache(source);
  checkTensors(config, scheme, cache);
  const generation = await readJsonIfThere(source, 'generation_config.json');
  return {
    source,
    config,
    scheme,
    contextWindow: config.maxPositionEmbeddings,
    stopTokenIds: stopTokenIds([mlc['conv_template'], mlc, generation], config.vocabSize),
    stopStrings: stopStrings([mlc['conv_template'], generation]),
    cache,
  };
}

/**
 * Opens a directory: config, scheme, tensor list and shard sizes are all checked; no weight is read.
 * Throws what `readDirectoryClaims` throws, "file-missing" and "size-mismatch" for a shard.
 */
export async function openModelDirectory(source: ShardSource): Promise<ModelDirectory> {
  const { cache, ...claims } = await readDirectoryClaims(source);
  await checkShards(source, cache);
  return { ...claims, tensors: cache.tensors };
}

/**
 * Bytes of a tensor as they lie on disk, or of a slice of it.
 * Throws "tensor-missing", "tensor-bounds", and what the source throws.
 */
export async function readTensor(
  directory: ModelDirectory,
  name: string,
  offset = 0,
  length?: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const record = directory.tensors.get(name);
  if (record === undefined) {
    throw new EngineError('tensor-missing', `${directory.source.name}: ${name} is missing`, {
      file: directory.source.name,
      tensor: name,
    });
  }
  const bytes = length ?? record.byteLength - offset;
  if (offset < 0 || bytes < 0 || offset + bytes > record.byteLength) {
    throw new EngineError(
      'tensor-bounds',
      `${name}: bytes ${offset} to ${offset + bytes} of ${record.byteLength}`,
      {
        file: record.shard,
        tensor: name,
        expected: record.byteLength,
        actual: offset + bytes,
      },
    );
  }
  return directory.source.read(record.shard, record.byteOffset + offset, bytes);
}

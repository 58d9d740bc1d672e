// Checkpoint -> quantised shards in MLC's layout, as a stream. Memory does not depend on the size of the model or of a tensor.

import { EngineError } from '../engine.ts';
import type { Checkpoint } from '../format/checkpoint.ts';
import { openCheckpoint } from '../format/checkpoint.ts';
import { encodeBfloat16, encodeFloat16 } from '../format/float16.ts';
import { MAX_TOKENIZER_BYTES } from '../format/json-file.ts';
import { MANIFEST_FILE, MANIFEST_VERSION } from '../format/manifest.ts';
import type { ManifestFile, ModelManifest } from '../format/manifest.ts';
import type { SourceTensor, SourceType } from '../format/safetensors.ts';
import type { QuantScheme } from '../format/schemes.ts';
import type { ShardSource } from '../format/shard-source.ts';
import type { LlamaTensor } from '../llama/tensors.ts';
import { castToModel } from './cast.ts';
import { chatConfig } from './chat-config.ts';
import { planLayout } from './layout.ts';
import type { Layout, PlannedShard } from './layout.ts';
import { quantizeRows } from './quantize.ts';
import { createHashed } from './sink.ts';
import type { HashedFile, ModelSink, WrittenFile } from './sink.ts';

/** Rows are read in slices of at most so many bytes (one row at least): what a slow line fetches in half a minute. */
export const SLICE_BYTES = 4 * 1024 * 1024;

/** Files of a checkpoint that go along as they are, where they are there. */
const TOKENIZER_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'special_tokens_map.json',
];
const OTHER_FILES = [
  'generation_config.json',
  'LICENSE',
  'LICENSE.txt',
  'LICENSE.md',
  'NOTICE',
  'USE_POLICY.md',
];

export interface ConvertProgress {
  /** Bytes of the checkpoint's tensors read, and to read. */
  done: number;
  total: number;
  tensor: string;
}

export interface ConvertOptions {
  scheme: QuantScheme;
  /** What is converted, in words, for the manifest. */
  source: string;
  licence: string;
  onProgress?: (progress: ConvertProgress) => void;
  signal?: AbortSignal;
  /** Bytes a slice may have. For tests. */
  sliceBytes?: number;
  /** Bytes a shard may have. For tests. */
  shardBytes?: number;
}

/** The two open shards: each lane moves on to its next as tensors are begun. */
interface Lanes {
  write(stored: string, chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  finish(): Promise<Map<string, WrittenFile>>;
}

function openLanes(sink: ModelSink, layout: Layout): Lanes {
  const open = new Map<PlannedShard['lane'], { shard: PlannedShard; file: HashedFile }>();
  const written = new Map<string, WrittenFile>();
  const close = async (entry: { file: HashedFile } | undefined) => {
    if (!entry) return;
    const result = await entry.file.close();
    written.set(result.path, result);
  };
  return {
    async write(stored, chunk) {
      const shard = layout.shardOf.get(stored);
      if (!shard)
        throw new EngineError('internal', `${stored} has no place in the layout`, { tensor: stored });
      let current = open.get(shard.lane);
      if (current?.shard !== shard) {
        await close(current);
        current = { shard, file: await createHashed(sink, shard.path, shard.bytes) };
        open.set(shard.lane, current);
      }
      await current.file.write(chunk);
    },
    async finish() {
      for (const entry of open.values()) await close(entry);
      return written;
    },
  };
}

/** Throws "tensor-not-finite" for NaN, infinities, and what is infinite in the model dtype. */
function checkFinite(values: Float32Array, part: SourceTensor): void {
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

/** Slices of whole rows of a tensor's parts, in the model dtype, in order. */
async function* modelRows(
  checkpoint: Checkpoint,
  tensor: LlamaTensor,
  scheme: QuantScheme,
  sliceBytes: number,
): AsyncGenerator<{ values: Float32Array<ArrayBuffer>; rows: number; bytes: number }> {
  for (const { name, rows } of tensor.parts) {
    const part = checkpoint.parts.get(name);
    if (!part) throw new EngineError('tensor-missing', `${name} is missing`, { file: name, tensor: name });
    const rowBytes = part.byteLength / rows;
    const step = Math.max(1, Math.floor(sliceBytes / rowBytes));
    for (let row = 0; row < rows; row += step) {
      const count = Math.min(step, rows - row);
      const bytes = await checkpoint.source.read(
        part.file,
        part.byteOffset + row * rowBytes,
        count * rowBytes,
      );
      const values = castToModel(bytes, part.dtype as SourceType, scheme.scaleType);
      checkFinite(values, part);
      yield { values, rows: count, bytes: bytes.length };
    }
  }
}

/** Little-endian bytes; every platform that runs this is. */
function bytesOf(array: Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

async function writeTensor(
  lanes: Lanes,
  tensor: LlamaTensor,
  scheme: QuantScheme,
  { values, rows }: { values: Float32Array<ArrayBuffer>; rows: number },
): Promise<void> {
  const columns = tensor.shape[1];
  if (tensor.kind === 'norm' || columns === undefined || scheme.group === 0) {
    const encode = scheme.scaleType === 'float16' ? encodeFloat16 : encodeBfloat16;
    await lanes.write(`${tensor.name}.weight`, bytesOf(Uint16Array.from(values, encode)));
    return;
  }
  const { words, scales } = quantizeRows(values, rows, columns, scheme);
  await lanes.write(`${tensor.name}.q_weight`, bytesOf(words));
  await lanes.write(`${tensor.name}.q_scale`, bytesOf(scales));
}

function tensorCacheJson(layout: Layout, written: ReadonlyMap<string, WrittenFile>, weights: number): string {
  const tensors = layout.shards.flatMap((shard) => shard.tensors);
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.byteLength, 0);
  const json = {
    metadata: { ParamSize: tensors.length, ParamBytes: bytes, BitsPerParam: (bytes * 8) / weights },
    records: layout.shards.map((shard) => ({
      dataPath: shard.path,
      format: 'raw-shard',
      nbytes: shard.bytes,
      md5sum: written.get(shard.path)?.md5,
      records: shard.tensors.map(({ name, shape, dtype, byteOffset, byteLength }) => ({
        name,
        shape,
        dtype,
        format: 'f32-to-bf16',
        nbytes: byteLength,
        byteOffset,
      })),
    })),
  };
  return `${JSON.stringify(json, null, 1)}\n`;
}

async function writeWhole(
  sink: ModelSink,
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<WrittenFile> {
  const file = await createHashed(sink, path, bytes.length);
  await file.write(bytes);
  return file.close();
}

async function copySmallFiles(checkpoint: Checkpoint, sink: ModelSink): Promise<WrittenFile[]> {
  const copied: WrittenFile[] = [];
  for (const path of [...TOKENIZER_FILES, ...OTHER_FILES]) {
    const size = await checkpoint.source.size(path);
    if (size === undefined) continue;
    if (size > MAX_TOKENIZER_BYTES) {
      throw new EngineError('limit-exceeded', `${path}: ${size} bytes`, {
        file: path,
        expected: `at most ${MAX_TOKENIZER_BYTES} bytes`,
        actual: size,
      });
    }
    copied.push(await writeWhole(sink, path, await checkpoint.source.read(path, 0, size)));
  }
  return copied;
}

/** Whether the tokenizer has Llama 3's headers. */
async function hasHeaders(source: ShardSource): Promise<boolean> {
  const size = await source.size('tokenizer.json');
  if (size === undefined || size > MAX_TOKENIZER_BYTES) return false;
  return new TextDecoder()
    .decode(await source.read('tokenizer.json', 0, size))
    .includes('<|start_header_id|>');
}

/**
 * Converts a checkpoint directory into a model directory: shards, mlc-chat-config.json, tensor-cache.json, the tokenizer's
 * files, and manifest.json last, so that a directory without one is unfinished.
 * Throws what `openCheckpoint` throws, "tensor-not-finite", what source and sink throw, and the signal's reason.
 */
export async function convertCheckpoint(
  source: ShardSource,
  sink: ModelSink,
  options: ConvertOptions,
): Promise<ModelManifest> {
  const { scheme, signal } = options;
  const checkpoint = await openCheckpoint(source);
  const layout = planLayout(checkpoint.tensors, scheme, options.shardBytes);
  const parts = checkpoint.tensors.flatMap((tensor) =>
    tensor.parts.map(({ name }) => checkpoint.parts.get(name)),
  );
  const total = parts.reduce((sum, part) => sum + (part?.byteLength ?? 0), 0);
  const weights = checkpoint.tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const lanes = openLanes(sink, layout);
  let done = 0;
  for (const tensor of checkpoint.tensors) {
    for await (const slice of modelRows(checkpoint, tensor, scheme, options.sliceBytes ?? SLICE_BYTES)) {
      signal?.throwIfAborted();
      await writeTensor(lanes, tensor, scheme, slice);
      done += slice.bytes;
      options.onProgress?.({ done, total, tensor: tensor.name });
    }
  }
  const shards = await lanes.finish();
  const copied = await copySmallFiles(checkpoint, sink);
  const tokenizerFiles = copied.map(({ path }) => path).filter((path) => TOKENIZER_FILES.includes(path));
  const config = chatConfig(checkpoint, scheme, tokenizerFiles, await hasHeaders(source));
  const encoder = new TextEncoder();
  const json = async (path: string, text: string) => writeWhole(sink, path, encoder.encode(text));
  const written = [
    await json('mlc-chat-config.json', `${JSON.stringify(config, null, 1)}\n`),
    await json('tensor-cache.json', tensorCacheJson(layout, shards, weights)),
    ...copied,
    ...layout.shards.flatMap(({ path }) => shards.get(path) ?? []),
  ];
  const files: ManifestFile[] = written.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }));
  const manifest: ModelManifest = {
    version: MANIFEST_VERSION,
    scheme: scheme.name,
    source: options.source,
    licence: options.licence,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    files,
  };
  await json(MANIFEST_FILE, `${JSON.stringify(manifest, null, 1)}\n`);
  return manifest;
}

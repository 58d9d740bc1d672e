// Checkpoint -> quantised shards in MLC's layout, as a stream. Memory does not depend on the size of the model or of a tensor.

import { EngineError } from '../failures.ts';
import type { Checkpoint } from '../format/checkpoint.ts';
import { openCheckpoint } from '../format/checkpoint.ts';
import { MAX_TOKENIZER_BYTES } from '../format/json-file.ts';
import { describeManifest, MANIFEST_FILE } from '../format/manifest.ts';
import type { ModelManifest } from '../format/manifest.ts';
import type { QuantScheme } from '../format/schemes.ts';
import type { ShardSource } from '../format/shard-source.ts';
import { tokenizerEndIds } from '../format/stop-tokens.ts';
import type { LlamaTensor } from '../llama/tensors.ts';
import { chatConfig } from './chat-config.ts';
import { planLayout } from './layout.ts';
import type { Layout, PlannedShard } from './layout.ts';
import { convertRows, rowsPerSlice, SLICE_BYTES } from './rows.ts';
import type { StoredBytesOf } from './rows.ts';
import { createHashed } from './sink.ts';
import type { HashedFile, ModelSink, WrittenFile } from './sink.ts';

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

/** Slices of whole rows of a tensor's parts, as they are stored, in order. */
async function* storedRows(
  checkpoint: Checkpoint,
  tensor: LlamaTensor,
  scheme: QuantScheme,
  sliceBytes: number,
): AsyncGenerator<{ stored: StoredBytesOf[]; bytes: number }> {
  for (const { name, rows } of tensor.parts) {
    const part = checkpoint.parts.get(name);
    if (!part) throw new EngineError('tensor-missing', `${name} is missing`, { file: name, tensor: name });
    const rowBytes = part.byteLength / rows;
    const step = rowsPerSlice(part, rowBytes, sliceBytes);
    for (let row = 0; row < rows; row += step) {
      const count = Math.min(step, rows - row);
      const bytes = await checkpoint.source.read(
        part.file,
        part.byteOffset + row * rowBytes,
        count * rowBytes,
      );
      yield { stored: convertRows(bytes, part, tensor, count, scheme), bytes: bytes.length };
    }
  }
}

function tensorCacheJson(
  layout: Layout,
  written: ReadonlyMap<string, { md5: string }>,
  weights: number,
): string {
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

/** The checkpoint's small files that go along as they are. Throws "limit-exceeded". */
export async function* copiedFiles(
  source: ShardSource,
): AsyncGenerator<{ path: string; bytes: Uint8Array<ArrayBuffer> }> {
  for (const path of [...TOKENIZER_FILES, ...OTHER_FILES]) {
    const size = await source.size(path);
    if (size === undefined) continue;
    if (size > MAX_TOKENIZER_BYTES) {
      throw new EngineError('limit-exceeded', `${path}: ${size} bytes`, {
        file: path,
        what: 'bytes',
        limit: MAX_TOKENIZER_BYTES,
        actual: size,
      });
    }
    yield { path, bytes: await source.read(path, 0, size) };
  }
}

/** Whether the tokenizer has Llama 3's headers, and the ids of its own end. A tokenizer that nobody can read is refused at load. */
async function tokenizerFacts(
  source: ShardSource,
  vocabSize: number,
): Promise<{ headers: boolean; ends: number[] }> {
  const textOf = async (path: string): Promise<string | undefined> => {
    const size = await source.size(path);
    if (size === undefined || size > MAX_TOKENIZER_BYTES) return undefined;
    return new TextDecoder().decode(await source.read(path, 0, size));
  };
  const jsonOf = (text: string | undefined): unknown => {
    try {
      return text === undefined ? undefined : JSON.parse(text);
    } catch {
      return undefined;
    }
  };
  const tokenizer = await textOf('tokenizer.json');
  const files = {
    tokenizerJson: jsonOf(tokenizer),
    tokenizerConfig: jsonOf(await textOf('tokenizer_config.json')),
    specialTokensMap: jsonOf(await textOf('special_tokens_map.json')),
  };
  return {
    headers: tokenizer?.includes('<|start_header_id|>') ?? false,
    ends: tokenizerEndIds(files, vocabSize),
  };
}

/**
 * The two files that describe a converted directory, of lengths that do not depend on the sums.
 * @param shards md5 of each shard
 * @param copied names of the files that went along
 */
export async function describeDirectory(
  checkpoint: Checkpoint,
  scheme: QuantScheme,
  layout: Layout,
  shards: ReadonlyMap<string, { md5: string }>,
  copied: readonly string[],
): Promise<{ path: string; bytes: Uint8Array<ArrayBuffer> }[]> {
  const weights = checkpoint.tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const tokenizerFiles = copied.filter((path) => TOKENIZER_FILES.includes(path));
  const { headers, ends } = await tokenizerFacts(checkpoint.source, checkpoint.config.vocabSize);
  const stops = [...new Set([...checkpoint.stopTokenIds, ...ends])].sort((a, b) => a - b);
  const config = chatConfig({ ...checkpoint, stopTokenIds: stops }, scheme, tokenizerFiles, headers);
  const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  return [
    { path: 'mlc-chat-config.json', bytes: encode(`${JSON.stringify(config, null, 1)}\n`) },
    { path: 'tensor-cache.json', bytes: encode(tensorCacheJson(layout, shards, weights)) },
  ];
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
  return convertOpened(await openCheckpoint(source), sink, options);
}

/** `convertCheckpoint` of one that is open already, whatever files it came in. */
export async function convertOpened(
  checkpoint: Checkpoint,
  sink: ModelSink,
  options: ConvertOptions,
): Promise<ModelManifest> {
  const { scheme, signal } = options;
  const { source } = checkpoint;
  const layout = planLayout(checkpoint.tensors, scheme, options.shardBytes);
  const parts = checkpoint.tensors.flatMap((tensor) =>
    tensor.parts.map(({ name }) => checkpoint.parts.get(name)),
  );
  const total = parts.reduce((sum, part) => sum + (part?.byteLength ?? 0), 0);
  const lanes = openLanes(sink, layout);
  let done = 0;
  for (const tensor of checkpoint.tensors) {
    for await (const slice of storedRows(checkpoint, tensor, scheme, options.sliceBytes ?? SLICE_BYTES)) {
      signal?.throwIfAborted();
      for (const { name, bytes } of slice.stored) await lanes.write(name, bytes);
      done += slice.bytes;
      options.onProgress?.({ done, total, tensor: tensor.name });
    }
  }
  const shards = await lanes.finish();
  const copied: WrittenFile[] = [];
  for await (const { path, bytes } of copiedFiles(source)) copied.push(await writeWhole(sink, path, bytes));
  const names = copied.map(({ path }) => path);
  const written: WrittenFile[] = [];
  for (const { path, bytes } of await describeDirectory(checkpoint, scheme, layout, shards, names))
    written.push(await writeWhole(sink, path, bytes));
  written.push(...copied, ...layout.shards.flatMap(({ path }) => shards.get(path) ?? []));
  const { manifest, text } = describeManifest(
    { scheme: scheme.name, source: options.source, licence: options.licence },
    written,
  );
  await writeWhole(sink, MANIFEST_FILE, new TextEncoder().encode(text));
  return manifest;
}

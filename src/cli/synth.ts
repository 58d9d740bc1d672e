// npm run -s synth -- <shape> <out dir> [--layers N] [--scheme q4f16_1] [--seed S]
// A model directory, or a checkpoint, of random weights in the shape of a real model: for benchmarks and tests, never for answers.

import { mkdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { chatConfig } from '../convert/chat-config.ts';
import { planLayout } from '../convert/layout.ts';
import type { PlannedShard } from '../convert/layout.ts';
import type { FileSink, ModelSink } from '../convert/sink.ts';
import { EngineError } from '../failures.ts';
import { MLC_CONFIG_FILE } from '../format/model-directory.ts';
import { storedTensors } from '../format/schemes.ts';
import type { QuantScheme } from '../format/schemes.ts';
import { TENSOR_CACHE_FILES } from '../format/tensor-cache.ts';
import type { LlamaConfig } from '../llama/config.ts';
import { isShapeName, SHAPES } from '../llama/shapes.ts';
import { llamaTensors } from '../llama/tensors.ts';
import { parseCommand, WrongUse, type CommandCall } from './command.ts';
import { createFolderSink, namesIn } from './folder-sink.ts';
import { folderSource } from './folder-source.ts';
import { integerOption, schemeOption } from './options.ts';
import { checkpointBytes, synthesizeCheckpoint, vocabularyOf } from './synth-checkpoint.ts';
import { fillerOf } from './synth-values.ts';
import { writeDrawn, writeJson } from './synth-write.ts';
import type { SynthCall } from './synth-write.ts';
import { progressLine } from './progress-line.ts';

export const HELP = `usage: synth <shape> <out dir> [--layers N] [--scheme q4f16_1|q4f32_1|q3f16_1|q0f16] [--seed S]
       synth <shape> <out dir> --checkpoint [--tokenizer <checkpoint dir>] [--layers N] [--seed S]
--checkpoint  safetensors in bfloat16 with a config.json, as convert and race take it
--tokenizer   copies that checkpoint's tokenizer and takes its vocabulary's size in place of the shape's
shapes: ${Object.keys(SHAPES).join(', ')}
`;
/** Left free on the disk, apart from what is written. */
const SPARE_BYTES = 256 * 1024 * 1024;

export interface SynthOptions extends SynthCall {
  scheme: QuantScheme;
}

/** A directory of random weights, laid out. */
export interface SynthPlan {
  shards: readonly PlannedShard[];
  /** Bytes of the shards. */
  total: number;
  /** Writes a shard's bytes, and leaves the file open. @param onBytes how many were written */
  draw(shard: PlannedShard, file: FileSink, onBytes: (count: number, tensor: string) => void): Promise<void>;
  /** The config and the list of tensors: name -> JSON. */
  texts: Readonly<Record<string, unknown>>;
}

/** The same seed gives the same values to a tensor of the same name and shape, however many layers there are. */
export function planSynth(config: LlamaConfig, scheme: QuantScheme, seed: number): SynthPlan {
  const tensors = llamaTensors(config);
  const { shards } = planLayout(tensors, scheme);
  const fillers = new Map(
    tensors.flatMap((tensor) =>
      storedTensors(scheme, tensor).map((stored) => [
        stored.name,
        () => fillerOf(scheme, tensor, stored, seed),
      ]),
    ),
  );
  const total = shards.reduce((sum, shard) => sum + shard.bytes, 0);
  const weights = tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const nothing = { configJson: {}, generationJson: {}, stopTokenIds: [] };
  return {
    shards,
    total,
    async draw(shard, file, onBytes) {
      for (const { name, byteLength } of shard.tensors) {
        const filler = fillers.get(name);
        if (!filler) throw new EngineError('internal', `${name} has no filler`, { tensor: name });
        await writeDrawn(file, filler(), byteLength, (count) => onBytes(count, name));
      }
    },
    texts: {
      [MLC_CONFIG_FILE]: chatConfig({ config, ...nothing }, scheme, [], false),
      [TENSOR_CACHE_FILES[0]]: {
        metadata: { ParamSize: fillers.size, ParamBytes: total, BitsPerParam: (total * 8) / weights },
        records: shards.map((shard) => ({
          dataPath: shard.path,
          format: 'raw-shard',
          nbytes: shard.bytes,
          records: shard.tensors.map(({ name, shape, dtype, byteOffset, byteLength }) => ({
            name,
            shape,
            dtype,
            format: 'f32-to-bf16',
            nbytes: byteLength,
            byteOffset,
          })),
        })),
      },
    },
  };
}

/**
 * Writes a directory of random weights. Nothing ends an answer: there are no stop tokens, and no tokenizer.
 * @returns bytes of the shards
 */
export async function synthesize(
  config: LlamaConfig,
  sink: ModelSink,
  { scheme, seed, onProgress, signal }: SynthOptions,
): Promise<number> {
  const { shards, total, draw, texts } = planSynth(config, scheme, seed);
  let done = 0;
  for (const shard of shards) {
    const file = await sink.create(shard.path, shard.bytes);
    await draw(shard, file, (count, tensor) => {
      signal?.throwIfAborted();
      done += count;
      onProgress?.({ done, total, tensor });
    });
    await file.close();
  }
  for (const [name, json] of Object.entries(texts)) await writeJson(sink, name, json);
  return total;
}

/** Throws "quota-exceeded" where the disk has no room for `needed` bytes. */
async function checkDiskSpace(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const available = bavail * bsize;
  if (available >= needed + SPARE_BYTES) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new EngineError(
    'quota-exceeded',
    `${folder}: ${gigabytes(needed + SPARE_BYTES)} needed, ${gigabytes(available)} free`,
    { file: folder, needed: needed + SPARE_BYTES, available },
  );
}

/** Throws WrongUse; EngineError where writing fails. */
export async function main(argv: string[], { signal }: Partial<CommandCall> = {}): Promise<number> {
  const { values, positionals } = parseCommand({
    args: argv,
    allowPositionals: true,
    options: {
      layers: { type: 'string' },
      scheme: { type: 'string', default: 'q4f16_1' },
      seed: { type: 'string', default: '1' },
      checkpoint: { type: 'boolean', default: false },
      tokenizer: { type: 'string' },
    },
  });
  const [name = '', out = '', ...more] = positionals;
  const { checkpoint, tokenizer } = values;
  if (!isShapeName(name))
    throw new WrongUse(
      `${name === '' ? 'a shape is missing' : `unknown shape ${name}`}: there are ${Object.keys(SHAPES).join(', ')}`,
    );
  if (out === '' || more.length > 0) throw new WrongUse('one output directory is needed after the shape');
  if (tokenizer !== undefined && !checkpoint) throw new WrongUse('--tokenizer goes with --checkpoint');
  const shape: LlamaConfig = SHAPES[name];
  const words = tokenizer === undefined ? undefined : folderSource(tokenizer);
  const config = {
    ...shape,
    ...(words && { vocabSize: await vocabularyOf(words) }),
    numHiddenLayers:
      values.layers === undefined
        ? shape.numHiddenLayers
        : integerOption('layers', values.layers, 1, shape.numHiddenLayers),
  };
  const scheme = schemeOption(values.scheme);
  const seed = integerOption('seed', values.seed, 0, 2 ** 32 - 1);
  if ((await namesIn(out)).length > 0) {
    throw new EngineError('storage-failed', `${out}: is not empty`, { file: out, actual: 'not empty' });
  }
  const parent = path.dirname(path.resolve(out));
  await mkdir(parent, { recursive: true });
  const shards = (): number =>
    planLayout(llamaTensors(config), scheme).shards.reduce((sum, shard) => sum + shard.bytes, 0);
  await checkDiskSpace(parent, checkpoint ? checkpointBytes(config) : shards());

  const sink = await createFolderSink(out);
  try {
    const call = { seed, onProgress: progressLine(), ...(signal && { signal }) };
    const bytes = checkpoint
      ? await synthesizeCheckpoint(config, sink, words, call)
      : await synthesize(config, sink, { scheme, ...call });
    await sink.commit();
    const kind = checkpoint ? 'bfloat16' : scheme.name;
    process.stderr.write(`${out}: ${name}, ${config.numHiddenLayers} layers, ${kind}, ${bytes} bytes\n`);
    return 0;
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

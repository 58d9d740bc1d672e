// A Hugging Face checkpoint of random weights: what convert and race take, in the shape of a real model.

import type { ModelSink } from '../convert/sink.ts';
import { EngineError } from '../failures.ts';
import { readJsonIfThere } from '../format/json-file.ts';
import type { ShardSource } from '../format/shard-source.ts';
import { readTokenizerFiles } from '../format/tokenizer-files.ts';
import { parseHuggingFaceConfig } from '../llama/config.ts';
import type { LlamaConfig } from '../llama/config.ts';
import { llamaTensors } from '../llama/tensors.ts';
import { loadTokenizer } from '../tokenizer/tokenizer.ts';
import { plainFiller, withEmptyRows } from './synth-values.ts';
import type { Filler } from './synth-values.ts';
import { writeBytes, writeDrawn, writeJson } from './synth-write.ts';
import type { SynthCall } from './synth-write.ts';

const WEIGHTS_FILE = 'model.safetensors';
const EMBEDDING = 'model.embed_tokens.weight';
const OUTPUT = 'lm_head.weight';
const TOKENIZER_FILES = ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json'];

interface Part {
  name: string;
  shape: readonly number[];
  bytes: number;
}

/** The checkpoint's tensors in the order of the file. */
function partsOf(config: LlamaConfig): Part[] {
  return llamaTensors(config).flatMap(({ shape: [, columns], parts }) =>
    parts.map(({ name, rows }) => ({
      name,
      shape: columns === undefined ? [rows] : [rows, columns],
      bytes: 2 * rows * (columns ?? 1),
    })),
  );
}

/** Of the weights. */
export function checkpointBytes(config: LlamaConfig): number {
  return partsOf(config).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Tokens of a checkpoint's vocabulary, by its config. Throws "not-a-model" where there is none, and what is wrong with it. */
export async function vocabularyOf(source: ShardSource): Promise<number> {
  const json = await readJsonIfThere(source, 'config.json');
  if (json === undefined)
    throw new EngineError('not-a-model', `${source.name}: no config.json`, { file: 'config.json' });
  return parseHuggingFaceConfig(json).vocabSize;
}

function configJson(config: LlamaConfig, names: Record<string, unknown>): Record<string, unknown> {
  const scaling = config.ropeScaling;
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    torch_dtype: 'bfloat16',
    hidden_act: 'silu',
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.numHiddenLayers,
    num_attention_heads: config.numAttentionHeads,
    num_key_value_heads: config.numKeyValueHeads,
    head_dim: config.headDim,
    vocab_size: config.vocabSize,
    rms_norm_eps: config.rmsNormEps,
    rope_theta: config.ropeTheta,
    rope_scaling: scaling && {
      rope_type: scaling.ropeType,
      factor: scaling.factor,
      low_freq_factor: scaling.lowFreqFactor,
      high_freq_factor: scaling.highFreqFactor,
      original_max_position_embeddings: scaling.originalMaxPositionEmbeddings,
    },
    max_position_embeddings: config.maxPositionEmbeddings,
    tie_word_embeddings: config.tieWordEmbeddings,
    ...names,
  };
}

/** Header of a safetensors file of these tensors, padded with spaces so that weights begin at a multiple of 8. */
function safetensorsHeader(parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  let at = 0;
  const entries = parts.map(({ name, shape, bytes }) => {
    const from = at;
    at += bytes;
    return [name, { dtype: 'BF16', shape, data_offsets: [from, at] }];
  });
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil(text.length / 8) * 8;
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, 8);
  return header;
}

/**
 * Ids that are no text of their own: special tokens and pieces of a letter. llama.cpp's server ends on an answer that is not
 * UTF-8, so a random model must never say them.
 */
async function wordless(tokenizer: ShardSource, vocabSize: number): Promise<Set<number>> {
  const { decode } = loadTokenizer(await readTokenizerFiles(tokenizer), vocabSize);
  const ids = Array.from({ length: vocabSize }, (_, id) => id);
  return new Set(ids.filter((id) => /^$|\uFFFD/.test(decode([id]))));
}

/**
 * Writes a checkpoint. The same seed gives the same values to a tensor of the same name and shape.
 * @param tokenizer whose tokenizer and special tokens it gets; its vocabulary must be the config's. An answer is then always
 * text: rows of the output for what is none are zero, which is never the largest logit of thousands
 * @returns bytes of the weights
 */
export async function synthesizeCheckpoint(
  config: LlamaConfig,
  sink: ModelSink,
  tokenizer: ShardSource | undefined,
  { seed, onProgress, signal }: SynthCall,
): Promise<number> {
  const parts = partsOf(config);
  const total = checkpointBytes(config);
  const header = safetensorsHeader(parts);
  const file = await sink.create(WEIGHTS_FILE, header.length + total);
  await file.write(header);
  const output = config.tieWordEmbeddings ? EMBEDDING : OUTPUT;
  const silent = tokenizer ? await wordless(tokenizer, config.vocabSize) : new Set<number>();
  const fillerOf = (name: string, columns: number | undefined): Filler => {
    const filler = plainFiller(name, columns, seed);
    return name === output && columns !== undefined ? withEmptyRows(filler, columns / 2, silent) : filler;
  };
  let done = 0;
  for (const { name, shape, bytes } of parts) {
    await writeDrawn(file, fillerOf(name, shape[1]), bytes, (count) => {
      signal?.throwIfAborted();
      done += count;
      onProgress?.({ done, total, tensor: name });
    });
  }
  await file.close();
  const theirs = (tokenizer && (await readJsonIfThere(tokenizer, 'config.json'))) as
    Record<string, unknown> | undefined;
  const ids = ['bos_token_id', 'eos_token_id'].filter((key) => theirs?.[key] !== undefined);
  const names = Object.fromEntries(ids.map((key) => [key, theirs?.[key]]));
  await writeJson(sink, 'config.json', configJson(config, names));
  for (const name of tokenizer ? TOKENIZER_FILES : []) {
    const size = await tokenizer?.size(name);
    if (tokenizer && size !== undefined) await writeBytes(sink, name, await tokenizer.read(name, 0, size));
  }
  return total;
}

// Checkpoint -> one GGUF file, as llama.cpp, LM Studio and wllama read it: as a stream, one slice of rows in memory.

import { EngineError } from '../failures.ts';
import type { Checkpoint } from '../format/checkpoint.ts';
import { openCheckpoint } from '../format/checkpoint.ts';
import type { SourceTensor, SourceType } from '../format/safetensors.ts';
import type { ShardSource } from '../format/shard-source.ts';
import { readTokenizerFiles } from '../format/tokenizer-files.ts';
import type { LlamaConfig } from '../llama/config.ts';
import { ropeFrequencies } from '../llama/rope.ts';
import { castToModel } from './cast.ts';
import type { ConvertProgress } from './convert.ts';
import { encodeGgufRows, GGUF_BLOCK, ggufRowBytes } from './gguf-blocks.ts';
import type { GgufType } from './gguf-blocks.ts';
import { aligned, GGUF_ALIGNMENT, ggufHeader } from './gguf-header.ts';
import type { GgufTensor, GgufValue } from './gguf-header.ts';
import { ggufTokenizer } from './gguf-tokenizer.ts';
import { checkFinite, SLICE_BYTES } from './rows.ts';
import type { FileSink } from './sink.ts';

export const GGUF_SCHEMES = { F16: 1, Q8_0: 7, Q4_0: 2 } as const;
/** What matrices are stored as; the numbers are llama.cpp's file types. Norms stay F32. */
export type GgufScheme = keyof typeof GGUF_SCHEMES;

export interface GgufOptions {
  scheme: GgufScheme;
  /** Name shown by programs that open the file. */
  name: string;
  licence: string;
  onProgress?: (progress: ConvertProgress) => void;
  signal?: AbortSignal;
}

/** A tensor of the file and the checkpoint's tensor it is made of. */
interface Planned extends GgufTensor {
  part: SourceTensor;
  /** Heads whose rows change places, see `sourceRow`; 0 where rows stay as they are. */
  heads: number;
}

const BLOCK_NAMES: readonly [string, string][] = [
  ['input_layernorm', 'attn_norm'],
  ['self_attn.q_proj', 'attn_q'],
  ['self_attn.k_proj', 'attn_k'],
  ['self_attn.v_proj', 'attn_v'],
  ['self_attn.o_proj', 'attn_output'],
  ['post_attention_layernorm', 'ffn_norm'],
  ['mlp.gate_proj', 'ffn_gate'],
  ['mlp.up_proj', 'ffn_up'],
  ['mlp.down_proj', 'ffn_down'],
];

/** [Hugging Face's name, GGUF's name, heads to permute] of every tensor, without ".weight". */
function names(config: LlamaConfig): [string, string, number][] {
  const heads = (name: string): number =>
    name === 'attn_q' ? config.numAttentionHeads : name === 'attn_k' ? config.numKeyValueHeads : 0;
  return [
    ['model.embed_tokens', 'token_embd', 0],
    ...Array.from({ length: config.numHiddenLayers }, (_, layer) =>
      BLOCK_NAMES.map(([from, to]): [string, string, number] => [
        `model.layers.${layer}.${from}`,
        `blk.${layer}.${to}`,
        heads(to),
      ]),
    ).flat(),
    ['model.norm', 'output_norm', 0],
    ...(config.tieWordEmbeddings ? [] : ([['lm_head', 'output', 0]] as [string, string, number][])),
  ];
}

/** Norms are F32. A matrix whose rows are no whole blocks stays F16, as llama.cpp's own converter leaves it. */
function typeOf(shape: readonly number[], scheme: GgufScheme): GgufType {
  const columns = shape[1];
  if (columns === undefined) return 'F32';
  return scheme !== 'F16' && columns % GGUF_BLOCK !== 0 ? 'F16' : scheme;
}

function plan(checkpoint: Checkpoint, scheme: GgufScheme): Planned[] {
  return names(checkpoint.config).map(([from, to, heads]) => {
    const part = checkpoint.parts.get(`${from}.weight`);
    if (!part)
      throw new EngineError('tensor-missing', `${from}.weight is missing`, { tensor: `${from}.weight` });
    const type = typeOf(part.shape, scheme);
    const [rows = 1, columns] = part.shape;
    const bytes = columns === undefined ? ggufRowBytes(type, rows) : rows * ggufRowBytes(type, columns);
    return { name: `${to}.weight`, type, shape: part.shape, bytes, part, heads };
  });
}

/**
 * llama.cpp turns neighbouring pairs (0,1), (2,3) …; Hugging Face's rows pair d with d + headDim / 2. So row 2j + i of a head
 * there is row j + i * headDim / 2 here.
 */
function permuteHead(values: Float32Array, headDim: number, columns: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  for (let row = 0; row < headDim; row++) {
    const from = (row >> 1) + (row & 1) * (headDim / 2);
    out.set(values.subarray(from * columns, (from + 1) * columns), row * columns);
  }
  return out;
}

/** Llama 3's scaling as llama.cpp takes it: by what each pair's frequency is divided. */
function ropeFactors(config: LlamaConfig): Float32Array<ArrayBuffer> {
  const plain = ropeFrequencies({ ...config, ropeScaling: null });
  const scaled = ropeFrequencies(config);
  return Float32Array.from(plain, (frequency, d) => frequency / scaled[d]!);
}

function metadataOf(checkpoint: Checkpoint, options: GgufOptions): Map<string, GgufValue> {
  const { config } = checkpoint;
  const u32 = (value: number): GgufValue => ({ type: 'u32', value });
  const f32 = (value: number): GgufValue => ({ type: 'f32', value });
  const text = (value: string): GgufValue => ({ type: 'string', value });
  return new Map([
    ['general.architecture', text('llama')],
    ['general.name', text(options.name)],
    ['general.license', text(options.licence)],
    ['general.file_type', u32(GGUF_SCHEMES[options.scheme])],
    ['general.quantization_version', u32(2)],
    ['general.alignment', u32(GGUF_ALIGNMENT)],
    ['llama.vocab_size', u32(config.vocabSize)],
    ['llama.context_length', u32(config.maxPositionEmbeddings)],
    ['llama.embedding_length', u32(config.hiddenSize)],
    ['llama.block_count', u32(config.numHiddenLayers)],
    ['llama.feed_forward_length', u32(config.intermediateSize)],
    ['llama.attention.head_count', u32(config.numAttentionHeads)],
    ['llama.attention.head_count_kv', u32(config.numKeyValueHeads)],
    ['llama.attention.key_length', u32(config.headDim)],
    ['llama.attention.value_length', u32(config.headDim)],
    ['llama.attention.layer_norm_rms_epsilon', f32(config.rmsNormEps)],
    ['llama.rope.dimension_count', u32(config.headDim)],
    ['llama.rope.freq_base', f32(config.ropeTheta)],
  ]);
}

/** Rows of a tensor as the file keeps them, a slice at a time. Where heads are permuted, a slice is whole heads. */
async function* rowsOf(
  checkpoint: Checkpoint,
  { part, type, heads }: Planned,
): AsyncGenerator<{ bytes: Uint8Array<ArrayBuffer>; read: number }> {
  const [rows = 1, columns] = part.shape;
  // A norm is one row.
  const count = columns === undefined ? 1 : rows;
  const width = columns ?? rows;
  const rowBytes = part.byteLength / count;
  const unit = heads > 0 ? count / heads : 1;
  const step = Math.max(1, Math.floor(SLICE_BYTES / (rowBytes * unit))) * unit;
  for (let row = 0; row < count; row += step) {
    const taken = Math.min(step, count - row);
    const raw = await checkpoint.source.read(part.file, part.byteOffset + row * rowBytes, taken * rowBytes);
    let values = castToModel(raw, part.dtype as SourceType, 'float32');
    checkFinite(values, part);
    if (type === 'F16' || type === 'Q4_0') checkHalf(values, part);
    if (heads > 0) {
      const permuted = new Float32Array(values.length);
      const size = unit * width;
      for (let at = 0; at < values.length; at += size)
        permuted.set(permuteHead(values.subarray(at, at + size), unit, width), at);
      values = permuted;
    }
    yield { bytes: encodeGgufRows(type, values, taken, width), read: raw.length };
  }
}

const LARGEST_HALF = 65504;

function checkHalf(values: Float32Array, part: SourceTensor): void {
  for (const value of values) {
    if (Math.abs(value) <= LARGEST_HALF) continue;
    throw new EngineError(
      'tensor-not-finite',
      `${part.file}: ${part.name} holds a weight beyond a half's range`,
      {
        file: part.file,
        tensor: part.name,
        actual: String(value),
      },
    );
  }
}

const ROPE_FACTORS = 'rope_freqs.weight';

/** The file laid out: everything but the weights. */
export interface GgufPlan {
  /** Of the whole file. */
  bytes: number;
  write(file: FileSink): Promise<void>;
}

/**
 * Opens a checkpoint and lays its GGUF file out; `write` then streams it. Without a tokenizer.json the file takes token ids only.
 * Throws what `openCheckpoint` throws, "tokenizer-invalid" for a tokenizer that the format cannot name, "tensor-not-finite", what
 * source and sink throw, and the signal's reason.
 */
export async function planGguf(source: ShardSource, options: GgufOptions): Promise<GgufPlan> {
  const checkpoint = await openCheckpoint(source);
  const { config } = checkpoint;
  const metadata = metadataOf(checkpoint, options);
  if ((await source.size('tokenizer.json')) === undefined)
    metadata.set('tokenizer.ggml.model', { type: 'string', value: 'no_vocab' });
  else {
    const files = await readTokenizerFiles(source);
    for (const [key, value] of ggufTokenizer(files, config.vocabSize, checkpoint.stopTokenIds))
      metadata.set(key, value);
  }
  const planned = plan(checkpoint, options.scheme);
  const factors = config.ropeScaling === null ? undefined : ropeFactors(config);
  const tensors: GgufTensor[] = [
    ...(factors
      ? [{ name: ROPE_FACTORS, type: 'F32' as const, shape: [factors.length], bytes: factors.byteLength }]
      : []),
    ...planned,
  ];
  const header = ggufHeader(metadata, tensors);
  return {
    bytes: tensors.reduce((sum, { bytes }) => sum + aligned(bytes), header.length),
    async write(file) {
      const pad = async (bytes: number): Promise<void> => {
        const missing = aligned(bytes) - bytes;
        if (missing > 0) await file.write(new Uint8Array(missing));
      };
      await file.write(header);
      if (factors) {
        await file.write(new Uint8Array(factors.buffer));
        await pad(factors.byteLength);
      }
      const total = planned.reduce((sum, { part }) => sum + part.byteLength, 0);
      let done = 0;
      for (const tensor of planned) {
        for await (const { bytes, read } of rowsOf(checkpoint, tensor)) {
          options.signal?.throwIfAborted();
          await file.write(bytes);
          done += read;
          options.onProgress?.({ done, total, tensor: tensor.name });
        }
        await pad(tensor.bytes);
      }
      await file.close();
    },
  };
}

// Whole models of random weights, in memory: any shape, any scheme, with the float64 forward pass that judges them.

import type { ShardSource } from '../../src/format/shard-source.ts';
import { decodeFloat16, encodeBfloat16, encodeFloat16 } from '../../src/format/float16.ts';
import { SCHEMES, storedTensors } from '../../src/format/schemes.ts';
import type { SchemeName } from '../../src/format/schemes.ts';
import { parseMlcConfig } from '../../src/llama/config.ts';
import type { LlamaConfig } from '../../src/llama/config.ts';
import { createForwardPass } from '../../src/llama/forward.ts';
import type { ForwardPass, LlamaLayerWeights } from '../../src/llama/forward.ts';
import { llamaTensors } from '../../src/llama/tensors.ts';
import type { Random } from './random.ts';
import { randomMatrix } from './weights.ts';

export interface ModelShape {
  hidden: number;
  inner: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  vocab: number;
  layers?: number;
  tied?: boolean;
  llama3?: boolean;
  context?: number;
}

export interface RandomModel {
  source: ShardSource;
  config: LlamaConfig;
  forward(): ForwardPass;
}

function configJson(shape: ModelShape, scheme: SchemeName): object {
  return {
    model_type: 'llama',
    quantization: scheme,
    context_window_size: shape.context ?? 512,
    model_config: {
      hidden_size: shape.hidden,
      intermediate_size: shape.inner,
      num_attention_heads: shape.heads,
      num_key_value_heads: shape.kvHeads,
      head_dim: shape.headDim,
      num_hidden_layers: shape.layers ?? 2,
      rms_norm_eps: 1e-5,
      vocab_size: shape.vocab,
      tie_word_embeddings: shape.tied ?? false,
      position_embedding_base: 10000,
      rope_scaling: shape.llama3
        ? {
            rope_type: 'llama3',
            factor: 8,
            low_freq_factor: 1,
            high_freq_factor: 4,
            original_max_position_embeddings: 64,
          }
        : null,
      context_window_size: shape.context ?? 512,
    },
    conv_template: { stop_token_ids: [] },
  };
}

/** A source over byte arrays by name. */
export function memorySource(name: string, files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): ShardSource {
  return {
    name,
    size: (path) => Promise.resolve(files.get(path)?.byteLength),
    read: (path, offset, length) => {
      const file = files.get(path);
      if (file === undefined || offset + length > file.byteLength) throw new Error(`no ${path} at ${offset}`);
      return Promise.resolve(file.slice(offset, offset + length));
    },
  };
}

export function randomModel(random: Random, shape: ModelShape, scheme: SchemeName): RandomModel {
  const json = configJson(shape, scheme);
  const config = parseMlcConfig(json);
  const quant = SCHEMES[scheme];
  const values = new Map<string, Float64Array>();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const records: object[] = [];
  let offset = 0;
  const add = (name: string, dims: readonly number[], dtype: string, data: ArrayBufferView<ArrayBuffer>) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const entry = {
      name,
      shape: dims,
      dtype,
      format: 'f32-to-bf16',
      nbytes: bytes.byteLength,
      byteOffset: offset,
    };
    records.push(entry);
    parts.push(bytes);
    offset += bytes.byteLength;
  };
  for (const tensor of llamaTensors(config)) {
    const [rows, columns] = tensor.shape;
    const [stored, scaleTensor] = storedTensors(quant, tensor);
    if (columns === undefined) {
      const bfloat = quant.scaleType === 'float32';
      const words = new Uint16Array(rows);
      const norm = new Float64Array(rows);
      const float = new Float32Array(1);
      const bits = new Uint32Array(float.buffer);
      for (let i = 0; i < rows; i++) {
        const value = 0.6 + 0.8 * random.next();
        words[i] = bfloat ? encodeBfloat16(value) : encodeFloat16(value);
        bits[0] = words[i]! << 16;
        norm[i] = bfloat ? float[0]! : decodeFloat16(words[i]!);
      }
      add(stored!.name, stored!.shape, stored!.dtype, words);
      values.set(tensor.name, norm);
      continue;
    }
    const matrix = randomMatrix(random, scheme, rows, columns);
    values.set(tensor.name, matrix.values);
    if (scaleTensor === undefined) {
      // On disk rows are not padded to packs.
      const packed = new Uint16Array(matrix.weights.buffer);
      const stride = packed.length / rows;
      const plain = new Uint16Array(rows * columns);
      for (let row = 0; row < rows; row++) {
        plain.set(packed.subarray(row * stride, row * stride + columns), row * columns);
      }
      add(stored!.name, stored!.shape, stored!.dtype, plain);
    } else {
      add(stored!.name, stored!.shape, stored!.dtype, matrix.weights);
      add(scaleTensor.name, scaleTensor.shape, scaleTensor.dtype, matrix.scales);
    }
  }
  const shard = new Uint8Array(offset);
  let at = 0;
  for (const part of parts) {
    shard.set(part, at);
    at += part.byteLength;
  }
  const cache = {
    metadata: {},
    records: [{ dataPath: 'params_shard_0.bin', format: 'raw-shard', nbytes: offset, records }],
  };
  const text = (object: object) => new TextEncoder().encode(JSON.stringify(object));
  const files = new Map<string, Uint8Array<ArrayBuffer>>([
    ['mlc-chat-config.json', text(json)],
    ['tensor-cache.json', text(cache)],
    ['params_shard_0.bin', shard],
  ]);
  const value = (name: string) => values.get(name)!;
  return {
    source: memorySource('random', files),
    config,
    forward: () =>
      createForwardPass(config, {
        embedTokens: value('model.embed_tokens'),
        layers: Array.from({ length: config.numHiddenLayers }, (_, i): LlamaLayerWeights => {
          const block = `model.layers.${i}`;
          return {
            inputNorm: value(`${block}.input_layernorm`),
            qkv: value(`${block}.self_attn.qkv_proj`),
            o: value(`${block}.self_attn.o_proj`),
            postAttentionNorm: value(`${block}.post_attention_layernorm`),
            gateUp: value(`${block}.mlp.gate_up_proj`),
            down: value(`${block}.mlp.down_proj`),
          };
        }),
        norm: value('model.norm'),
        lmHead: value(config.tieWordEmbeddings ? 'model.embed_tokens' : 'lm_head'),
      }),
  };
}

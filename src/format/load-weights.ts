// A directory's weights, dequantised to float64, for the reference forward pass. Small models only: 8 bytes a weight.

import type { LlamaWeights } from '../llama/forward.ts';
import { decodeFloat16 } from './float16.ts';
import type { ModelDirectory } from './model-directory.ts';
import { readTensor } from './model-directory.ts';
import { dequantize } from './schemes.ts';

/** Values of a float16 or float32 tensor as on disk (float32 may lie there as bfloat16). */
export async function readFloats(directory: ModelDirectory, name: string): Promise<Float64Array> {
  const bytes = await readTensor(directory, name);
  const record = directory.tensors.get(name);
  const view = new DataView(bytes.buffer);
  const width = record?.dtype === 'float32' && !record.bfloat16 ? 4 : 2;
  const word = new DataView(new ArrayBuffer(4));
  return Float64Array.from({ length: bytes.length / width }, (_, i) => {
    if (width === 4) return view.getFloat32(i * 4, true);
    const half = view.getUint16(i * 2, true);
    if (record?.dtype === 'float16') return decodeFloat16(half);
    word.setUint32(0, half << 16);
    return word.getFloat32(0);
  });
}

async function readLinear(directory: ModelDirectory, name: string): Promise<Float64Array> {
  const { scheme } = directory;
  if (scheme.group === 0) return readFloats(directory, `${name}.weight`);
  const scales = await readFloats(directory, `${name}.q_scale`);
  const bytes = await readTensor(directory, `${name}.q_weight`);
  const view = new DataView(bytes.buffer);
  const words = Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4, true));
  const rows = directory.tensors.get(`${name}.q_scale`)?.shape[0] ?? 0;
  return dequantize(scheme, words, scales, rows, columnsOf(directory, name));
}

function columnsOf({ config }: ModelDirectory, name: string): number {
  if (name.endsWith('.o_proj')) return config.numAttentionHeads * config.headDim;
  return name.endsWith('.down_proj') ? config.intermediateSize : config.hiddenSize;
}

/** All weights of an opened directory. Throws what reading throws. */
export async function loadWeights(directory: ModelDirectory): Promise<LlamaWeights> {
  const { config } = directory;
  const linear = (name: string) => readLinear(directory, name);
  const norm = (name: string) => readFloats(directory, `${name}.weight`);
  const layers = [];
  for (let i = 0; i < config.numHiddenLayers; i++) {
    const block = `model.layers.${i}`;
    layers.push({
      inputNorm: await norm(`${block}.input_layernorm`),
      qkv: await linear(`${block}.self_attn.qkv_proj`),
      o: await linear(`${block}.self_attn.o_proj`),
      postAttentionNorm: await norm(`${block}.post_attention_layernorm`),
      gateUp: await linear(`${block}.mlp.gate_up_proj`),
      down: await linear(`${block}.mlp.down_proj`),
    });
  }
  const embedTokens = await linear('model.embed_tokens');
  const lmHead = config.tieWordEmbeddings ? embedTokens : await linear('lm_head');
  return { embedTokens, layers, norm: await norm('model.norm'), lmHead };
}

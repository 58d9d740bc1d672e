// A checkpoint's weights as they are, unquantised, for the float64 forward pass. Small models only.

import { castToModel } from '../../src/convert/cast.ts';
import type { Checkpoint } from '../../src/format/checkpoint.ts';
import type { SourceType } from '../../src/format/safetensors.ts';
import type { LlamaWeights } from '../../src/llama/forward.ts';

export async function checkpointWeights(checkpoint: Checkpoint): Promise<LlamaWeights> {
  const tensor = async (name: string): Promise<Float64Array> => {
    const parts = checkpoint.tensors.find((each) => each.name === name)?.parts ?? [];
    const values: number[] = [];
    for (const { name: partName } of parts) {
      const part = checkpoint.parts.get(partName)!;
      const raw = await checkpoint.source.read(part.file, part.byteOffset, part.byteLength);
      // bfloat16 and halves are exact in float32.
      for (const value of castToModel(raw, part.dtype as SourceType, 'float32')) values.push(value);
    }
    return Float64Array.from(values);
  };
  const layers = [];
  for (let i = 0; i < checkpoint.config.numHiddenLayers; i++) {
    const block = `model.layers.${i}`;
    layers.push({
      inputNorm: await tensor(`${block}.input_layernorm`),
      qkv: await tensor(`${block}.self_attn.qkv_proj`),
      o: await tensor(`${block}.self_attn.o_proj`),
      postAttentionNorm: await tensor(`${block}.post_attention_layernorm`),
      gateUp: await tensor(`${block}.mlp.gate_up_proj`),
      down: await tensor(`${block}.mlp.down_proj`),
    });
  }
  const embedTokens = await tensor('model.embed_tokens');
  const lmHead = checkpoint.config.tieWordEmbeddings ? embedTokens : await tensor('lm_head');
  return { embedTokens, layers, norm: await tensor('model.norm'), lmHead };
}

// GGUF's names for what Hugging Face's checkpoints name otherwise, by architecture. Which of them can run is for the config's
// parser to say (`llama/config.ts`): a file of another architecture is refused there by its Hugging Face name.
// Source: llama.cpp's conversion/*.py and gguf-py's tensor_mapping.py.

import type { GgufMetadata } from './gguf-file.ts';

export interface GgufArchitecture {
  /** `model_type` and `architectures` of config.json. */
  modelType: string;
  className: string;
  /**
   * Rows of Q and K lie as pairs of neighbours (llama.cpp's NORM kind of RoPE), where Hugging Face keeps two halves of a head.
   */
  pairedRows: boolean;
  /** Tensors of a layer: GGUF's name -> Hugging Face's, without "blk.N." and "model.layers.N.". */
  layer: Readonly<Record<string, string>>;
  /** More fields of config.json that only this architecture has, from its own keys. */
  fields?: (key: (name: string) => unknown, metadata: GgufMetadata) => Record<string, unknown>;
}

const LLAMA_LAYER = {
  'attn_norm.weight': 'input_layernorm.weight',
  'attn_q.weight': 'self_attn.q_proj.weight',
  'attn_k.weight': 'self_attn.k_proj.weight',
  'attn_v.weight': 'self_attn.v_proj.weight',
  'attn_output.weight': 'self_attn.o_proj.weight',
  'ffn_norm.weight': 'post_attention_layernorm.weight',
  'ffn_gate.weight': 'mlp.gate_proj.weight',
  'ffn_up.weight': 'mlp.up_proj.weight',
  'ffn_down.weight': 'mlp.down_proj.weight',
};

const BIASES = {
  'attn_q.bias': 'self_attn.q_proj.bias',
  'attn_k.bias': 'self_attn.k_proj.bias',
  'attn_v.bias': 'self_attn.v_proj.bias',
};

const HEAD_NORMS = {
  'attn_q_norm.weight': 'self_attn.q_norm.weight',
  'attn_k_norm.weight': 'self_attn.k_norm.weight',
};

/** By `general.architecture`. */
const ARCHITECTURES: Readonly<Record<string, GgufArchitecture>> = {
  llama: {
    modelType: 'llama',
    className: 'LlamaForCausalLM',
    pairedRows: true,
    layer: LLAMA_LAYER,
  },
  qwen2: {
    modelType: 'qwen2',
    className: 'Qwen2ForCausalLM',
    pairedRows: false,
    layer: { ...LLAMA_LAYER, ...BIASES },
  },
  qwen3: {
    modelType: 'qwen3',
    className: 'Qwen3ForCausalLM',
    pairedRows: false,
    layer: { ...LLAMA_LAYER, ...HEAD_NORMS },
  },
  smollm3: {
    modelType: 'smollm3',
    className: 'SmolLM3ForCausalLM',
    pairedRows: true,
    layer: LLAMA_LAYER,
    // No key tells it: llama.cpp leaves RoPE out of every fourth layer by itself.
    fields: () => ({ no_rope_layer_interval: 4 }),
  },
  granite: {
    modelType: 'granite',
    className: 'GraniteForCausalLM',
    pairedRows: true,
    layer: LLAMA_LAYER,
    fields: (key) => ({
      attention_multiplier: key('attention.scale'),
      embedding_multiplier: key('embedding_scale'),
      residual_multiplier: key('residual_scale'),
      logits_scaling: key('logit_scale'),
    }),
  },
};

export function ggufArchitecture(name: string): GgufArchitecture | undefined {
  return Object.hasOwn(ARCHITECTURES, name) ? ARCHITECTURES[name] : undefined;
}

const WHOLE: Readonly<Record<string, string>> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
};

/** Hugging Face's name of a tensor; undefined where the architecture has none of that name. */
export function huggingFaceName(architecture: GgufArchitecture, name: string): string | undefined {
  if (Object.hasOwn(WHOLE, name)) return WHOLE[name];
  const [, layer, rest = ''] = /^blk\.(\d{1,4})\.(.+)$/.exec(name) ?? [];
  if (layer === undefined || !Object.hasOwn(architecture.layer, rest)) return undefined;
  return `model.layers.${Number(layer)}.${architecture.layer[rest]}`;
}

// The tensors of a Llama, in the order of the forward pass: what a file must hold for a config.

import type { LlamaConfig } from './config.ts';

/** A tensor as the engines use it: fused as MLC fuses, rows [out, in] as Hugging Face keeps them. */
export interface LlamaTensor {
  /** Without the suffix that says how it is stored: "model.layers.0.mlp.gate_up_proj". */
  name: string;
  /** "linear" tensors are quantised, "norm" vectors are not. */
  kind: 'linear' | 'norm';
  /** [out, in] for a linear, [n] for a norm. */
  shape: readonly [number, number] | readonly [number];
  /** The checkpoint's tensors whose rows follow each other in it, in order. */
  parts: readonly { name: string; rows: number }[];
}

/** Rows of the fused attention projection: queries, then keys, then values. */
export function qkvRows(
  config: Pick<LlamaConfig, 'numAttentionHeads' | 'numKeyValueHeads' | 'headDim'>,
): number {
  return (config.numAttentionHeads + 2 * config.numKeyValueHeads) * config.headDim;
}

function linear(name: string, parts: { name: string; rows: number }[], columns: number): LlamaTensor {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  return { name, kind: 'linear', shape: [rows, columns], parts };
}

function single(name: string, rows: number, columns: number): LlamaTensor {
  return linear(name, [{ name: `${name}.weight`, rows }], columns);
}

function norm(name: string, size: number): LlamaTensor {
  return { name, kind: 'norm', shape: [size], parts: [{ name: `${name}.weight`, rows: size }] };
}

/** Every tensor of the model, names as on disk without their suffix. */
export function llamaTensors(config: LlamaConfig): LlamaTensor[] {
  const { hiddenSize, intermediateSize, headDim } = config;
  const queries = config.numAttentionHeads * headDim;
  const keys = config.numKeyValueHeads * headDim;
  const tensors = [single('model.embed_tokens', config.vocabSize, hiddenSize)];
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const block = `model.layers.${layer}`;
    const attention = `${block}.self_attn`;
    tensors.push(
      norm(`${block}.input_layernorm`, hiddenSize),
      linear(
        `${attention}.qkv_proj`,
        [
          { name: `${attention}.q_proj.weight`, rows: queries },
          { name: `${attention}.k_proj.weight`, rows: keys },
          { name: `${attention}.v_proj.weight`, rows: keys },
        ],
        hiddenSize,
      ),
      single(`${attention}.o_proj`, hiddenSize, queries),
      norm(`${block}.post_attention_layernorm`, hiddenSize),
      linear(
        `${block}.mlp.gate_up_proj`,
        [
          { name: `${block}.mlp.gate_proj.weight`, rows: intermediateSize },
          { name: `${block}.mlp.up_proj.weight`, rows: intermediateSize },
        ],
        hiddenSize,
      ),
      single(`${block}.mlp.down_proj`, hiddenSize, intermediateSize),
    );
  }
  tensors.push(norm('model.norm', hiddenSize));
  if (!config.tieWordEmbeddings) tensors.push(single('lm_head', config.vocabSize, hiddenSize));
  return tensors;
}

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../failures.ts';
import { parseHuggingFaceConfig, parseMlcConfig } from './config.ts';
import { llamaTensors } from './tensors.ts';

type Fields = Record<string, unknown>;

/** Llama-3.2-1B-Instruct's config.json, the fields that matter. */
const LLAMA_1B: Fields = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  attention_bias: false,
  mlp_bias: false,
  hidden_act: 'silu',
  hidden_size: 2048,
  intermediate_size: 8192,
  num_hidden_layers: 16,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  head_dim: 64,
  vocab_size: 128256,
  rms_norm_eps: 1e-5,
  rope_theta: 500000,
  rope_scaling: {
    factor: 32,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
    rope_type: 'llama3',
  },
  tie_word_embeddings: true,
  max_position_embeddings: 131072,
};

const golden = (path: string): unknown => JSON.parse(readFileSync(`tests/golden/${path}`, 'utf8'));

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof EngineError)
      return `${error.reason} ${'field' in error.details ? String(error.details.field) : ''}`;
  }
  return 'accepted';
}

describe('a Hugging Face config', () => {
  it('gives the shape of Llama-3.2-1B', () => {
    expect(parseHuggingFaceConfig(LLAMA_1B)).toEqual({
      hiddenSize: 2048,
      intermediateSize: 8192,
      numHiddenLayers: 16,
      numAttentionHeads: 32,
      numKeyValueHeads: 8,
      headDim: 64,
      vocabSize: 128256,
      rmsNormEps: 1e-5,
      ropeTheta: 500000,
      ropeScaling: {
        ropeType: 'llama3',
        factor: 32,
        lowFreqFactor: 1,
        highFreqFactor: 4,
        originalMaxPositionEmbeddings: 8192,
      },
      tieWordEmbeddings: true,
      maxPositionEmbeddings: 131072,
    });
  });

  it('may leave out what follows from the rest', () => {
    const { head_dim, num_key_value_heads, rope_scaling, rope_theta, tie_word_embeddings, ...rest } =
      LLAMA_1B;
    expect([head_dim, num_key_value_heads, rope_scaling, rope_theta, tie_word_embeddings]).not.toContain(
      undefined,
    );
    expect(parseHuggingFaceConfig(rest)).toMatchObject({
      headDim: 64,
      numKeyValueHeads: 32,
      ropeScaling: null,
      ropeTheta: 10000,
      tieWordEmbeddings: false,
    });
  });

  it('may keep its RoPE as transformers 5 does', () => {
    const { rope_scaling, rope_theta, ...rest } = LLAMA_1B;
    const moved = { ...rest, rope_parameters: { ...(rope_scaling as Fields), rope_theta } };
    expect(parseHuggingFaceConfig(moved)).toEqual(parseHuggingFaceConfig(LLAMA_1B));
  });

  it.each<[string, Fields]>([
    ['architecture-unsupported model_type', { model_type: 'mistral' }],
    ['architecture-unsupported model_type', { model_type: undefined }],
    ['architecture-unsupported architectures', { architectures: ['LlamaForSequenceClassification'] }],
    ['config-unsupported attention_bias', { attention_bias: true }],
    ['config-unsupported mlp_bias', { mlp_bias: true }],
    ['config-unsupported hidden_act', { hidden_act: 'gelu' }],
    ['config-unsupported sliding_window', { sliding_window: 4096 }],
    ['rope-unsupported rope_type', { rope_scaling: { rope_type: 'yarn', factor: 4 } }],
    ['rope-unsupported rope_type', { rope_scaling: { type: 'linear', factor: 4 } }],
    ['rope-unsupported partial_rotary_factor', { partial_rotary_factor: 0.5 }],
    ['dtype-unsupported quantization_config', { quantization_config: { quant_method: 'awq' } }],
    ['config-unsupported num_key_value_heads', { num_key_value_heads: 5 }],
    ['config-unsupported head_dim', { head_dim: 63 }],
    ['limit-exceeded hidden_size', { hidden_size: 1e9 }],
    ['limit-exceeded num_hidden_layers', { num_hidden_layers: 0 }],
    ['limit-exceeded vocab_size', { vocab_size: 2 ** 40 }],
    ['config-invalid hidden_size', { hidden_size: '2048' }],
    ['config-invalid intermediate_size', { intermediate_size: 1.5 }],
    ['config-invalid vocab_size', { vocab_size: undefined }],
    ['config-invalid rope_scaling.factor', { rope_scaling: { rope_type: 'llama3' } }],
    ['config-invalid attention_bias', { attention_bias: 'yes' }],
  ])('is refused: %s', (expected, change) => {
    expect(refusal(() => parseHuggingFaceConfig({ ...LLAMA_1B, ...change }))).toBe(expected);
  });

  it.each([null, 3, 'llama', []])('is refused where it is %j', (json) => {
    expect(refusal(() => parseHuggingFaceConfig(json))).toBe('config-invalid (root)');
  });
});

describe('an MLC config', () => {
  it.each(['gqa-tied', 'mha-untied-tail'])('says the same as the checkpoint’s of %s', (name) => {
    expect(parseMlcConfig(golden(`${name}/mlc/mlc-chat-config.json`))).toEqual(
      parseHuggingFaceConfig(golden(`${name}/hf/config.json`)),
    );
  });

  it.each<[string, Fields, Fields]>([
    ['architecture-unsupported model_type', { model_type: 'phi3' }, {}],
    ['config-unsupported tensor_parallel_shards', {}, { tensor_parallel_shards: 2 }],
    ['config-unsupported tensor_parallel_shards', { tensor_parallel_shards: 4 }, {}],
    ['config-unsupported sliding_window', { sliding_window_size: 1024 }, {}],
    ['rope-unsupported rope_type', {}, { rope_scaling: { rope_type: 'longrope' } }],
    ['limit-exceeded context_window_size', { context_window_size: 2 ** 30 }, {}],
  ])('is refused: %s', (expected, outer, inner) => {
    const json = golden('gqa-tied/mlc/mlc-chat-config.json') as Fields;
    const changed = { ...json, ...outer, model_config: { ...(json['model_config'] as Fields), ...inner } };
    expect(refusal(() => parseMlcConfig(changed))).toBe(expected);
  });

  it('derives what it writes as 0', () => {
    const json = golden('mha-untied-tail/mlc/mlc-chat-config.json') as Fields;
    const inner = { ...(json['model_config'] as Fields), head_dim: 0, num_key_value_heads: 0 };
    expect(parseMlcConfig({ ...json, model_config: inner })).toEqual(parseMlcConfig(json));
  });
});

describe('the tensors of a config', () => {
  it('are those of Llama-3.2-1B, by name and shape', () => {
    const tensors = llamaTensors(parseHuggingFaceConfig(LLAMA_1B));
    expect(tensors).toHaveLength(2 + 16 * 6);
    const shapes = Object.fromEntries(tensors.map(({ name, shape }) => [name, shape]));
    expect(shapes).toMatchObject({
      'model.embed_tokens': [128256, 2048],
      'model.layers.15.self_attn.qkv_proj': [3072, 2048],
      'model.layers.0.self_attn.o_proj': [2048, 2048],
      'model.layers.0.mlp.gate_up_proj': [16384, 2048],
      'model.layers.0.mlp.down_proj': [2048, 8192],
      'model.norm': [2048],
    });
    expect(shapes['lm_head']).toBeUndefined();
    const weights = tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    // As Meta counts it.
    expect(weights).toBe(1_235_814_400);
  });

  it('have a head of their own where untied', () => {
    const tensors = llamaTensors(parseHuggingFaceConfig({ ...LLAMA_1B, tie_word_embeddings: false }));
    expect(tensors.at(-1)).toMatchObject({ name: 'lm_head', shape: [128256, 2048] });
  });
});

// mlc-chat-config.json of a converted model.

import type { Checkpoint } from '../format/checkpoint.ts';
import type { QuantScheme } from '../format/schemes.ts';
import type { JsonObject } from '../llama/json-fields.ts';

/** Tokens MLC's engines prefill at once. */
const PREFILL_CHUNK = 1024;

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

/**
 * MLC's own template language. Ours reads the checkpoint's Jinja template instead, so this only has to satisfy readers that
 * insist on one: Llama 3's headers where the tokenizer has them, bare text otherwise.
 */
function convTemplate(headers: boolean, bos: unknown, stopTokenIds: readonly number[]): JsonObject {
  const role = (name: string) => (headers ? `<|start_header_id|>${name}` : '');
  const separator = headers ? '<|end_header_id|>\n\n' : '';
  const end = headers ? '<|eot_id|>' : '\n';
  return {
    name: headers ? 'llama-3' : 'plain',
    system_template: headers ? `${role('system')}${separator}{system_message}${end}` : '{system_message}',
    system_message: '',
    ...(typeof bos === 'number' ? { system_prefix_token_ids: [bos] } : {}),
    add_role_after_system_message: true,
    roles: { user: role('user'), assistant: role('assistant'), tool: role('ipython') },
    role_templates: { user: '{user_message}', assistant: '{assistant_message}', tool: '{tool_message}' },
    messages: [],
    seps: [end],
    role_content_sep: separator,
    role_empty_sep: separator,
    stop_str: [],
    stop_token_ids: stopTokenIds,
    function_string: '',
    use_function_calling: false,
  };
}

/** @param tokenizerFiles names of the tokenizer's files in the directory */
export function chatConfig(
  checkpoint: Pick<Checkpoint, 'config' | 'configJson' | 'generationJson' | 'stopTokenIds'>,
  scheme: QuantScheme,
  tokenizerFiles: readonly string[],
  headers: boolean,
): JsonObject {
  const { config } = checkpoint;
  const source = checkpoint.configJson as JsonObject;
  const generation = checkpoint.generationJson as JsonObject;
  const scaling = config.ropeScaling;
  const context = config.maxPositionEmbeddings;
  const bos = generation['bos_token_id'] ?? source['bos_token_id'];
  return {
    version: '0.1.0',
    model_type: 'llama',
    quantization: scheme.name,
    model_config: {
      hidden_size: config.hiddenSize,
      intermediate_size: config.intermediateSize,
      num_attention_heads: config.numAttentionHeads,
      num_hidden_layers: config.numHiddenLayers,
      rms_norm_eps: config.rmsNormEps,
      vocab_size: config.vocabSize,
      tie_word_embeddings: config.tieWordEmbeddings,
      position_embedding_base: config.ropeTheta,
      rope_scaling: scaling && {
        factor: scaling.factor,
        low_freq_factor: scaling.lowFreqFactor,
        high_freq_factor: scaling.highFreqFactor,
        original_max_position_embeddings: scaling.originalMaxPositionEmbeddings,
        rope_type: scaling.ropeType,
      },
      context_window_size: context,
      prefill_chunk_size: Math.min(PREFILL_CHUNK, context),
      num_key_value_heads: config.numKeyValueHeads,
      head_dim: config.headDim,
      tensor_parallel_shards: 1,
      pipeline_parallel_stages: 1,
      max_batch_size: 1,
    },
    vocab_size: config.vocabSize,
    active_vocab_size: config.vocabSize,
    context_window_size: context,
    sliding_window_size: -1,
    prefill_chunk_size: Math.min(PREFILL_CHUNK, context),
    attention_sink_size: -1,
    tensor_parallel_shards: 1,
    temperature: numberOr(generation['temperature'], 0.7),
    presence_penalty: 0,
    frequency_penalty: 0,
    repetition_penalty: numberOr(generation['repetition_penalty'], 1),
    top_p: numberOr(generation['top_p'], 0.95),
    tokenizer_files: tokenizerFiles,
    conv_template: convTemplate(headers, bos, checkpoint.stopTokenIds),
    pad_token_id: numberOr(source['pad_token_id'], 0),
    ...(typeof bos === 'number' ? { bos_token_id: bos } : {}),
    eos_token_id: checkpoint.stopTokenIds,
  };
}

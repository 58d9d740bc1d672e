// The shape of a Llama model, from either flavour of config. What this house does not compute is refused by name.

import { EngineError } from '../failures.ts';
import { asObject, booleanField, describe, numberField } from './json-fields.ts';
import type { JsonObject, NumberRule, JsonLocation } from './json-fields.ts';

export interface RopeScaling {
  ropeType: 'llama3';
  factor: number;
  lowFreqFactor: number;
  highFreqFactor: number;
  originalMaxPositionEmbeddings: number;
}

/** Hugging Face's keys, camel-cased. */
export interface LlamaConfig {
  hiddenSize: number;
  intermediateSize: number;
  numHiddenLayers: number;
  numAttentionHeads: number;
  numKeyValueHeads: number;
  headDim: number;
  vocabSize: number;
  rmsNormEps: number;
  ropeTheta: number;
  ropeScaling: null | RopeScaling;
  tieWordEmbeddings: boolean;
  maxPositionEmbeddings: number;
}

/** Largest of anything a config may claim: several times Llama 3.1 405B, small enough that no product overflows 2^53. */
export const CONFIG_LIMITS = {
  hiddenSize: { min: 1, max: 1 << 16, integer: true },
  intermediateSize: { min: 1, max: 1 << 18, integer: true },
  numHiddenLayers: { min: 1, max: 512, integer: true },
  numHeads: { min: 1, max: 1024, integer: true },
  headDim: { min: 2, max: 512, integer: true },
  vocabSize: { min: 1, max: 1 << 20, integer: true },
  rmsNormEps: { min: 1e-12, max: 1, integer: false },
  ropeTheta: { min: 1, max: 1e12, integer: false },
  ropeFactor: { min: 1e-3, max: 1e6, integer: false },
  positions: { min: 1, max: 1 << 24, integer: true },
} as const satisfies Record<string, NumberRule>;

const HF_FILE = 'config.json';
const MLC_FILE = 'mlc-chat-config.json';

/** Defaults of transformers' LlamaConfig, which checkpoints may leave out. */
const HF_DEFAULTS = { rmsNormEps: 1e-6, ropeTheta: 10_000, maxPositionEmbeddings: 2048 };

function refuse(
  reason: 'architecture-unsupported' | 'rope-unsupported' | 'config-unsupported' | 'dtype-unsupported',
  where: JsonLocation,
  field: string,
  expected: string,
  value: unknown,
): EngineError {
  return new EngineError(
    reason,
    `${where.file}: ${field} ${describe(value)} is not supported (only ${expected})`,
    {
      file: where.file,
      field,
      expected,
      actual: typeof value === 'string' ? value.slice(0, 40) : describe(value),
      ...(typeof value === 'string' && { name: value.slice(0, 40) }),
    },
  );
}

/** Refuses whatever would change the arithmetic of a plain Llama. */
function refuseVariants(config: JsonObject, where: JsonLocation): void {
  for (const key of ['attention_bias', 'mlp_bias', 'use_qk_norm']) {
    if (booleanField(config, key, where, false))
      throw refuse('config-unsupported', where, key, 'false', true);
  }
  const act = config['hidden_act'] ?? 'silu';
  // The same function by another name.
  if (act !== 'silu' && act !== 'swish') throw refuse('config-unsupported', where, 'hidden_act', 'silu', act);
  const window = config['sliding_window'] ?? config['sliding_window_size'] ?? null;
  const off = config['use_sliding_window'] === false;
  if (!off && window !== null && !(typeof window === 'number' && window <= 0)) {
    throw refuse('config-unsupported', where, 'sliding_window', 'none', window);
  }
  const partial = config['partial_rotary_factor'] ?? 1;
  if (partial !== 1) throw refuse('rope-unsupported', where, 'partial_rotary_factor', '1', partial);
  for (const key of ['tensor_parallel_shards', 'pipeline_parallel_stages']) {
    const count = config[key] ?? 1;
    if (count !== 1) throw refuse('config-unsupported', where, key, '1', count);
  }
}

/** transformers wrote it in other cases before it settled on one. */
const isLlamaClass = (name: unknown): boolean =>
  typeof name === 'string' && name.toLowerCase() === 'llamaforcausallm';

function refuseModelType(config: JsonObject, where: JsonLocation): void {
  const type = config['model_type'];
  if (type !== 'llama') throw refuse('architecture-unsupported', where, 'model_type', 'llama', type ?? null);
}

function parseRopeScaling(value: unknown, file: string): null | RopeScaling {
  if (value === undefined || value === null) return null;
  const where = { file, path: 'rope_scaling' };
  const rope = asObject(value, where);
  const type = rope['rope_type'] ?? rope['type'] ?? 'default';
  if (type === 'default' || type === 'none') return null;
  // Angles divided by one, or kept until a context that one times longer is: nothing changes.
  if ((type === 'linear' || type === 'dynamic') && rope['factor'] === 1) return null;
  if (type !== 'llama3') throw refuse('rope-unsupported', where, 'rope_type', 'default, llama3', type);
  const factor = (key: string) => numberField(rope, key, CONFIG_LIMITS.ropeFactor, where);
  const scaling: RopeScaling = {
    ropeType: 'llama3',
    factor: factor('factor'),
    lowFreqFactor: factor('low_freq_factor'),
    highFreqFactor: factor('high_freq_factor'),
    originalMaxPositionEmbeddings: numberField(
      rope,
      'original_max_position_embeddings',
      CONFIG_LIMITS.positions,
      where,
    ),
  };
  if (scaling.highFreqFactor <= scaling.lowFreqFactor) {
    throw refuse(
      'rope-unsupported',
      where,
      'high_freq_factor',
      'above low_freq_factor',
      scaling.highFreqFactor,
    );
  }
  return scaling;
}

/** What makers call the ways of quantising that we do not read, by `quant_method`. */
const METHODS: Readonly<Record<string, string>> = {
  awq: 'AWQ',
  gptq: 'GPTQ',
  bitsandbytes: 'bitsandbytes',
  fp8: 'FP8',
  fbgemm_fp8: 'FP8',
  mxfp4: 'MXFP4',
  modelopt: 'NVFP4',
};

/** A quantised checkpoint, by the name of who quantised it; MLX writes its own field. Throws "dtype-unsupported". */
function refuseQuantised(config: JsonObject, where: JsonLocation): void {
  const quantised = config['quantization_config'] ?? null;
  const mlx = config['quantization'] ?? null;
  if (quantised === null && mlx === null) return;
  const field = quantised === null ? 'quantization' : 'quantization_config';
  const fields = (quantised ?? {}) as { quant_method?: unknown; format?: unknown; bits?: unknown };
  const method = typeof fields.quant_method === 'string' ? fields.quant_method.slice(0, 40) : undefined;
  const format = typeof fields.format === 'string' ? fields.format.slice(0, 40) : '';
  const known = method !== undefined && Object.hasOwn(METHODS, method) ? METHODS[method] : method;
  const name = method === undefined ? 'MLX' : format === '' ? known : `${known}, ${format}`;
  throw new EngineError('dtype-unsupported', `${where.file}: weights quantised by ${name} are not read`, {
    file: where.file,
    field,
    expected: 'BF16, F16 or F32 weights',
    actual: method ?? 'MLX',
    name: name ?? 'MLX',
  });
}

/** The fields both flavours call by the same name. `0` stands for "derive it", as MLC writes it. */
function parseShape(config: JsonObject, where: JsonLocation) {
  const hiddenSize = numberField(config, 'hidden_size', CONFIG_LIMITS.hiddenSize, where);
  const numAttentionHeads = numberField(config, 'num_attention_heads', CONFIG_LIMITS.numHeads, where);
  const derived = (key: string, rule: NumberRule, fallback: number) =>
    config[key] === 0 ? fallback : numberField(config, key, rule, where, fallback);
  const numKeyValueHeads = derived('num_key_value_heads', CONFIG_LIMITS.numHeads, numAttentionHeads);
  if (numAttentionHeads % numKeyValueHeads !== 0) {
    throw refuse(
      'config-unsupported',
      where,
      'num_key_value_heads',
      `a divisor of num_attention_heads (${numAttentionHeads})`,
      numKeyValueHeads,
    );
  }
  const headDim = derived('head_dim', CONFIG_LIMITS.headDim, hiddenSize / numAttentionHeads);
  if (!Number.isInteger(headDim) || headDim % 2 !== 0 || headDim > CONFIG_LIMITS.headDim.max) {
    throw refuse(
      'config-unsupported',
      where,
      'head_dim',
      `an even integer to ${CONFIG_LIMITS.headDim.max}`,
      headDim,
    );
  }
  return {
    hiddenSize,
    intermediateSize: numberField(config, 'intermediate_size', CONFIG_LIMITS.intermediateSize, where),
    numHiddenLayers: numberField(config, 'num_hidden_layers', CONFIG_LIMITS.numHiddenLayers, where),
    numAttentionHeads,
    numKeyValueHeads,
    headDim,
    tieWordEmbeddings: booleanField(config, 'tie_word_embeddings', where, false),
  };
}

/**
 * A checkpoint's config.json (transformers' LlamaConfig, of version 4 or 5).
 * Throws EngineError: "architecture-unsupported", "rope-unsupported", "config-unsupported" for what is not computed here,
 * "config-invalid" and "limit-exceeded" for what makes no sense.
 */
export function parseHuggingFaceConfig(json: unknown): LlamaConfig {
  const where = { file: HF_FILE, path: '' };
  const config = asObject(json, where);
  refuseModelType(config, where);
  const architectures = config['architectures'] ?? ['LlamaForCausalLM'];
  if (!Array.isArray(architectures) || !architectures.some(isLlamaClass)) {
    const named: unknown = Array.isArray(architectures) ? architectures[0] : architectures;
    throw refuse('architecture-unsupported', where, 'architectures', 'LlamaForCausalLM', named);
  }
  refuseVariants(config, where);
  refuseQuantised(config, where);
  // transformers 5 moved the base and the scaling into one object; where both stand it takes the older.
  const older = config['rope_scaling'] ?? null;
  const rope = config['rope_parameters'] ?? null;
  const ropeObject = rope === null ? null : asObject(rope, { file: HF_FILE, path: 'rope_parameters' });
  return {
    ...parseShape(config, where),
    vocabSize: numberField(config, 'vocab_size', CONFIG_LIMITS.vocabSize, where),
    rmsNormEps: numberField(config, 'rms_norm_eps', CONFIG_LIMITS.rmsNormEps, where, HF_DEFAULTS.rmsNormEps),
    ropeTheta: numberField(
      ropeObject !== null && 'rope_theta' in ropeObject && !('rope_theta' in config && older !== null)
        ? ropeObject
        : config,
      'rope_theta',
      CONFIG_LIMITS.ropeTheta,
      where,
      HF_DEFAULTS.ropeTheta,
    ),
    ropeScaling: parseRopeScaling(older ?? ropeObject, HF_FILE),
    maxPositionEmbeddings: numberField(
      config,
      'max_position_embeddings',
      CONFIG_LIMITS.positions,
      where,
      HF_DEFAULTS.maxPositionEmbeddings,
    ),
  };
}

/** A model directory's mlc-chat-config.json. Errors as `parseHuggingFaceConfig`. */
export function parseMlcConfig(json: unknown): LlamaConfig {
  const where = { file: MLC_FILE, path: '' };
  const outer = asObject(json, where);
  refuseModelType(outer, where);
  refuseVariants(outer, where);
  const inner = { file: MLC_FILE, path: 'model_config' };
  const config = asObject(outer['model_config'], inner);
  refuseVariants(config, inner);
  const windowHolder = typeof outer['context_window_size'] === 'number' ? outer : config;
  return {
    ...parseShape(config, inner),
    vocabSize: numberField(
      'vocab_size' in config ? config : outer,
      'vocab_size',
      CONFIG_LIMITS.vocabSize,
      inner,
    ),
    rmsNormEps: numberField(config, 'rms_norm_eps', CONFIG_LIMITS.rmsNormEps, inner),
    ropeTheta: numberField(
      'position_embedding_base' in config ? config : { position_embedding_base: config['rope_theta'] },
      'position_embedding_base',
      CONFIG_LIMITS.ropeTheta,
      inner,
    ),
    ropeScaling: parseRopeScaling(config['rope_scaling'], MLC_FILE),
    maxPositionEmbeddings: numberField(windowHolder, 'context_window_size', CONFIG_LIMITS.positions, where),
  };
}

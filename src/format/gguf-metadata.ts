// A GGUF file's metadata as config.json and generation_config.json would say it.

import { EngineError } from '../failures.ts';
import { CONFIG_LIMITS } from '../llama/config.ts';
import type { GgufArchitecture } from './gguf-architectures.ts';
import { ggufArchitecture } from './gguf-architectures.ts';
import type { GgufFile, GgufMetadata, GgufScalar } from './gguf-file.ts';
import { scalingOfDivisors } from './gguf-rope.ts';

export type ConfigJson = Record<string, unknown>;

/** Of what the header says and the tensors' shapes, what the config needs. */
export interface GgufClaims {
  architecture: GgufArchitecture;
  configJson: ConfigJson;
  generationJson: ConfigJson;
  /** As its maker declares them; "" where nobody does. */
  name: string;
  licence: string;
}

/** Ends of a turn that llama.cpp also takes by their text, where no key names them. */
const END_TOKENS = new Set([
  '<|eot_id|>',
  '<|eom_id|>',
  '<|im_end|>',
  '<|end|>',
  '<|end_of_text|>',
  '<|endoftext|>',
  '<end_of_turn>',
  '<|endofturn|>',
  '<EOT>',
  '</s>',
]);
const CONTROL = 3;

/** The shortest decimal that is this float32: 1e-5 instead of 9.999999747378752e-6. */
export function shortest(value: unknown): unknown {
  if (typeof value !== 'number' || !Number.isFinite(value)) return value;
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

export function textOf(metadata: GgufMetadata, key: string): string | undefined {
  const value = metadata.get(key);
  return typeof value === 'string' ? value : undefined;
}

function idOf(metadata: GgufMetadata, name: string): number | undefined {
  const value = metadata.get(`tokenizer.ggml.${name}_token_id`);
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}

/** One value for the model, also where a file has it for each layer. Throws "config-unsupported" where layers differ. */
function uniform(file: string, field: string, value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const values = value as GgufScalar[];
  if (values.length > 0 && values.every((each) => each === values[0])) return values[0];
  throw new EngineError('config-unsupported', `${file}: ${field} differs between layers`, {
    file,
    field,
    expected: 'one value for all layers',
    actual: `array of ${values.length}`,
  });
}

/** RoPE's scaling as config.json has it; linear by 1 and "none" change nothing. */
function scalingJson(key: (name: string) => unknown): ConfigJson | null {
  const type = key('rope.scaling.type') ?? 'none';
  const factor = shortest(key('rope.scaling.factor') ?? key('rope.scale_linear') ?? 1);
  if (type === 'none' || (type === 'linear' && factor === 1)) {
    // Older files have a factor and no type.
    return key('rope.scaling.type') === undefined && factor !== 1 ? { rope_type: 'linear', factor } : null;
  }
  return {
    rope_type: type,
    factor,
    ...present({
      original_max_position_embeddings: key('rope.scaling.original_context_length'),
      attention_factor: shortest(key('rope.scaling.attn_factor')),
      beta_fast: shortest(key('rope.scaling.yarn_beta_fast')),
      beta_slow: shortest(key('rope.scaling.yarn_beta_slow')),
    }),
  };
}

const present = (fields: ConfigJson): ConfigJson =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

function refuseKind(file: string, field: string, expected: string, actual: string): EngineError {
  return new EngineError('architecture-unsupported', `${file}: ${field} ${actual} is not supported`, {
    file,
    field,
    expected,
    actual: actual.slice(0, 60),
    name: actual.slice(0, 60),
  });
}

/** Whose rows the embedding has, and whether the last matrix is the same. */
interface Shapes {
  vocabSize: number | undefined;
  tied: boolean;
}

/**
 * @param divisors values of rope_freqs.weight, where the file has it
 * Throws "architecture-unsupported" for what is no model or another architecture, "config-unsupported", "rope-unsupported".
 */
export function ggufClaims(
  { file, metadata }: GgufFile,
  { vocabSize, tied }: Shapes,
  divisors: Float32Array | undefined,
): GgufClaims {
  const kind = textOf(metadata, 'general.type') ?? 'model';
  if (kind !== 'model') throw refuseKind(file, 'general.type', 'model', kind);
  const name = textOf(metadata, 'general.architecture') ?? 'none';
  const architecture = ggufArchitecture(name);
  if (!architecture) throw refuseKind(file, 'general.architecture', 'llama', name);
  const key = (field: string): unknown => uniform(file, `${name}.${field}`, metadata.get(`${name}.${field}`));
  const experts = key('expert_count') ?? 0;
  if (experts !== 0)
    throw refuseKind(file, `${name}.expert_count`, 'none', `${name}, ${String(experts)} experts`);

  const heads = key('attention.head_count');
  const hidden = key('embedding_length');
  const headDim =
    key('attention.key_length') ??
    (typeof hidden === 'number' && typeof heads === 'number' ? hidden / heads : undefined);
  const valueDim = key('attention.value_length') ?? headDim;
  if (valueDim !== headDim)
    throw new EngineError(
      'config-unsupported',
      `${file}: keys of ${String(headDim)}, values of ${String(valueDim)}`,
      {
        file,
        field: `${name}.attention.value_length`,
        expected: String(headDim),
        actual: String(valueDim),
      },
    );
  const turned = key('rope.dimension_count') ?? headDim;
  const theta = shortest(key('rope.freq_base') ?? 10_000);
  const scaled =
    divisors && isHeadDim(headDim) && typeof theta === 'number' && theta >= 1
      ? scalingOfDivisors(file, { headDim, ropeTheta: theta }, divisors)
      : null;
  const configJson: ConfigJson = present({
    architectures: [architecture.className],
    model_type: architecture.modelType,
    hidden_size: hidden,
    intermediate_size: key('feed_forward_length'),
    num_hidden_layers: key('block_count'),
    num_attention_heads: heads,
    num_key_value_heads: key('attention.head_count_kv'),
    head_dim: headDim,
    vocab_size: vocabSize,
    rms_norm_eps: shortest(key('attention.layer_norm_rms_epsilon')),
    rope_theta: theta,
    rope_scaling: scaled
      ? {
          rope_type: scaled.ropeType,
          factor: scaled.factor,
          low_freq_factor: scaled.lowFreqFactor,
          high_freq_factor: scaled.highFreqFactor,
          original_max_position_embeddings: scaled.originalMaxPositionEmbeddings,
        }
      : scalingJson(key),
    partial_rotary_factor:
      typeof turned === 'number' && typeof headDim === 'number' && turned !== headDim
        ? turned / headDim
        : undefined,
    sliding_window: key('attention.sliding_window'),
    max_position_embeddings: key('context_length'),
    tie_word_embeddings: tied,
    bos_token_id: idOf(metadata, 'bos'),
    pad_token_id: idOf(metadata, 'padding'),
    ...architecture.fields?.((field) => shortest(key(field)), metadata),
  });
  return {
    architecture,
    configJson,
    generationJson: present({ bos_token_id: idOf(metadata, 'bos'), eos_token_id: endTokens(metadata) }),
    name: textOf(metadata, 'general.name') ?? '',
    licence: textOf(metadata, 'general.license') ?? '',
  };
}

const isHeadDim = (value: unknown): value is number =>
  typeof value === 'number' && value % 2 === 0 && value > 0 && value <= CONFIG_LIMITS.headDim.max;

/** What ends an answer: the ids that keys name, and the control tokens that are known to. */
export function endTokens(metadata: GgufMetadata): number[] {
  const ids = new Set(['eos', 'eot', 'eom'].flatMap((name) => idOf(metadata, name) ?? []));
  const tokens = metadata.get('tokenizer.ggml.tokens');
  const types = metadata.get('tokenizer.ggml.token_type');
  if (Array.isArray(tokens) && Array.isArray(types))
    for (const [id, token] of tokens.entries())
      if (types[id] === CONTROL && END_TOKENS.has(String(token))) ids.add(id);
  return [...ids].sort((a, b) => a - b);
}

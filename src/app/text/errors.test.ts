import { describe, expect, it } from 'vitest';
import { EngineError, ERROR_REASONS, type ErrorDetailsOf, type ErrorReason } from '../../failures.ts';
import { fromWebLlm } from '../../engines/web-llm/errors.ts';
import { errors as en } from './en/errors.ts';
import { models as modelsEn } from './en/models.ts';
import { errors as es } from './es/errors.ts';
import { models as modelsEs } from './es/models.ts';
import { createFormats, LANGUAGES, type Formats, type LanguageCode } from './format.ts';
import { errors as pt } from './pt/errors.ts';
import { models as modelsPt } from './pt/models.ts';
import { faultText, type ErrorTexts, type Stored } from './texts.ts';

const dictionaries: Record<LanguageCode, ErrorTexts> = { es, pt, en };
const models = { es: modelsEs, pt: modelsPt, en: modelsEn };

type Sites = { [R in ErrorReason]: ErrorDetailsOf[R][] };

const CONFIG = {
  file: 'config.json',
  field: 'rope_scaling.rope_type',
  expected: 'default, llama3',
  actual: '"yarn"',
};
const FILE = 'params_shard_0.bin';

/** What the places that throw give: one of each shape, with the developer's words that no sentence may repeat. */
const SITES: Sites = {
  'webgpu-missing': [{}],
  'adapter-missing': [{}],
  'limit-too-low': [
    {
      limit: 'maxStorageBufferBindingSize',
      expected: 2 ** 30,
      actual: 2 ** 27,
      what: 'a context of 8192',
      fits: 4096,
    },
    { limit: 'maxStorageBuffersPerShaderStage', expected: 10, actual: 8 },
  ],
  'feature-missing': [{ feature: 'shader-f16' }, { feature: 'timestamp-query' }, { feature: '' }],
  'wasm-simd-missing': [{}],
  'model-over-4gb': [{ expected: 2 ** 32, actual: 5_300_000_000 }],
  'device-lost': [{ why: 'unknown' }, {}],
  'out-of-memory': [{ bytes: 734_003_200 }, { what: 'layer 0 keys', error: 'GPUOutOfMemoryError' }, {}],
  'context-full': [{ expected: 4096, actual: 5123 }],
  'engine-busy': [{}],
  'engine-taken': [{}],
  'download-busy': [{ model: 'latam-gpt-8b' }],
  'worker-gone': [{ why: 'no model is loaded' }],
  aborted: [{}],
  internal: [
    {},
    { what: 'createBuffer', error: 'GPUValidationError' },
    { kernel: 'gemv', line: 3, column: 9, text: 'let x = y;' },
  ],
  'option-invalid': [
    { option: 'temperature', expected: 'a number from 0 to 100', actual: '101' },
    { option: 'messages', expected: 'at least one', actual: '[object Object]' },
  ],
  'option-unsupported': [{ option: 'logit_bias', engine: 'WebLLM' }],
  'schema-unsupported': [{ keyword: 'not', pointer: '/items', why: 'no-opposite', of: 'format' }],
  'grammar-invalid': [{ why: 'bracket-open', line: 2, column: 7 }],
  'answer-unfinished': [{ expected: 4096 }],
  'library-missing': [{ model: 'latam-gpt-8b' }],
  'library-mismatch': [{ model: 'latam-gpt-8b', version: 'v0_2_84', why: 'Error: no such function' }],
  'constraint-empty': [{}],
  'architecture-unsupported': [
    { ...CONFIG, name: 'MistralForCausalLM' },
    {
      file: FILE,
      tensor: 'model.layers.0.self_attn.q_proj.bias',
      expected: 'tensors of LlamaForCausalLM',
    },
  ],
  'scheme-unsupported': [
    { file: 'mlc-chat-config.json', expected: 'q4f16_1, q3f16_1', name: 'q8f16' },
    CONFIG,
  ],
  'rope-unsupported': [{ ...CONFIG, name: 'yarn' }, CONFIG],
  'config-unsupported': [CONFIG, { field: 'head_dim', expected: 'a multiple of 8', actual: 20 }],
  'dtype-unsupported': [{ ...CONFIG, name: 'F8' }, CONFIG],
  'weights-foreign': [
    { file: 'adapter_config.json', kind: 'adapter', base: 'meta-llama/Llama-3.2-1B' },
    { file: 'adapter_config.json', kind: 'adapter' },
    { file: 'model.safetensors', kind: 'pointer' },
    { file: 'pytorch_model.bin', kind: 'pytorch' },
    ...(['flax', 'meta', 'mlx', 'onnx', 'tensorflow', 'zip'] as const).map((kind) => ({
      file: 'x.zip',
      kind,
    })),
  ],
  'config-invalid': [CONFIG],
  'not-a-model': [{ file: 'config.json', model: 'my folder' }],
  'json-invalid': [{ file: 'config.json', actual: 'Unexpected token' }],
  'limit-exceeded': [
    { file: 'config.json', what: 'bytes', limit: 1_000_000, actual: 7_340_000 },
    { file: 'config.json', field: 'hidden_size', what: 'value', limit: 1, actual: -3 },
    { file: FILE, field: 'tensors', what: 'tensors', limit: 100_000, actual: 100_001 },
    { what: 'characters', limit: 65_536, actual: 70_000 },
    { what: 'levels', limit: 64 },
    { what: 'entries', limit: 4096 },
    { what: 'files', limit: 25_000 },
  ],
  'tensor-missing': [{ file: FILE, tensor: 'model.embed_tokens.weight' }],
  'tensor-shape': [{ file: FILE, tensor: 'model.norm.weight', expected: '[4096]', actual: '[2048]' }],
  'tensor-bounds': [{ file: FILE, tensor: 'lm_head.q_weight', expected: 4096, actual: 8192 }],
  'tensor-not-finite': [{ file: FILE, tensor: 'lm_head.weight', actual: 'not finite at value 7' }],
  'gguf-invalid': [{ file: 'model.gguf', field: 'magic', expected: 'GGUF' }],
  'safetensors-invalid': [{ file: 'model.safetensors', field: 'weight_map', actual: 0 }],
  'manifest-invalid': [{ file: 'manifest.json', field: 'files', expected: 'a plain file name, once' }],
  'tokenizer-invalid': [
    { file: 'tokenizer.json', field: 'model.type', expected: 'BPE, Unigram', actual: 'x' },
  ],
  'template-invalid': [{ file: 'tokenizer_config.json', expected: 'at most 100', actual: 'works' }],
  'file-missing': [{ file: 'tokenizer.json', model: 'my folder' }],
  'pack-invalid': [{ file: 'pack.json', expected: '.json .bin .jinja' }],
  'nothing-to-add': [{ files: 0 }, { files: 1 }, { files: 12 }],
  'file-unreadable': [{ file: FILE, why: 'NotReadableError' }],
  'target-failed': [{ file: FILE, why: 'NotAllowedError: no' }, { why: 'SecurityError' }],
  'target-full': [
    { file: FILE, needed: 4_530_000_000 },
    { file: FILE, why: 'QuotaExceededError' },
  ],
  'hash-mismatch': [{ file: FILE, expected: 'ab'.repeat(32), actual: 'cd'.repeat(32) }, { file: FILE }],
  'size-mismatch': [{ file: FILE, expected: 33_554_432, actual: 12_345 }],
  'network-failed': [{ file: FILE, why: 'stalled' }],
  offline: [{}],
  'host-silent': [{ host: 'huggingface.co', tries: 3 }],
  'host-unreadable': [{ host: 'huggingface.co' }],
  'http-status': [{ file: FILE, status: 503, retryAfter: 20 }],
  'access-needed': [{ file: 'config.json', status: 401, host: 'huggingface.co', identified: false }],
  'access-refused': [
    { file: 'config.json', status: 403, host: 'huggingface.co', identified: true },
    { file: 'config.json', status: 403, host: 'huggingface.co', identified: false },
  ],
  'repository-missing': [{ file: 'revision', status: 401, host: 'huggingface.co', identified: false }],
  'repository-disabled': [{ file: 'config.json', status: 403, host: 'huggingface.co' }],
  'revision-missing': [{ file: 'config.json', status: 404, host: 'huggingface.co' }],
  'delivery-refused': [{ file: FILE, status: 403, host: 'huggingface.co' }],
  'address-other': (['dataset', 'space', 'collection', 'paper', 'account', 'page'] as const).map((kind) => ({
    given: `${kind}s/o/n`,
    kind,
  })),
  'address-unconfirmed': [{ host: 'huggingface.co' }],
  'address-invalid': [{ given: 'no address' }],
  'captive-portal': [{ file: FILE, type: 'text/html; charset=utf-8' }],
  'download-larger': [{ told: 2_000_000_000, actual: 4_400_000_000 }],
  'file-changed': [{ file: FILE, changed: 'length', expected: 2, actual: 1 }],
  'quota-exceeded': [
    { needed: 4_530_000_000, available: 1_200_000_000, kept: 0 },
    { needed: 4_530_000_000, kept: 7, store: 'yupana-shards' },
    { store: 'yupana-shards' },
  ],
  'storage-failed': [
    { store: 'yupana-shards', error: 'UnknownError' },
    { file: FILE, lost: true },
  ],
  'storage-blocked': [{ store: 'yupana-shards' }],
  'storage-newer': [{ store: 'yupana-shards', found: '3', known: 2 }],
  'model-not-stored': [{ model: 'latam-gpt-8b', state: 'absent' }],
  'model-not-loaded': [{ model: 'latam-gpt-8b' }, {}],
  'document-unsupported': [
    { file: 'clase.xlsx', extension: 'xlsx' },
    { file: 'clase', extension: '' },
  ],
  'document-wrong-type': [{ file: 'clase.pdf', found: 'zip', extension: 'pdf' }],
  'document-empty': [{ file: 'clase.pdf' }],
  'document-too-large': [
    { file: 'clase.pdf', what: 'bytes', limit: 64_000_000 },
    { file: 'clase.pdf', what: 'pages', limit: 1500 },
    { file: 'clase.docx', what: 'entries', limit: 5000 },
  ],
  'document-encrypted': [{ file: 'clase.pdf' }],
  'document-no-text': [
    { file: 'clase.pdf', pages: 1 },
    { file: 'clase.pdf', pages: 12 },
  ],
  'document-damaged': [{ file: 'clase.pdf', why: 'bad XRef entry' }],
  'import-invalid': [{ where: 'file.format', expected: 'an object' }],
  'import-too-large': [
    { what: 'bytes', limit: 256_000_000, where: 'file' },
    { what: 'levels', limit: 64, where: 'file' },
  ],
  'import-newer': [{ found: 9, known: 1 }],
  'vault-missing': [{}],
  'vault-exists': [{}],
  'vault-locked': [{}],
  'vault-passphrase': [{}],
  'vault-passphrase-short': [{ limit: 12 }],
  'vault-damaged': [{ record: 'header' }],
};

/** Figures that a person reads, as they are written in that language. */
const FIGURES: { [R in ErrorReason]?: (details: ErrorDetailsOf[R], f: Formats) => string[] } = {
  'limit-too-low': ({ limit, expected, actual }, f) =>
    [expected, actual].map((count) => (limit.endsWith('Size') ? f.bytes(count) : f.number(count))),
  'model-over-4gb': ({ actual }, f) => [f.bytes(actual)],
  'out-of-memory': ({ bytes }, f) => (bytes === undefined ? [] : [f.bytes(bytes)]),
  'context-full': ({ expected, actual }, f) => [f.number(expected), f.number(actual)],
  'option-invalid': ({ actual }) => (actual === '101' ? ['101'] : []),
  'answer-unfinished': ({ expected }, f) => [f.number(expected)],
  'limit-exceeded': ({ what, limit, actual }, f) =>
    [limit, ...(actual === undefined ? [] : [actual])].map((count) =>
      what === 'bytes' ? f.bytes(count) : what === 'value' ? f.number(count) : f.exactBytes(count),
    ),
  'nothing-to-add': ({ files }, f) => (files > 1 ? [f.number(files)] : []),
  'target-full': ({ needed }, f) => (needed === undefined ? [] : [f.bytes(needed)]),
  'size-mismatch': ({ expected, actual }, f) => [f.exactBytes(expected), f.exactBytes(actual)],
  'host-silent': ({ host, tries }, f) => [host, f.number(tries)],
  'host-unreadable': ({ host }) => [host],
  'http-status': ({ status }) => [String(status)],
  'quota-exceeded': ({ needed, available }, f) =>
    [needed, available].flatMap((count) => (count === undefined ? [] : [f.bytes(count)])),
  'document-too-large': ({ what, limit }, f) => [what === 'bytes' ? f.bytes(limit) : f.exactBytes(limit)],
  'document-no-text': ({ pages }, f) => (pages > 1 ? [f.number(pages)] : []),
  'import-too-large': ({ what, limit }, f) => [what === 'bytes' ? f.bytes(limit) : f.exactBytes(limit)],
  'vault-passphrase-short': ({ limit }, f) => [f.number(limit)],
};

/** Words and names that are nobody's language: identifiers of code, and what the details say in English. */
const CODE = /[a-z]_[a-z]|[a-z][A-Z]|[a-z]\.[a-z]|\[object|undefined|null|NaN|\(size\)/;
const NAMES = /“[^”]*”|WebGPU|WebLLM|WebAssembly|JSON|v0_2_84|huggingface\.co/g;
const ENGLISH =
  /\b(the|of|is|not|size|checkpoint|tensors?|file|expected|to|from|a number|bytes of|unknown|unnamed|value|entries|model is)\b/i;

interface Said {
  name: string;
  what: string;
  todo: string;
  figures: string[];
}

function saidOf<R extends ErrorReason>(reason: R, code: LanguageCode, stored: Stored): Said[] {
  const f = createFormats(code);
  return SITES[reason].map((details) => {
    // The details are of this very reason: SITES says so.
    const error = new EngineError<ErrorReason>(reason, 'a message', details);
    return {
      name: `${code} ${reason} ${JSON.stringify(details)}`,
      ...faultText(dictionaries[code], error, f, stored),
      figures: FIGURES[reason]?.(details, f) ?? [],
    };
  });
}
const reasons = Object.keys(ERROR_REASONS) as ErrorReason[];
const all = (code: LanguageCode, stored: Stored): Said[] =>
  reasons.flatMap((reason) => saidOf(reason, code, stored));

describe.each(LANGUAGES)('failures in %s', (code) => {
  it('say what happened and what to do, with their figures', () => {
    for (const { name, what, todo, figures } of all(code, 'none')) {
      for (const text of [what, todo]) {
        expect(text, name).toMatch(/^\S.*\.$/);
        expect(text, name).not.toMatch(/[!¡]|: *\.(?!\w)|\( *\)|““|””/);
      }
      for (const figure of figures) expect(`${what} ${todo}`, name).toContain(figure);
    }
  });

  it('hold no word of the code, and none of another language', () => {
    for (const { name, what, todo } of all(code, 'none')) {
      const text = `${what} ${todo}`.replace(NAMES, '');
      expect(text, name).not.toMatch(CODE);
      if (code !== 'en') expect(text, name).not.toMatch(ENGLISH);
    }
  });

  it('offer a repair only where something stored is damaged and its host has it', () => {
    const label = models[code].repair;
    for (const stored of ['none', 'whole'] as const) {
      for (const { name, todo } of all(code, stored)) expect(todo, name).not.toContain(`“${label}”`);
    }
    const damaged = all(code, 'damaged').filter(({ todo }) => todo.includes(`“${label}”`));
    expect(damaged.length).toBeGreaterThan(8);
    const check = models[code].verify;
    expect(all(code, 'whole').filter(({ todo }) => todo.includes(`“${check}”`))).toHaveLength(
      damaged.length - SITES['model-not-stored'].length,
    );
  });
});

describe('what web-llm throws', () => {
  const thrown = (name: string, message: string): EngineError => {
    const error = new Error(message);
    error.name = name;
    return fromWebLlm(error, 'latam-gpt-8b', 'load');
  };
  it('keeps its figures', () => {
    expect(
      thrown(
        'ContextWindowSizeExceededError',
        'Prompt tokens exceed context window size: number of prompt tokens: 5123; context window size: 4096\nConsider',
      ),
    ).toMatchObject({ reason: 'context-full', details: { expected: 4096, actual: 5123 } });
    expect(
      thrown(
        'Error',
        'Cannot initialize runtime because of requested maxBufferSize exceeds limit. requested=256MB, limit=128MB. ',
      ),
    ).toMatchObject({ reason: 'limit-too-low', details: { expected: 2 ** 28, actual: 2 ** 27 } });
    expect(thrown('MissingModelError', 'Missing `model_lib`')).toMatchObject({
      reason: 'library-missing',
      details: { model: 'latam-gpt-8b' },
    });
    expect(
      thrown('FeatureSupportError', 'This model requires feature shader-f16, which is not yet supported'),
    ).toMatchObject({ reason: 'feature-missing', details: { feature: 'shader-f16' } });
  });
});

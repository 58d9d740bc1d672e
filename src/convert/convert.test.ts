import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { folderSource } from '../cli/folder-source.ts';
import { EngineError } from '../failures.ts';
import { decodeFloat16 } from '../format/float16.ts';
import { loadWeights } from '../format/load-weights.ts';
import { parseManifest } from '../format/manifest.ts';
import { memorySource } from '../format/memory-source.ts';
import type { MemoryFiles } from '../format/memory-source.ts';
import { openModelDirectory, readTensor } from '../format/model-directory.ts';
import type { ModelDirectory } from '../format/model-directory.ts';
import { SCHEMES } from '../format/schemes.ts';
import type { SchemeName } from '../format/schemes.ts';
import type { ShardSource } from '../format/shard-source.ts';
import { createForwardPass } from '../llama/forward.ts';
import { convertCheckpoint } from './convert.ts';
import type { ConvertOptions } from './convert.ts';
import type { ModelSink } from './sink.ts';

// Whole models are converted: on a busy machine some take seconds.
vi.setConfig({ testTimeout: 30_000 });

/** A sink that fails the test on a wrong size, a third open file, or a write after closing. */
function memorySink(): ModelSink & { files: Record<string, Uint8Array<ArrayBuffer>>; largestWrite: number } {
  const files: Record<string, Uint8Array<ArrayBuffer>> = {};
  let openFiles = 0;
  const sink = {
    files,
    largestWrite: 0,
    create(path: string, bytes: number) {
      expect(files[path], path).toBeUndefined();
      expect(++openFiles).toBeLessThanOrEqual(2);
      const file = new Uint8Array(bytes);
      files[path] = file;
      let at = 0;
      return Promise.resolve({
        write(chunk: Uint8Array<ArrayBuffer>) {
          file.set(chunk, at);
          at += chunk.length;
          if (path.endsWith('.bin')) sink.largestWrite = Math.max(sink.largestWrite, chunk.length);
          return Promise.resolve();
        },
        close() {
          expect(at, path).toBe(bytes);
          openFiles--;
          return Promise.resolve();
        },
      });
    },
  };
  return sink;
}

async function convert(source: ShardSource, options: Partial<ConvertOptions> = {}) {
  const sink = memorySink();
  const manifest = await convertCheckpoint(source, sink, {
    scheme: SCHEMES.q4f16_1,
    source: 'test',
    licence: 'Apache-2.0',
    ...options,
  });
  return { sink, manifest, directory: await openModelDirectory(memorySource(sink.files)) };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function digests(directory: ModelDirectory): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const name of [...directory.tensors.keys()].sort())
    result[name] = sha256(await readTensor(directory, name));
  return result;
}

const checkpoint = (name: string) => folderSource(`tests/golden/${name}/hf`);

/** What convert throws, for its reason and details. */
async function refusal(run: Promise<unknown>): Promise<EngineError> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof EngineError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error;
}

describe('q4f16_1', () => {
  it.each(['gqa-tied', 'mha-untied-tail'])('%s equals the independent writer bit for bit', async (name) => {
    const { directory } = await convert(checkpoint(name));
    const expected = await openModelDirectory(folderSource(`tests/golden/${name}/mlc`));
    expect(await digests(directory)).toEqual(await digests(expected));
    expect(directory.config).toEqual(expected.config);
    expect(directory.stopTokenIds).toEqual(expected.stopTokenIds);
  });

  it('semilla equals the independent writer, and the starter model file by file', async () => {
    const published = parseManifest(
      JSON.parse(readFileSync('public/models/semilla-q4f16_1/manifest.json', 'utf8')),
    );
    const { directory, manifest, sink } = await convert(checkpoint('semilla'), {
      source: published.source,
      licence: published.licence,
    });
    const pinned: unknown = JSON.parse(readFileSync('tests/golden/semilla/tensors.sha256.json', 'utf8'));
    expect(await digests(directory)).toEqual(pinned);
    expect(manifest).toEqual(published);
    for (const [path, bytes] of Object.entries(sink.files)) {
      expect(sha256(bytes), path).toBe(sha256(readFileSync(`public/models/semilla-q4f16_1/${path}`)));
    }
    expect(directory.stopTokenIds).toEqual([4089, 4092, 4094]);
  });

  it('does not depend on the slices, nor hold more than one', async () => {
    const whole = await convert(checkpoint('mha-untied-tail'));
    const sliced = await convert(checkpoint('mha-untied-tail'), { sliceBytes: 512 });
    expect(await digests(sliced.directory)).toEqual(await digests(whole.directory));
    // A norm's 160 halves fit one slice; of a linear, a row's codes do (down_proj: seven groups of four words, 112 bytes).
    expect(sliced.sink.largestWrite).toBe(160 * 2);
    const reads: number[] = [];
    const inner = checkpoint('mha-untied-tail');
    const counted: ShardSource = {
      ...inner,
      read: (path, offset, length) => {
        if (path.endsWith('.safetensors') && offset > 8) reads.push(length);
        return inner.read(path, offset, length);
      },
    };
    await convert(counted, { sliceBytes: 4096 });
    expect(Math.max(...reads)).toBeLessThanOrEqual(4096);
  });

  it('starts a new shard at the cap, and gives a tensor of half the cap its own', async () => {
    const cap = 32 * 1024;
    const { directory, manifest } = await convert(checkpoint('gqa-tied'), { shardBytes: cap });
    const shards = manifest.files.filter(({ path }) => path.endsWith('.bin'));
    expect(shards.length).toBeGreaterThan(4);
    for (const { path, bytes } of shards) {
      const inside = [...directory.tensors.values()].filter(({ shard }) => shard === path);
      expect(bytes <= cap || inside.length === 1, path).toBe(true);
      expect(inside.length === 1 || inside.every(({ byteLength }) => byteLength < cap / 2), path).toBe(true);
    }
    const whole = await convert(checkpoint('gqa-tied'));
    expect(await digests(directory)).toEqual(await digests(whole.directory));
  });
});

describe('the manifest', () => {
  it('names every file but itself, with its size and digest', async () => {
    const { sink, manifest } = await convert(checkpoint('semilla'));
    expect(parseManifest(JSON.parse(new TextDecoder().decode(sink.files['manifest.json'])))).toEqual(
      manifest,
    );
    expect(manifest.files.map(({ path }) => path).sort()).toEqual(
      Object.keys(sink.files)
        .filter((path) => path !== 'manifest.json')
        .sort(),
    );
    for (const { path, bytes, sha256: digest } of manifest.files) {
      const file = sink.files[path] ?? new Uint8Array();
      expect([path, file.length, sha256(file)]).toEqual([path, bytes, digest]);
    }
  });
});

describe.each(['q4f32_1', 'q3f16_1', 'q0f16'] as const)('%s', (name: SchemeName) => {
  it.each(['gqa-tied', 'mha-untied-tail'])('%s answers as its weights do', async (model) => {
    const { directory } = await convert(checkpoint(model), { scheme: SCHEMES[name] });
    expect(directory.scheme.name).toBe(name);
    // q0f16 keeps bf16 weights exactly, so it stands for them.
    const exact = (await convert(checkpoint(model), { scheme: SCHEMES.q0f16 })).directory;
    const weights = await loadWeights(directory);
    const reference = await loadWeights(exact);
    // Half a step of the group's largest weight, and what rounding a scale to bfloat16 adds.
    const zero = directory.scheme.zero || Infinity;
    for (const key of ['embedTokens', 'lmHead'] as const) {
      const largest = reference[key].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const worst = weights[key].reduce(
        (most, value, i) => Math.max(most, Math.abs(value - reference[key][i]!)),
        0,
      );
      expect(worst / largest).toBeLessThanOrEqual(0.5 / zero + (zero === Infinity ? 0 : 0.01));
    }
    const pass = createForwardPass(directory.config, weights);
    const logits = pass.logits(pass.step(3));
    expect(logits.every(Number.isFinite)).toBe(true);
  });
});

interface FakeTensor {
  dtype: 'BF16' | 'F16' | 'F32';
  shape: number[];
  bytes: Uint8Array;
}

function safetensors(tensors: Record<string, FakeTensor>): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let at = 0;
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + at);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  let offset = 8 + json.length;
  for (const { bytes } of Object.values(tensors)) {
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}

const SMALL = {
  model_type: 'llama',
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 4,
  vocab_size: 5,
  tie_word_embeddings: true,
  max_position_embeddings: 64,
  eos_token_id: 2,
};

/** A checkpoint of one layer; every weight is a half, so that each dtype holds it exactly. */
function smallTensors(dtype: FakeTensor['dtype']): Record<string, FakeTensor> {
  const shapes: Record<string, number[]> = {
    'model.embed_tokens.weight': [5, 8],
    'model.layers.0.input_layernorm.weight': [8],
    'model.layers.0.self_attn.q_proj.weight': [8, 8],
    'model.layers.0.self_attn.k_proj.weight': [4, 8],
    'model.layers.0.self_attn.v_proj.weight': [4, 8],
    'model.layers.0.self_attn.o_proj.weight': [8, 8],
    'model.layers.0.post_attention_layernorm.weight': [8],
    'model.layers.0.mlp.gate_proj.weight': [12, 8],
    'model.layers.0.mlp.up_proj.weight': [12, 8],
    'model.layers.0.mlp.down_proj.weight': [8, 12],
    'model.norm.weight': [8],
  };
  let seed = 1;
  const tensors: Record<string, FakeTensor> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const count = shape.reduce((a, b) => a * b, 1);
    // Seven bits of fraction: exact in bfloat16 too.
    const halves = Uint16Array.from({ length: count }, () => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return 0x3400 | ((seed >> 8) & 0x8bf8);
    });
    const values = Float32Array.from(halves, decodeFloat16);
    const words = new Uint32Array(values.buffer);
    const bytes = {
      F16: () => new Uint8Array(halves.buffer),
      F32: () => new Uint8Array(values.buffer),
      BF16: () => new Uint8Array(Uint16Array.from(words, (word) => word >>> 16).buffer),
    };
    tensors[name] = { dtype, shape, bytes: bytes[dtype]() };
  }
  return tensors;
}

function smallCheckpoint(dtype: FakeTensor['dtype'] = 'BF16'): MemoryFiles {
  return { 'config.json': JSON.stringify(SMALL), 'model.safetensors': safetensors(smallTensors(dtype)) };
}

describe('checkpoints', () => {
  it('give the same from BF16, F16 and F32', async () => {
    const [first, ...others] = await Promise.all(
      (['BF16', 'F16', 'F32'] as const).map(async (dtype) =>
        digests((await convert(memorySource(smallCheckpoint(dtype)))).directory),
      ),
    );
    for (const other of others) expect(other).toEqual(first);
  });

  it('may lie in several files, by their index', async () => {
    const tensors = Object.entries(smallTensors('BF16'));
    const files: MemoryFiles = { 'config.json': JSON.stringify(SMALL) };
    const weightMap: Record<string, string> = {};
    for (const [i, part] of [tensors.slice(0, 4), tensors.slice(4)].entries()) {
      const file = `model-0000${i + 1}-of-00002.safetensors`;
      files[file] = safetensors(Object.fromEntries(part));
      for (const [name] of part) weightMap[name] = file;
    }
    files['model.safetensors.index.json'] = JSON.stringify({ metadata: {}, weight_map: weightMap });
    const single = await convert(memorySource(smallCheckpoint()));
    const split = await convert(memorySource(files));
    expect(await digests(split.directory)).toEqual(await digests(single.directory));
    delete files['model-00002-of-00002.safetensors'];
    expect((await refusal(convert(memorySource(files)))).reason).toBe('file-missing');
    files['model.safetensors.index.json'] = JSON.stringify({ weight_map: { a: '../../etc/passwd' } });
    expect((await refusal(convert(memorySource(files)))).reason).toBe('safetensors-invalid');
  });

  it('take their stop ids from generation_config.json too, and carry it and the template along', async () => {
    const files = {
      ...smallCheckpoint(),
      'generation_config.json': JSON.stringify({ eos_token_id: [4, 3], bos_token_id: 1 }),
      'chat_template.jinja': '{{ messages }}',
      LICENSE: 'words',
    };
    const { directory, sink } = await convert(memorySource(files));
    expect(directory.stopTokenIds).toEqual([2, 3, 4]);
    expect(new TextDecoder().decode(sink.files['chat_template.jinja'])).toBe('{{ messages }}');
    expect(Object.keys(sink.files)).toContain('LICENSE');
  });

  it('are refused where a tensor is missing, misshapen, foreign, of another dtype or not finite', async () => {
    const refused = async (change: (tensors: Record<string, FakeTensor>) => void) => {
      const tensors = smallTensors('BF16');
      change(tensors);
      const { reason, details } = await refusal(
        convert(memorySource({ ...smallCheckpoint(), 'model.safetensors': safetensors(tensors) })),
      );
      return `${reason} ${'tensor' in details ? String(details.tensor) : ''}`;
    };
    const name = 'model.layers.0.self_attn.k_proj.weight';
    expect(await refused((tensors) => delete tensors[name])).toBe(`tensor-missing ${name}`);
    expect(await refused((tensors) => (tensors[name]!.shape = [8, 4]))).toBe(`tensor-shape ${name}`);
    expect(await refused((tensors) => (tensors[name]!.dtype = 'F8_E4M3' as 'F16'))).toBe(
      `dtype-unsupported ${name}`,
    );
    expect(await refused((tensors) => tensors[name]!.bytes.set([0x80, 0x7f], 10))).toBe(
      `tensor-not-finite ${name}`,
    );
    // Finite as bfloat16, infinite as float16.
    expect(await refused((tensors) => tensors[name]!.bytes.set([0x80, 0x49], 10))).toBe(
      `tensor-not-finite ${name}`,
    );
    const bias = 'model.layers.0.self_attn.q_proj.bias';
    const foreign = { dtype: 'BF16', shape: [1], bytes: new Uint8Array(2) } as const;
    expect(await refused((tensors) => (tensors[bias] = { ...foreign, shape: [1] }))).toBe(
      `architecture-unsupported ${bias}`,
    );
  });

  it('stop at the signal', async () => {
    const abort = new AbortController();
    const run = convert(checkpoint('gqa-tied'), {
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('enough')),
    });
    await expect(run).rejects.toThrow('enough');
  });

  it('report bytes done up to their total', async () => {
    const seen: number[] = [];
    await convert(checkpoint('gqa-tied'), {
      onProgress: ({ done, total }) => {
        seen.push(done / total);
      },
    });
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});

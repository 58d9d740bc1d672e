// GGUF files read back: our own exports, llama.cpp's block types in a whole model, splits, and what is refused by name.

import { describe, expect, it } from 'vitest';
import { makeGguf } from '../../tests/host/gguf.ts';
import type { GgufEntry, MadeTensor } from '../../tests/host/gguf.ts';
import { folderSource } from '../cli/folder-source.ts';
import { openGguf } from '../format/gguf-checkpoint.ts';
import { readGgufFile } from '../format/gguf-file.ts';
import { memorySource } from '../format/memory-source.ts';
import type { MemoryFiles } from '../format/memory-source.ts';
import { openModelDirectory } from '../format/model-directory.ts';
import { SCHEMES } from '../format/schemes.ts';
import type { SchemeName } from '../format/schemes.ts';
import { loadWeights } from '../format/load-weights.ts';
import { ropeFrequencies } from '../llama/rope.ts';
import { convertCheckpoint, convertOpened } from './convert.ts';
import type { GgufScheme } from './gguf.ts';
import type { ModelSink } from './sink.ts';
import { writtenGguf } from '../../tests/host/written-gguf.ts';

function memorySink(): { sink: ModelSink; files: Record<string, Uint8Array> } {
  const files: Record<string, Uint8Array> = {};
  return {
    files,
    sink: {
      create(path, bytes) {
        const file = new Uint8Array(bytes);
        let at = 0;
        return Promise.resolve({
          write(chunk) {
            file.set(chunk, at);
            at += chunk.length;
            return Promise.resolve();
          },
          close() {
            files[path] = file;
            return Promise.resolve();
          },
        });
      },
    },
  };
}

const exported = (checkpoint: string, scheme: GgufScheme): Promise<Uint8Array> =>
  writtenGguf(checkpoint, scheme, 'Semilla');

const options = (scheme: SchemeName) => ({ scheme: SCHEMES[scheme], source: 'x', licence: 'x' });

async function fromGguf(
  files: MemoryFiles,
  scheme: SchemeName,
  sliceBytes?: number,
): Promise<Record<string, Uint8Array>> {
  const { sink, files: out } = memorySink();
  const checkpoint = await openGguf(memorySource(files), Object.keys(files)[0]!);
  await convertOpened(checkpoint, sink, { ...options(scheme), ...(sliceBytes && { sliceBytes }) });
  return out;
}

async function direct(checkpoint: string, scheme: SchemeName): Promise<Record<string, Uint8Array>> {
  const { sink, files } = memorySink();
  await convertCheckpoint(folderSource(checkpoint), sink, options(scheme));
  return files;
}

const shards = (files: Record<string, Uint8Array>): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(files).filter(([name]) => /^params|^tensor-cache/.test(name)));

/** Compared as bytes: Vitest's own comparison takes seconds for a megabyte. */
function expectSame(found: Record<string, Uint8Array>, wanted: Record<string, Uint8Array>): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, bytes] of Object.entries(wanted))
    expect(Buffer.compare(found[name]!, bytes), name).toBe(0);
}

describe('our own GGUF files, read back', () => {
  it.each<[string, GgufScheme, SchemeName]>([
    ['gqa-tied', 'F16', 'q4f16_1'],
    ['gqa-tied', 'F16', 'q3f16_1'],
    ['gqa-tied', 'F16', 'q0f16'],
    ['gqa-tied', 'Q4_0', 'q4f16_1'],
    ['mha-untied-tail', 'F16', 'q4f16_1'],
  ])('%s in %s becomes the same %s as its checkpoint, to the bit', async (name, from, to) => {
    const checkpoint = `tests/golden/${name}/hf`;
    const [found, wanted] = await Promise.all([
      fromGguf({ 'a.gguf': await exported(checkpoint, from) }, to),
      direct(checkpoint, to),
    ]);
    expectSame(shards(found), shards(wanted));
    const config = (files: Record<string, Uint8Array>): { model_config: unknown } =>
      JSON.parse(new TextDecoder().decode(files['mlc-chat-config.json'])) as ReturnType<typeof config>;
    expect(config(found).model_config).toEqual(config(wanted).model_config);
  });

  it('does not depend on how it is cut into slices: rows of a head stay together', async () => {
    const file = { 'a.gguf': await exported('tests/golden/gqa-tied/hf', 'F16') };
    expectSame(await fromGguf(file, 'q4f16_1', 1), await fromGguf(file, 'q4f16_1'));
  });

  it('says name and licence as its maker does', async () => {
    const file = await exported('tests/golden/gqa-tied/hf', 'Q4_0');
    expect(await openGguf(memorySource({ 'a.gguf': file }), 'a.gguf')).toMatchObject({
      name: 'Semilla',
      licence: 'apache-2.0',
    });
  });
});

/** A model of one layer, 256 wide, whose matrices are of the type asked for; and of what it is made. */
function made(
  matrix: { type: number; bytesOf: (weights: number) => number },
  more: { entries?: [string, ...GgufEntry][]; tensors?: MadeTensor[]; without?: string[] } = {},
): Uint8Array {
  let seed = 1;
  const bytes = (count: number): Uint8Array =>
    // Bytes below 0x3f make every half in a block small and finite.
    Uint8Array.from({ length: count }, () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % 0x3f);
  const linear = (name: string, columns: number, rows: number): MadeTensor => ({
    name,
    type: matrix.type,
    dims: [columns, rows],
    bytes: bytes(matrix.bytesOf(columns * rows)),
  });
  const norm = (name: string): MadeTensor => ({
    name,
    type: 0,
    dims: [256],
    bytes: new Uint8Array(new Float32Array(256).fill(1).buffer),
  });
  const set = new Map<string, [string, ...GgufEntry]>(
    (
      [
        ['general.architecture', 'string', 'llama'],
        ['llama.block_count', 'u32', 1],
        ['llama.context_length', 'u32', 512],
        ['llama.embedding_length', 'u32', 256],
        ['llama.feed_forward_length', 'u32', 256],
        ['llama.attention.head_count', 'u32', 4],
        ['llama.attention.head_count_kv', 'u32', 2],
        ['llama.attention.layer_norm_rms_epsilon', 'f32', 1e-5],
        ['tokenizer.ggml.model', 'string', 'no_vocab'],
        ...(more.entries ?? []),
      ] as [string, ...GgufEntry][]
    ).map((entry) => [entry[0], entry]),
  );
  const tensors = [
    linear('token_embd.weight', 256, 64),
    norm('blk.0.attn_norm.weight'),
    linear('blk.0.attn_q.weight', 256, 256),
    linear('blk.0.attn_k.weight', 256, 128),
    linear('blk.0.attn_v.weight', 256, 128),
    linear('blk.0.attn_output.weight', 256, 256),
    norm('blk.0.ffn_norm.weight'),
    linear('blk.0.ffn_gate.weight', 256, 256),
    linear('blk.0.ffn_up.weight', 256, 256),
    linear('blk.0.ffn_down.weight', 256, 256),
    norm('output_norm.weight'),
    ...(more.tensors ?? []),
  ].filter(({ name }) => !more.without?.includes(name));
  return makeGguf([...set.values()], tensors);
}

const Q8_0 = { type: 8, bytesOf: (weights: number) => (weights / 32) * 34 };
const block = (type: number, bytes: number) => ({
  type,
  bytesOf: (weights: number) => (weights / 256) * bytes,
});
const open = (file: Uint8Array, name = 'a.gguf'): ReturnType<typeof openGguf> =>
  openGguf(memorySource({ [name]: file }), name);

describe('openGguf', () => {
  it.each([
    ['F32', { type: 0, bytesOf: (weights: number) => weights * 4 }],
    ['BF16', { type: 30, bytesOf: (weights: number) => weights * 2 }],
    ['Q8_0', Q8_0],
    ['Q2_K', block(10, 84)],
    ['Q3_K', block(11, 110)],
    ['Q4_K', block(12, 144)],
    ['Q5_K', block(13, 176)],
    ['Q6_K', block(14, 210)],
    ['IQ4_NL', { type: 20, bytesOf: (weights: number) => (weights / 32) * 18 }],
  ])('converts a model in %s to every scheme', async (_, matrix) => {
    for (const scheme of ['q4f16_1', 'q4f32_1', 'q3f16_1', 'q0f16'] as const) {
      const files = await fromGguf({ 'a.gguf': made(matrix) }, scheme);
      const weights = await loadWeights(await openModelDirectory(memorySource(files)));
      expect(weights.layers).toHaveLength(1);
      expect(weights.layers[0]!.qkv.some((value) => value !== 0)).toBe(true);
    }
  });

  it.each<[string, string, string, Uint8Array]>([
    ['an i-quant', 'dtype-unsupported', 'IQ2_XXS', made(block(16, 66))],
    ['ternary weights', 'dtype-unsupported', 'TQ1_0', made(block(34, 54))],
    [
      'another architecture',
      'architecture-unsupported',
      'gemma3',
      made(Q8_0, { entries: [['general.architecture', 'string', 'gemma3']] }),
    ],
    [
      'a mixture of experts',
      'architecture-unsupported',
      'llama, 8 experts',
      made(Q8_0, { entries: [['llama.expert_count', 'u32', 8]] }),
    ],
    [
      'an adapter',
      'architecture-unsupported',
      'adapter',
      made(Q8_0, { entries: [['general.type', 'string', 'adapter']] }),
    ],
    [
      'a bias',
      'architecture-unsupported',
      'blk.0.attn_q.bias',
      made(Q8_0, {
        tensors: [{ name: 'blk.0.attn_q.bias', type: 0, dims: [256], bytes: new Uint8Array(1024) }],
      }),
    ],
    [
      'yarn',
      'rope-unsupported',
      'yarn',
      made(Q8_0, {
        entries: [
          ['llama.rope.scaling.type', 'string', 'yarn'],
          ['llama.rope.scaling.factor', 'f32', 4],
        ],
      }),
    ],
    [
      'partial rotation',
      'rope-unsupported',
      '0.5',
      made(Q8_0, { entries: [['llama.rope.dimension_count', 'u32', 32]] }),
    ],
    [
      'a window',
      'config-unsupported',
      '4096',
      made(Q8_0, { entries: [['llama.attention.sliding_window', 'u32', 4096]] }),
    ],
    [
      'another way to split text',
      'tokenizer-invalid',
      'deepseek-llm',
      made(Q8_0, {
        entries: [
          ['tokenizer.ggml.model', 'string', 'gpt2'],
          ['tokenizer.ggml.pre', 'string', 'deepseek-llm'],
          ['tokenizer.ggml.tokens', '[string]', ['a']],
          ['tokenizer.ggml.merges', '[string]', []],
        ],
      }),
    ],
    [
      'another kind of tokenizer',
      'tokenizer-invalid',
      't5',
      made(Q8_0, { entries: [['tokenizer.ggml.model', 'string', 't5']] }),
    ],
  ])('names %s', async (_, reason, actual, file) => {
    const details = reason === 'dtype-unsupported' ? { name: actual } : { actual };
    await expect(open(file)).rejects.toMatchObject({ reason, details });
  });

  it('names a tensor that is missing or of another shape, and layers that claim too much', async () => {
    await expect(open(made(Q8_0, { without: ['blk.0.ffn_up.weight'] }))).rejects.toMatchObject({
      reason: 'tensor-missing',
      details: { tensor: 'model.layers.0.mlp.up_proj.weight' },
    });
    await expect(
      open(made(Q8_0, { entries: [['llama.feed_forward_length', 'u32', 512]] })),
    ).rejects.toMatchObject({
      reason: 'tensor-shape',
    });
    await expect(
      open(made(Q8_0, { entries: [['llama.block_count', 'u32', 4_000_000]] })),
    ).rejects.toMatchObject({
      reason: 'limit-exceeded',
    });
  });

  it('takes per-layer lists of one value, and refuses others', async () => {
    const kv = (values: number[]): Uint8Array =>
      made(Q8_0, { entries: [['llama.attention.head_count_kv', '[u32]', values]] });
    expect((await open(kv([2]))).config.numKeyValueHeads).toBe(2);
    await expect(open(kv([2, 4]))).rejects.toMatchObject({ reason: 'config-unsupported' });
  });

  it('finds the scaling of RoPE again in its divisors, usual or not', async () => {
    const shape = { headDim: 64, ropeTheta: 500_000 };
    const plain = ropeFrequencies({ ...shape, ropeScaling: null });
    for (const [factor, lowFreqFactor, highFreqFactor, original] of [
      [32, 1, 4, 8192],
      [8, 1, 4, 128],
      [16, 1.5, 5, 3000],
    ] as const) {
      const ropeScaling = {
        ropeType: 'llama3' as const,
        factor,
        lowFreqFactor,
        highFreqFactor,
        originalMaxPositionEmbeddings: original,
      };
      const scaled = ropeFrequencies({ ...shape, ropeScaling });
      const divisors = Float32Array.from(plain, (frequency, i) => frequency / scaled[i]!);
      const file = made(Q8_0, {
        entries: [['llama.rope.freq_base', 'f32', 500_000]],
        tensors: [{ name: 'rope_freqs.weight', type: 0, dims: [32], bytes: new Uint8Array(divisors.buffer) }],
      });
      const { config } = await open(file);
      if (highFreqFactor === 4) expect(config.ropeScaling).toEqual(ropeScaling);
      for (const [i, frequency] of ropeFrequencies(config).entries())
        expect(Math.abs(frequency / scaled[i]! - 1)).toBeLessThan(1e-5);
    }
    const odd = Float32Array.from({ length: 32 }, (_, i) => 1 + (i % 3));
    const file = made(Q8_0, {
      tensors: [{ name: 'rope_freqs.weight', type: 0, dims: [32], bytes: new Uint8Array(odd.buffer) }],
    });
    await expect(open(file)).rejects.toMatchObject({ reason: 'rope-unsupported' });
  });

  describe('files in several parts', () => {
    const whole = made(Q8_0);
    const name = (i: number, of = 3): string => `m-0000${i}-of-0000${of}.gguf`;
    const part = (no: number, tensors: MadeTensor[], entries: [string, ...GgufEntry][] = []): Uint8Array =>
      makeGguf(
        [...entries, ['split.no', 'u16', no], ['split.count', 'u16', 3], ['split.tensors.count', 'i32', 11]],
        tensors,
      );
    /** The first part has the keys and no tensor, as llama.cpp's own tool can leave it. */
    async function cut(): Promise<Record<string, Uint8Array>> {
      const { metadata, tensors } = await readGgufFile(memorySource({ a: whole }), 'a');
      const keys = [...metadata].map(([key, value]): [string, ...GgufEntry] =>
        typeof value === 'string'
          ? [key, 'string', value]
          : [key, key.endsWith('epsilon') ? 'f32' : 'u32', Number(value)],
      );
      const as = (each: (typeof tensors)[number]): MadeTensor => ({
        name: each.name,
        type: each.type.name === 'F32' ? 0 : 8,
        dims: [...each.shape].reverse(),
        bytes: whole.slice(each.byteOffset, each.byteOffset + each.byteLength),
      });
      return {
        [name(1)]: part(0, [], keys),
        [name(2)]: part(1, tensors.slice(0, 5).map(as)),
        [name(3)]: part(2, tensors.slice(5).map(as)),
      };
    }

    it('are one model, by the name of any of them', async () => {
      const parts = await cut();
      const found = await fromGguf(parts, 'q4f16_1');
      expectSame(shards(found), shards(await fromGguf({ 'a.gguf': whole }, 'q4f16_1')));
      expect((await openGguf(memorySource(parts), name(3))).parts.size).toBe(11);
    });

    it('are refused where one is missing, is another, or holds what another holds', async () => {
      const parts = await cut();
      const { [name(2)]: second, ...rest } = parts;
      await expect(openGguf(memorySource(rest), name(1))).rejects.toMatchObject({
        reason: 'file-missing',
        details: { file: name(2) },
      });
      await expect(openGguf(memorySource({ ...parts, [name(3)]: second! }), name(1))).rejects.toMatchObject({
        reason: 'gguf-invalid',
        details: { expected: '2 of 3' },
      });
      await expect(open(whole, name(1, 1).replace('00001.gguf', '99999.gguf'))).rejects.toMatchObject({
        reason: 'limit-exceeded',
      });
    });
  });
});

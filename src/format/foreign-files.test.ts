// What people bring that is not read, or reads as something plainer: one row each of docs/models.md.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseHuggingFaceConfig } from '../llama/config.ts';
import { openCheckpoint } from './checkpoint.ts';
import { readGgufFile } from './gguf-file.ts';
import { parseJson } from './json-file.ts';
import { memorySource } from './memory-source.ts';
import type { MemoryFiles } from './memory-source.ts';
import { readSafetensorsHeader } from './safetensors.ts';

const at = 'tests/golden/gqa-tied/hf/';
const CONFIG = JSON.parse(readFileSync(`${at}config.json`, 'utf8')) as Record<string, unknown>;
const WEIGHTS = new Uint8Array(readFileSync(`${at}model.safetensors`));
const config = (change: object): string => JSON.stringify({ ...CONFIG, ...change });
const open = (files: MemoryFiles): ReturnType<typeof openCheckpoint> => openCheckpoint(memorySource(files));
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 2471645608\n`;

describe('weights that are not read are named by what they are', () => {
  it.each<[string, string, MemoryFiles]>([
    ['pytorch', 'pytorch_model.bin', { 'config.json': config({}), 'pytorch_model.bin': 'PK' }],
    [
      'pytorch',
      'pytorch_model.bin.index.json',
      { 'config.json': config({}), 'pytorch_model.bin.index.json': '{}' },
    ],
    ['meta', 'consolidated.00.pth', { 'consolidated.00.pth': 'PK', 'params.json': '{}' }],
    ['onnx', 'model.onnx', { 'config.json': config({}), 'model.onnx': 'x' }],
    ['mlx', 'weights.npz', { 'config.json': config({}), 'weights.npz': 'x' }],
    ['pointer', 'model.safetensors', { 'config.json': config({}), 'model.safetensors': POINTER }],
    ['pointer', 'config.json', { 'config.json': POINTER }],
  ])('%s (%s)', async (kind, file, files) => {
    await expect(open(files)).rejects.toMatchObject({ reason: 'weights-foreign', details: { kind, file } });
  });

  it('an adapter alone says whose it is', async () => {
    const adapter = {
      'adapter_config.json': '{"base_model_name_or_path":"o/base"}',
      'adapter_model.safetensors': '',
    };
    await expect(open(adapter)).rejects.toMatchObject({ details: { kind: 'adapter', base: 'o/base' } });
  });

  it('a GGUF file that is a pointer', async () => {
    await expect(readGgufFile(memorySource({ a: POINTER }), 'a')).rejects.toMatchObject({
      details: { kind: 'pointer' },
    });
  });

  it.each([
    [{ quantization_config: { quant_method: 'awq', bits: 4 } }, 'AWQ'],
    [{ quantization_config: { quant_method: 'gptq' } }, 'GPTQ'],
    [{ quantization_config: { quant_method: 'bitsandbytes' } }, 'bitsandbytes'],
    [{ quantization_config: { quant_method: 'fp8' } }, 'FP8'],
    [
      { quantization_config: { quant_method: 'compressed-tensors', format: 'nvfp4-pack-quantized' } },
      'compressed-tensors, nvfp4-pack-quantized',
    ],
    [{ quantization: { group_size: 64, bits: 4 } }, 'MLX'],
  ])('%j is %s', (change, name) => {
    expect(() => parseHuggingFaceConfig({ ...CONFIG, ...change })).toThrow(
      expect.objectContaining({
        reason: 'dtype-unsupported',
        details: expect.objectContaining({ name }) as unknown,
      }) as Error,
    );
  });
});

describe('a plain Llama in old clothes is taken', () => {
  const plain = parseHuggingFaceConfig({ ...CONFIG, rope_scaling: null });
  it.each([
    [{ architectures: ['LLaMAForCausalLM'] }],
    [{ hidden_act: 'swish' }],
    [{ sliding_window: 4096, use_sliding_window: false }],
    [{ sliding_window: null }],
    [{ rope_scaling: { type: 'linear', factor: 1 } }],
    [{ rope_scaling: { rope_type: 'dynamic', factor: 1.0 } }],
    [{ rope_scaling: { rope_type: 'default' } }],
  ])('%j', (change) => {
    expect(parseHuggingFaceConfig({ ...CONFIG, rope_scaling: null, ...change })).toEqual(plain);
  });

  it.each([
    [{ architectures: ['LlamaModel'] }],
    [{ hidden_act: 'gelu' }],
    [{ sliding_window: 4096 }],
    [{ rope_scaling: { type: 'linear', factor: 2 } }],
  ])('but not %j', (change) => {
    expect(() => parseHuggingFaceConfig({ ...CONFIG, ...change })).toThrow();
  });

  it('rope_scaling goes before rope_parameters where both stand', () => {
    const both = { ...CONFIG, rope_parameters: { rope_type: 'default', rope_theta: 10_000 } };
    expect(parseHuggingFaceConfig(both)).toEqual(parseHuggingFaceConfig(CONFIG));
    const gone = ['rope_scaling', 'rope_theta'];
    const rest = Object.entries(both).filter(([name]) => !gone.includes(name));
    expect(parseHuggingFaceConfig(Object.fromEntries(rest))).toMatchObject({
      ropeTheta: 10_000,
      ropeScaling: null,
    });
  });

  it('numbers that only Python writes, in fields that nobody reads', async () => {
    const text = config({ text: 'NaN "Infinity"' }).replace(/\}$/, ',"a":NaN,"b":[-Infinity]}');
    expect(parseJson(text, 'x')).toMatchObject({ text: 'NaN "Infinity"', a: 'NaN', b: ['-Infinity'] });
    await expect(open({ 'config.json': text, 'model.safetensors': WEIGHTS })).resolves.toBeDefined();
    const read = config({}).replace('"rms_norm_eps":0.00001', '"rms_norm_eps":NaN');
    expect(read).toContain('NaN');
    await expect(open({ 'config.json': read, 'model.safetensors': WEIGHTS })).rejects.toMatchObject({
      reason: 'config-invalid',
      details: { field: 'rms_norm_eps' },
    });
    expect(() => parseJson('{"a": NaN,}', 'x')).toThrow(
      expect.objectContaining({ reason: 'json-invalid' }) as Error,
    );
  });

  it('a whole file goes before an index that lies beside it', async () => {
    const stale = JSON.stringify({ weight_map: { 'model.norm.weight': 'model-00001-of-00002.safetensors' } });
    const files = {
      'config.json': config({}),
      'model.safetensors': WEIGHTS,
      'model.safetensors.index.json': stale,
    };
    await expect(open(files)).resolves.toBeDefined();
  });
});

describe('safetensors is read as the reference reads it', () => {
  const file = (entries: Record<string, [number, number]>, data: number): Uint8Array => {
    const header = new TextEncoder().encode(
      `{${Object.entries(entries)
        .map(
          ([name, [from, to]]) =>
            `${JSON.stringify(name)}:{"dtype":"F16","shape":[${(to - from) / 2}],"data_offsets":[${from},${to}]}`,
        )
        .join(',')}}`,
    );
    const bytes = new Uint8Array(8 + header.length + data);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
    bytes.set(header, 8);
    return bytes;
  };
  const read = (bytes: Uint8Array): ReturnType<typeof readSafetensorsHeader> =>
    readSafetensorsHeader(memorySource({ a: bytes }), 'a');

  it('takes names that are JavaScript’s own', async () => {
    const tensors = await read(
      file(
        Object.fromEntries([
          ['__proto__', [0, 4]],
          ['constructor', [4, 8]],
        ] as [string, [number, number]][]),
        8,
      ),
    );
    expect(tensors.map(({ name }) => name)).toEqual(['__proto__', 'constructor']);
  });

  it.each<[string, Record<string, [number, number]>, number]>([
    ['overlaps', { a: [0, 8], b: [4, 12] }, 12],
    ['holes', { a: [0, 4], b: [8, 12] }, 12],
    ['a hole at the start', { a: [4, 8] }, 8],
    ['trailing bytes', { a: [0, 8] }, 12],
  ])('refuses %s', async (_, entries, data) => {
    await expect(read(file(entries, data))).rejects.toMatchObject({ reason: 'safetensors-invalid' });
  });
});

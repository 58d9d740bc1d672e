// What a directory may be wrong in, each refused by a typed error that names file and fault.

import { readFileSync, readdirSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { EngineError } from '../failures.ts';
import { checkFiniteFloats } from './check-floats.ts';
import { memorySource } from './memory-source.ts';
import type { MemoryFiles } from './memory-source.ts';
import { openModelDirectory, readTensor } from './model-directory.ts';

const FOLDER = 'tests/golden/gqa-tied/mlc';
const SCALE = 'model.embed_tokens.q_scale';

interface CacheJson {
  records: {
    dataPath: string;
    nbytes: number;
    records: {
      name: string;
      shape: number[];
      dtype: string;
      nbytes: number;
      byteOffset: number;
      format: string;
    }[];
  }[];
}
type Fields = Record<string, unknown>;

let files: MemoryFiles;
beforeEach(() => {
  files = Object.fromEntries(
    readdirSync(FOLDER).map((name) => [name, new Uint8Array(readFileSync(`${FOLDER}/${name}`))]),
  );
});

const text = (name: string) => {
  const file = files[name] ?? '';
  return typeof file === 'string' ? file : new TextDecoder().decode(file);
};

function editCache(edit: (cache: CacheJson) => void): void {
  const cache = JSON.parse(text('tensor-cache.json')) as CacheJson;
  edit(cache);
  files['tensor-cache.json'] = JSON.stringify(cache);
}

function editConfig(change: Fields): void {
  const json = JSON.parse(text('mlc-chat-config.json')) as Fields;
  files['mlc-chat-config.json'] = JSON.stringify({ ...json, ...change });
}

async function refusal(): Promise<EngineError> {
  const error: unknown = await openModelDirectory(memorySource(files, 'model')).then(
    () => new Error('accepted'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof EngineError)) throw error;
  return error;
}

const open = () => openModelDirectory(memorySource(files, 'model'));

describe('a model directory', () => {
  it('opens, with its tensors, stop ids and window', async () => {
    const directory = await open();
    expect(directory.config.hiddenSize).toBe(128);
    expect(directory.scheme.name).toBe('q4f16_1');
    expect(directory.contextWindow).toBe(512);
    expect(directory.stopTokenIds).toEqual([2]);
    expect(directory.tensors.get(SCALE)).toEqual({
      name: SCALE,
      shape: [512, 4],
      dtype: 'float16',
      shard: 'params_shard_0.bin',
      byteOffset: 32768,
      byteLength: 4096,
      bfloat16: false,
    });
  });

  it('opens by the older name of its tensor list', async () => {
    files['ndarray-cache.json'] = files['tensor-cache.json'] ?? '';
    delete files['tensor-cache.json'];
    expect((await open()).tensors.size).toBe(23);
  });

  it('takes stop ids from generation_config.json too, and none outside the vocabulary', async () => {
    files['generation_config.json'] = JSON.stringify({ eos_token_id: [7, 2, 512, -1, 'x'] });
    expect((await open()).stopTokenIds).toEqual([2, 7]);
  });

  it('reads slices of a tensor, and nothing beyond it', async () => {
    const directory = await open();
    const whole = await readTensor(directory, SCALE);
    expect(whole).toHaveLength(4096);
    expect(await readTensor(directory, SCALE, 100, 8)).toEqual(whole.slice(100, 108));
    await expect(readTensor(directory, SCALE, 4092, 8)).rejects.toMatchObject({ reason: 'tensor-bounds' });
    await expect(readTensor(directory, 'model.norm')).rejects.toMatchObject({ reason: 'tensor-missing' });
  });
});

describe('a directory is refused', () => {
  it('that is no model', async () => {
    files = { 'README.md': 'hello' };
    expect(await refusal()).toMatchObject({
      reason: 'not-a-model',
      details: { file: 'mlc-chat-config.json' },
    });
  });

  it('with a config that is not JSON, not text, or absurdly long', async () => {
    files['mlc-chat-config.json'] = '{"model_type": "llama"';
    expect((await refusal()).reason).toBe('json-invalid');
    files['mlc-chat-config.json'] = Uint8Array.of(0x7b, 0xff, 0xfe);
    expect((await refusal()).reason).toBe('json-invalid');
    files['mlc-chat-config.json'] = new Uint8Array(17 * 1024 * 1024);
    expect((await refusal()).reason).toBe('limit-exceeded');
    files['mlc-chat-config.json'] = '['.repeat(1_000_000);
    expect((await refusal()).reason).toBe('json-invalid');
  });

  it('of another architecture or scheme', async () => {
    editConfig({ model_type: 'gemma2' });
    expect(await refusal()).toMatchObject({
      reason: 'architecture-unsupported',
      details: { actual: 'gemma2' },
    });
    editConfig({ model_type: 'llama', quantization: 'q4f16_ft' });
    expect(await refusal()).toMatchObject({ reason: 'scheme-unsupported', details: { actual: 'q4f16_ft' } });
    editConfig({ quantization: '__proto__' });
    expect((await refusal()).reason).toBe('scheme-unsupported');
  });

  it('without a tensor list', async () => {
    delete files['tensor-cache.json'];
    expect(await refusal()).toMatchObject({ reason: 'file-missing', details: { file: 'tensor-cache.json' } });
  });

  it('with a truncated, an overlong or a missing shard', async () => {
    const shard = files['params_shard_1.bin'] as Uint8Array;
    files['params_shard_1.bin'] = shard.subarray(0, shard.length - 1);
    expect(await refusal()).toMatchObject({
      reason: 'size-mismatch',
      details: { file: 'params_shard_1.bin', expected: shard.length, actual: shard.length - 1 },
    });
    delete files['params_shard_1.bin'];
    expect(await refusal()).toMatchObject({
      reason: 'file-missing',
      details: { file: 'params_shard_1.bin' },
    });
  });

  it('with a tensor missing, twice, or of another shape or dtype', async () => {
    const original = files['tensor-cache.json'] ?? '';
    const refused = async (edit: (cache: CacheJson) => void) => {
      files['tensor-cache.json'] = original;
      editCache(edit);
      const { reason, details } = await refusal();
      return `${reason} ${'tensor' in details ? String(details.tensor) : ''}`;
    };
    const first = (cache: CacheJson) => cache.records[0]!.records;
    expect(await refused((cache) => first(cache).splice(1, 1))).toBe(`tensor-missing ${SCALE}`);
    expect(await refused((cache) => first(cache).push(first(cache)[1]!))).toBe(`tensor-bounds ${SCALE}`);
    expect(await refused((cache) => (first(cache)[1]!.shape = [4, 512]))).toBe(`tensor-shape ${SCALE}`);
    expect(await refused((cache) => Object.assign(first(cache)[1]!, { dtype: 'float32' }))).toBe(
      `tensor-shape ${SCALE}`,
    );
    expect(await refused((cache) => Object.assign(first(cache)[1]!, { dtype: 'int8' }))).toBe(
      `dtype-unsupported ${SCALE}`,
    );
  });

  it('with records that lie about bytes, places or counts', async () => {
    const original = files['tensor-cache.json'] ?? '';
    const refused = async (edit: (cache: CacheJson) => void) => {
      files['tensor-cache.json'] = original;
      editCache(edit);
      return (await refusal()).reason;
    };
    const scale = (cache: CacheJson) => cache.records[0]!.records[1]!;
    expect(await refused((cache) => (scale(cache).nbytes = 4098))).toBe('tensor-bounds');
    expect(await refused((cache) => (scale(cache).byteOffset = 119808))).toBe('tensor-bounds');
    expect(await refused((cache) => (scale(cache).byteOffset = -2))).toBe('limit-exceeded');
    expect(await refused((cache) => (scale(cache).byteOffset = 2 ** 53))).toBe('limit-exceeded');
    expect(await refused((cache) => (scale(cache).shape = [2 ** 40, 4]))).toBe('limit-exceeded');
    expect(await refused((cache) => (scale(cache).shape = [1, 1, 1, 1, 1]))).toBe('limit-exceeded');
    expect(await refused((cache) => (scale(cache).name = 'x'.repeat(300)))).toBe('limit-exceeded');
    expect(await refused((cache) => (cache.records[0]!.nbytes = 2 ** 50))).toBe('limit-exceeded');
    expect(await refused((cache) => (cache.records[0]!.dataPath = '../secret.bin'))).toBe('config-invalid');
    expect(await refused((cache) => (cache.records[1]!.dataPath = 'params_shard_0.bin'))).toBe(
      'config-invalid',
    );
    expect(await refused((cache) => ((cache as Partial<CacheJson>).records = undefined!))).toBe(
      'config-invalid',
    );
    expect(
      await refused((cache) => (cache.records[0]!.records = new Array(20_001).fill(scale(cache)) as never)),
    ).toBe('limit-exceeded');
  });
});

describe('checkFiniteFloats', () => {
  const record = { name: 't', shape: [4], shard: 's.bin', byteOffset: 0, byteLength: 8 };
  const half = { ...record, dtype: 'float16', bfloat16: false } as const;
  const brain = { ...record, dtype: 'float32', bfloat16: true } as const;
  const wide = { ...record, dtype: 'float32', bfloat16: false } as const;
  const bytes = (words: number[]) => new Uint8Array(Uint16Array.from(words).buffer);

  it('passes what is finite, and codes of any bits', () => {
    checkFiniteFloats(bytes([0x7bff, 0xfbff, 0, 0x8001]), half);
    checkFiniteFloats(bytes([0x7f7f, 0xff7f, 0x7c00]), brain);
    checkFiniteFloats(new Uint8Array(Float32Array.of(3e38, -1, 0).buffer), wide);
    checkFiniteFloats(bytes([0xffff, 0xffff]), { ...half, dtype: 'uint32' });
  });

  it.each([
    ['NaN in a half', bytes([0, 0, 0x7e00]), half],
    ['infinity in a half', bytes([0xfc00]), half],
    ['NaN in a bfloat16', bytes([0, 0x7fc0]), brain],
    ['infinity in a float32', new Uint8Array(Float32Array.of(1, -Infinity).buffer), wide],
    ['NaN in a float32', new Uint8Array(Float32Array.of(1, 2, NaN).buffer), wide],
  ])('refuses %s', (_, floats, of) => {
    expect(() => {
      checkFiniteFloats(floats, of);
    }).toThrow(
      expect.objectContaining({
        reason: 'tensor-not-finite',
        details: expect.objectContaining({ file: 's.bin' }),
      }),
    );
  });
});

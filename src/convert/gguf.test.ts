import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { folderSource } from '../cli/folder-source.ts';
import { openCheckpoint } from '../format/checkpoint.ts';
import { decodeFloat16 } from '../format/float16.ts';
import { memorySource } from '../format/memory-source.ts';
import { openModelDirectory } from '../format/model-directory.ts';
import { loadWeights } from '../format/load-weights.ts';
import { ropeFrequencies } from '../llama/rope.ts';
import { castToModel } from './cast.ts';
import { encodeGgufRows, ggufRowBytes } from './gguf-blocks.ts';
import { ggufTokenizer } from './gguf-tokenizer.ts';
import { planGguf } from './gguf.ts';
import type { GgufScheme } from './gguf.ts';
import { writtenGguf } from '../../tests/host/written-gguf.ts';

interface ReadTensor {
  shape: number[];
  type: number;
  bytes: Uint8Array;
}
type Scalar = string | number | boolean;

/** A reader of its own, straight from the format's description. */
function readGguf(file: Uint8Array): {
  metadata: Map<string, Scalar | Scalar[]>;
  tensors: Map<string, ReadTensor>;
} {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let at = 0;
  const u32 = (): number => view.getUint32((at += 4) - 4, true);
  const u64 = (): number => Number(view.getBigUint64((at += 8) - 8, true));
  const text = (): string => {
    const length = u64();
    return new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(at, (at += length)));
  };
  const scalar = (type: number): Scalar => {
    if (type === 4) return u32();
    if (type === 5) return view.getInt32((at += 4) - 4, true);
    if (type === 6) return view.getFloat32((at += 4) - 4, true);
    if (type === 7) return view.getUint8(at++) === 1;
    if (type === 8) return text();
    throw new Error(`type ${type}`);
  };
  expect(new TextDecoder().decode(file.subarray(0, 4))).toBe('GGUF');
  at = 4;
  expect(u32()).toBe(3);
  const [tensorCount, valueCount] = [u64(), u64()];
  const metadata = new Map<string, Scalar | Scalar[]>();
  for (let i = 0; i < valueCount; i++) {
    const key = text();
    const type = u32();
    if (type !== 9) metadata.set(key, scalar(type));
    else {
      const inner = u32();
      metadata.set(
        key,
        Array.from({ length: u64() }, () => scalar(inner)),
      );
    }
  }
  const infos = Array.from({ length: tensorCount }, () => {
    const name = text();
    const shape = Array.from({ length: u32() }, u64);
    return { name, shape, type: u32(), offset: u64() };
  });
  const start = Math.ceil(at / 32) * 32;
  const tensors = new Map<string, ReadTensor>();
  for (const { name, shape, type, offset } of infos) {
    expect(offset % 32, name).toBe(0);
    const count = shape.reduce((a, b) => a * b, 1);
    const bytes = { 0: count * 4, 1: count * 2, 2: (count / 32) * 18, 8: (count / 32) * 34 }[type]!;
    tensors.set(name, { shape, type, bytes: file.subarray(start + offset, start + offset + bytes) });
  }
  return { metadata, tensors };
}

/** Values of a tensor by ggml's block layouts. */
function valuesOf({ shape, type, bytes }: ReadTensor): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => {
    const [block, inside] = [i >> 5, i & 31];
    if (type === 0) return view.getFloat32(i * 4, true);
    if (type === 1) return decodeFloat16(view.getUint16(i * 2, true));
    const at = block * (type === 2 ? 18 : 34);
    const scale = decodeFloat16(view.getUint16(at, true));
    if (type === 8) return view.getInt8(at + 2 + inside) * scale;
    const byte = view.getUint8(at + 2 + (inside & 15));
    return ((inside < 16 ? byte & 15 : byte >> 4) - 8) * scale;
  });
}

const write = (checkpoint: string, scheme: GgufScheme): Promise<Uint8Array> =>
  writtenGguf(checkpoint, scheme, 'try');

/** Undoes the permutation by its definition in llama.cpp's converter: [heads, 2, half, columns] with the middle two swapped. */
function unpermute(values: Float64Array, headDim: number, columns: number): Float64Array {
  const half = headDim / 2;
  return Float64Array.from(values, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const [head, inHead] = [Math.floor(row / headDim), row % headDim];
    const [pair, of] = [inHead % half, Math.floor(inHead / half)];
    return values[(head * headDim + pair * 2 + of) * columns + column]!;
  });
}

const GQA = 'tests/golden/gqa-tied';
const TAIL = 'tests/golden/mha-untied-tail';

describe('planGguf', () => {
  it('holds the very weights of q4f16_1 in Q4_0, heads permuted, and says what llama.cpp asks for', async () => {
    const { metadata, tensors } = readGguf(await write(`${GQA}/hf`, 'Q4_0'));
    const directory = await openModelDirectory(folderSource(`${GQA}/mlc`));
    const { config } = directory;
    const weights = await loadWeights(directory);
    const queries = config.numAttentionHeads * config.headDim;
    for (const [i, layer] of weights.layers.entries()) {
      const q = valuesOf(tensors.get(`blk.${i}.attn_q.weight`)!);
      expect(unpermute(q, config.headDim, config.hiddenSize)).toEqual(
        layer.qkv.subarray(0, queries * config.hiddenSize),
      );
      const up = valuesOf(tensors.get(`blk.${i}.ffn_up.weight`)!);
      expect(up).toEqual(layer.gateUp.subarray(layer.gateUp.length / 2));
      expect(valuesOf(tensors.get(`blk.${i}.attn_norm.weight`)!)).toEqual(layer.inputNorm);
    }
    expect(valuesOf(tensors.get('token_embd.weight')!)).toEqual(weights.embedTokens);
    expect(tensors.get('token_embd.weight')!.shape).toEqual([config.hiddenSize, config.vocabSize]);
    expect(tensors.has('output.weight')).toBe(false);
    const plain = ropeFrequencies({ ...config, ropeScaling: null });
    const factors = valuesOf(tensors.get('rope_freqs.weight')!);
    for (const [d, frequency] of ropeFrequencies(config).entries())
      expect(plain[d]! / factors[d]!).toBeCloseTo(frequency, 6);
    expect(Object.fromEntries(metadata)).toMatchObject({
      'general.architecture': 'llama',
      'general.file_type': 2,
      'llama.block_count': config.numHiddenLayers,
      'llama.attention.head_count_kv': config.numKeyValueHeads,
      'tokenizer.ggml.model': 'no_vocab',
    });
  });

  it('leaves rows that are no whole blocks in F16, and rounds Q8_0 to the nearest step', async () => {
    const { tensors } = readGguf(await write(`${TAIL}/hf`, 'Q8_0'));
    expect(tensors.get('blk.0.ffn_down.weight')!.type).toBe(1);
    expect(tensors.get('output.weight')!.type).toBe(8);
    const checkpoint = await openCheckpoint(folderSource(`${TAIL}/hf`));
    const part = checkpoint.parts.get('lm_head.weight')!;
    const raw = await checkpoint.source.read(part.file, part.byteOffset, part.byteLength);
    const exact = castToModel(raw, 'BF16', 'float32');
    const values = valuesOf(tensors.get('output.weight')!);
    for (let block = 0; block < exact.length; block += 32) {
      const largest = Math.max(...exact.subarray(block, block + 32).map(Math.abs));
      for (let i = block; i < block + 32; i++)
        expect(Math.abs(values[i]! - exact[i]!)).toBeLessThanOrEqual((largest / 127) * 0.56);
    }
  });

  it('lays blocks and halves out as ggml does', () => {
    expect(ggufRowBytes('Q4_0', 64)).toBe(36);
    expect(encodeGgufRows('F16', Float32Array.of(1, -2), 1, 2)).toEqual(Uint8Array.of(0, 0x3c, 0, 0xc0));
  });

  it('stops when told, and names a checkpoint without weights', async () => {
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    const options = { scheme: 'F16', name: 'x', licence: 'x', signal: abort.signal } as const;
    const plan = await planGguf(folderSource(`${GQA}/hf`), options);
    const sink = { write: () => Promise.resolve(), close: () => Promise.resolve() };
    await expect(plan.write(sink)).rejects.toThrow('enough');
    await expect(planGguf(memorySource({}), options)).rejects.toMatchObject({ reason: 'not-a-model' });
  });
});

describe('ggufTokenizer', () => {
  const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
  const semilla = 'tests/golden/semilla/hf';

  it("takes the starter model's tokens, merges, special tokens and template", () => {
    const files = {
      tokenizerJson: json(`${semilla}/tokenizer.json`),
      tokenizerConfig: json(`${semilla}/tokenizer_config.json`),
    };
    const entries = ggufTokenizer(files, 4096, [4092]);
    const value = (key: string): unknown => entries.get(key)?.value;
    expect(value('tokenizer.ggml.model')).toBe('gpt2');
    expect(value('tokenizer.ggml.pre')).toBe('smaug-bpe');
    const tokens = value('tokenizer.ggml.tokens') as string[];
    const types = value('tokenizer.ggml.token_type') as number[];
    expect(tokens).toHaveLength(4096);
    expect([tokens[4092], types[4092], types[300]]).toEqual(['<|eot_id|>', 3, 1]);
    expect(value('tokenizer.ggml.merges')).toHaveLength(3832);
    expect([value('tokenizer.ggml.bos_token_id'), value('tokenizer.ggml.eos_token_id')]).toEqual([
      4088, 4092,
    ]);
    expect(value('tokenizer.ggml.add_bos_token')).toBe(true);
    expect(value('tokenizer.chat_template')).toContain('start_header_id');
  });

  it('writes SentencePiece-style tokenizers with bytes and scores by rank', () => {
    const tokenizerJson = json('tests/golden/tokenizers/sentencepiece-legacy.json') as {
      model: { vocab: Record<string, number>; merges: (string | string[])[] };
    };
    const size = Math.max(...Object.values(tokenizerJson.model.vocab)) + 9;
    const entries = ggufTokenizer({ tokenizerJson, tokenizerConfig: { add_bos_token: false } }, size, [2]);
    expect(entries.get('tokenizer.ggml.model')?.value).toBe('llama');
    const scores = entries.get('tokenizer.ggml.scores')?.value as number[];
    const types = entries.get('tokenizer.ggml.token_type')?.value as number[];
    const merged = tokenizerJson.model.merges.map((merge) =>
      (typeof merge === 'string' ? merge.split(' ') : merge).join(''),
    );
    const ranked = [...new Set(merged)].map((token) => scores[tokenizerJson.model.vocab[token]!]!);
    expect(ranked).toEqual([...ranked].sort((a, b) => b - a));
    expect(types[tokenizerJson.model.vocab['<0x0A>']!]).toBe(6);
    expect(types[size - 1]).toBe(5);
  });

  it('refuses what llama.cpp would split otherwise, and ids beyond the model', () => {
    const good = json(`${semilla}/tokenizer.json`) as { pre_tokenizer: unknown };
    const other = { ...good, pre_tokenizer: { type: 'Split', pattern: { Regex: '\\w+' } } };
    const refused = expect.objectContaining({ reason: 'tokenizer-invalid' }) as unknown;
    expect(() => ggufTokenizer({ tokenizerJson: other, tokenizerConfig: {} }, 4096, [])).toThrow(
      refused as Error,
    );
    expect(() => ggufTokenizer({ tokenizerJson: good, tokenizerConfig: {} }, 4000, [])).toThrow(
      refused as Error,
    );
    const unigram = { model: { type: 'Unigram', vocab: [] } };
    expect(() => ggufTokenizer({ tokenizerJson: unigram, tokenizerConfig: {} }, 10, [])).toThrow(
      refused as Error,
    );
  });
});

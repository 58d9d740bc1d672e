import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { castToModel } from '../convert/cast.ts';
import { openCheckpoint } from '../format/checkpoint.ts';
import { loadWeights, readFloats } from '../format/load-weights.ts';
import { openModelDirectory, readTensor } from '../format/model-directory.ts';
import { SCHEMES } from '../format/schemes.ts';
import type { SchemeName } from '../format/schemes.ts';
import type { LlamaConfig } from '../llama/config.ts';
import { readTokenizerFiles } from '../format/tokenizer-files.ts';
import { createForwardPass } from '../llama/forward.ts';
import { SHAPES } from '../llama/shapes.ts';
import { loadTokenizer } from '../tokenizer/tokenizer.ts';
import { createFolderSink } from './folder-sink.ts';
import { folderSource } from './folder-source.ts';
import { main, synthesize } from './synth.ts';

/** Rows that leave a part of a group at the end, in 4 bits and in 3; two layers of it take no time. */
const TINY: LlamaConfig = {
  ...SHAPES['tucano-2b4'],
  hiddenSize: 80,
  intermediateSize: 210,
  numHiddenLayers: 2,
  numAttentionHeads: 4,
  numKeyValueHeads: 2,
  headDim: 20,
  vocabSize: 301,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'yupana-synth-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function written(name: string, scheme: SchemeName, config = TINY, seed = 7) {
  const out = path.join(folder, name);
  const sink = await createFolderSink(out);
  await synthesize(config, sink, { scheme: SCHEMES[scheme], seed });
  await sink.commit();
  return openModelDirectory(folderSource(out));
}

describe('synthesize', () => {
  test.each(Object.keys(SCHEMES) as SchemeName[])(
    '%s: a directory the reader takes, its weights sane',
    async (scheme) => {
      const directory = await written('a', scheme);
      expect(directory.config).toEqual(TINY);
      expect(directory.scheme.name).toBe(scheme);
      expect(directory.stopTokenIds).toEqual([]);
      const weights = await loadWeights(directory);
      const down = weights.layers[1]!.down;
      const square = down.reduce((sum, value) => sum + value * value, 0) / down.length;
      const mean = down.reduce((sum, value) => sum + value, 0) / down.length;
      expect(Math.sqrt(square * TINY.intermediateSize)).toBeCloseTo(1, 1);
      expect(Math.abs(mean)).toBeLessThan(0.02 / Math.sqrt(TINY.intermediateSize));
      expect(Math.min(...weights.norm)).toBeGreaterThan(0.79);

      const pass = createForwardPass(TINY, weights);
      for (const token of [3, 300, 17]) pass.step(token);
      const logits = pass.logits(pass.step(9));
      const deviation = Math.sqrt(logits.reduce((sum, value) => sum + value * value, 0) / logits.length);
      expect(deviation).toBeGreaterThan(0.3);
      expect(deviation).toBeLessThan(3);
    },
  );

  test.each(['q4f16_1', 'q3f16_1'] as const)(
    '%s: no code is above 2 M, none past the end of a row',
    async (name) => {
      const scheme = SCHEMES[name];
      const directory = await written('a', name);
      const record = directory.tensors.get('model.layers.0.mlp.down_proj.q_weight')!;
      const bytes = await readTensor(directory, record.name);
      const words = new Uint32Array(bytes.buffer);
      const perRow = record.shape[1]!;
      const counts = new Array<number>(2 ** scheme.bits).fill(0);
      let past = 0;
      for (const [i, word] of words.entries()) {
        for (let n = 0; n < scheme.perWord; n++) {
          const code = (word >>> (n * scheme.bits)) & (2 ** scheme.bits - 1);
          if ((i % perRow) * scheme.perWord + n < TINY.intermediateSize) counts[code]!++;
          else past += code;
        }
        past += scheme.bits === 3 ? word >>> 30 : 0;
      }
      expect(past).toBe(0);
      expect(counts.at(-1)).toBe(0);
      expect(Math.min(...counts.slice(0, -1))).toBeGreaterThan(0);
    },
  );

  test('a cut keeps the layers it has, another seed changes them', async () => {
    const name = 'model.layers.0.self_attn.qkv_proj';
    const values = async (directory: Awaited<ReturnType<typeof written>>) => [
      ...(await readTensor(directory, `${name}.q_weight`)),
      ...(await readFloats(directory, `${name}.q_scale`)),
    ];
    const full = await values(await written('a', 'q4f16_1'));
    const cut = await values(await written('b', 'q4f16_1', { ...TINY, numHiddenLayers: 1 }));
    const other = await values(await written('c', 'q4f16_1', TINY, 8));
    expect(cut).toEqual(full);
    expect(other).not.toEqual(full);
  });
});

describe('a checkpoint', () => {
  test('is opened like any other, its weights sane, with the tokenizer it was given', async () => {
    const out = path.join(folder, 'hf');
    const words = new URL('../../tests/golden/semilla/hf/', import.meta.url).pathname;
    const args = ['llama-3.2-1b', out, '--checkpoint', '--tokenizer', words, '--layers', '1', '--seed', '9'];
    expect(await main(args)).toBe(0);
    const { config, parts } = await openCheckpoint(folderSource(out));
    expect(config).toEqual({ ...SHAPES['llama-3.2-1b'], numHiddenLayers: 1, vocabSize: 4096 });
    const [name, columns] = ['model.layers.0.mlp.up_proj.weight', config.hiddenSize];
    const { file, byteOffset } = parts.get(name)!;
    const bytes = await folderSource(out).read(file, byteOffset, 256 * columns * 2);
    const values = castToModel(bytes, 'BF16', 'float32');
    const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.sqrt(square * columns)).toBeCloseTo(1, 2);
    expect(await readdir(out)).toEqual([
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);

    // What is not text has no logit: <|begin_of_text|>, which comes before "a".
    const embedding = parts.get('model.embed_tokens.weight')!;
    const { encode } = loadTokenizer(await readTokenizerFiles(folderSource(out)), config.vocabSize);
    const rows = encode('a');
    expect(rows).toHaveLength(2);
    const sums = rows.map(async (id) => {
      const at = embedding.byteOffset + id * columns * 2;
      return (await folderSource(out).read(file, at, columns * 2)).some((byte) => byte !== 0);
    });
    expect(await Promise.all(sums)).toEqual([false, true]);
  });

  test('a tokenizer without --checkpoint is a mistake', async () => {
    await expect(main(['llama-3.2-1b', path.join(folder, 'x'), '--tokenizer', folder])).rejects.toThrow(
      '--tokenizer goes with --checkpoint',
    );
  });
});

describe('the command', () => {
  test('refuses what it does not know, and a folder that is not empty, and leaves nothing behind', async () => {
    await expect(main(['llama-9', path.join(folder, 'x')])).rejects.toThrow(
      /unknown shape llama-9: there are/,
    );
    await expect(main(['tinyllama-1.1b', path.join(folder, 'x'), '--layers', '23'])).rejects.toThrow(
      '--layers 23: expected a whole number from 1 to 22',
    );
    await writeFile(path.join(folder, 'kept'), 'mine');
    await expect(main(['tinyllama-1.1b', folder, '--layers', '1'])).rejects.toMatchObject({
      reason: 'storage-failed',
    });
    expect(await readdir(folder)).toEqual(['kept']);
  });
});

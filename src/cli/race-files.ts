// What a race runs on: one checkpoint converted to both formats with the same weights, the page, and prompts of known length.

import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { convertCheckpoint } from '../convert/convert.ts';
import { planGguf } from '../convert/gguf.ts';
import { SCHEMES } from '../format/schemes.ts';
import type { ShardSource } from '../format/shard-source.ts';
import { readTokenizerFiles } from '../format/tokenizer-files.ts';
import type { RacePrompt } from '../race/protocol.ts';
import { loadTokenizer } from '../tokenizer/tokenizer.ts';
import { createFileSink } from './file-sink.ts';
import { createFolderSink } from './folder-sink.ts';

export const GGUF_NAME = 'model.gguf';
export const LIBRARY_NAME = 'model.wasm';

export interface RaceFolders {
  page: string;
  model: string;
  gguf: string;
}

/** @param root the repository; @param folder is filled */
export async function buildRacePage(root: string, folder: string): Promise<void> {
  const { build } = await import('vite');
  await build({
    root: path.join(root, 'src/race'),
    configFile: false,
    logLevel: 'error',
    base: './',
    publicDir: false,
    build: {
      outDir: folder,
      target: 'es2023',
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 10_000,
    },
    worker: { format: 'es' },
  });
}

/** Builds the page and converts the checkpoint. @param root the repository */
export async function prepareRace(
  root: string,
  folder: string,
  checkpoint: ShardSource,
  library: string | undefined,
  signal: AbortSignal,
): Promise<RaceFolders> {
  const folders = {
    page: path.join(folder, 'page'),
    model: path.join(folder, 'model'),
    gguf: path.join(folder, 'gguf'),
  };
  const sink = await createFolderSink(folders.model);
  const words = { source: 'race', licence: 'unknown', signal };
  await convertCheckpoint(checkpoint, sink, { scheme: SCHEMES.q4f16_1, ...words });
  await sink.commit();
  const plan = await planGguf(checkpoint, { scheme: 'Q4_0', name: 'race', ...words });
  const file = await createFileSink(path.join(folders.gguf, GGUF_NAME));
  await plan.write(file);
  await file.commit();
  await buildRacePage(root, folders.page);
  if (library !== undefined) {
    await mkdir(path.join(folders.page, 'lib'), { recursive: true });
    await copyFile(library, path.join(folders.page, 'lib', LIBRARY_NAME));
  }
  return folders;
}

const PASSAGE =
  'La escuela queda cerca del río. Los niños llegan temprano, dejan sus cuadernos sobre la mesa y cuentan lo que vieron en el camino: un perro, dos pájaros y una nube con forma de montaña. ';
/** Prompts begin differently, so that nobody reuses another's prefix. */
const OPENINGS = [
  'Uno',
  'Dos',
  'Tres',
  'Cuatro',
  'Cinco',
  'Seis',
  'Siete',
  'Ocho',
  'Nueve',
  'Diez',
  'Once',
  'Doce',
];
export const MOST_PROMPTS = OPENINGS.length;

/**
 * Texts of at most `length` tokens, with what the tokenizer itself puts first, as near to it as whole words come.
 * Throws what the tokenizer throws; a checkpoint without one cannot race against what takes text only.
 */
export async function racePrompts(
  checkpoint: ShardSource,
  vocabSize: number,
  count: number,
  length: number,
): Promise<RacePrompt[]> {
  const tokenizer = loadTokenizer(await readTokenizerFiles(checkpoint), vocabSize);
  return OPENINGS.slice(0, count).map((opening) => {
    const words = `${opening}. ${PASSAGE.repeat(Math.ceil(length / 20))}`.split(' ');
    const prompt = (kept: number): RacePrompt => {
      const text = words.slice(0, kept).join(' ');
      return { text, ids: tokenizer.encode(text) };
    };
    let [fits, over] = [1, words.length];
    while (over - fits > 1) {
      const middle = (fits + over) >> 1;
      if (prompt(middle).ids.length <= length) fits = middle;
      else over = middle;
    }
    return prompt(fits);
  });
}

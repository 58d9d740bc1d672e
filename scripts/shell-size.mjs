// The JavaScript that the first screen waits for, told at each build; one beyond the budget fails it.

import { brotliCompressSync } from 'node:zlib';

/**
 * @typedef {Record<string, {
 *   type: string, fileName: string, isEntry?: boolean, facadeModuleId?: string | null, code?: string, imports?: string[]
 * }>} Bundle
 */

/** Brotli bytes: on a 3G line three seconds, and less than a phone parses in one. */
export const SHELL_BUDGET = 130 * 1024;

/** One of these is loaded before the first paint: the largest is counted. */
const LANGUAGE = /\/text\/\w+\/dictionary\.ts$/;

/**
 * Every chunk that the page's own entries import before anything runs, and one language; what they import later is not counted.
 * @param {Bundle} bundle
 * @returns {{ fileName: string, bytes: number }[]} largest first
 */
export function shellChunks(bundle) {
  const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
  const entries = chunks.filter(({ isEntry }) => isEntry);
  const languages = chunks.filter(({ facadeModuleId }) => LANGUAGE.test(facadeModuleId ?? ''));
  const sizes = reached(bundle, entries);
  const largest = languages
    .map((language) => reached(bundle, [...entries, language]))
    .sort((a, b) => sum(b) - sum(a))
    .at(0);
  return [...(largest ?? sizes)]
    .map(([fileName, bytes]) => ({ fileName, bytes }))
    .sort((a, b) => b.bytes - a.bytes);
}

/** @param {Map<string, number>} sizes */
const sum = (sizes) => [...sizes.values()].reduce((total, bytes) => total + bytes, 0);

/**
 * @param {Bundle} bundle
 * @param {Bundle[string][]} from
 */
function reached(bundle, from) {
  const waiting = [...from];
  /** @type {Map<string, number>} */
  const sizes = new Map();
  for (let chunk = waiting.pop(); chunk; chunk = waiting.pop()) {
    if (sizes.has(chunk.fileName) || chunk.code === undefined) continue;
    sizes.set(chunk.fileName, brotliCompressSync(chunk.code).length);
    for (const name of chunk.imports ?? []) {
      const next = bundle[name];
      if (next) waiting.push(next);
    }
  }
  return sizes;
}

/** @returns {import('vite').Plugin} */
export function shellSize(budget = SHELL_BUDGET) {
  return {
    name: 'yupana:shell-size',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const chunks = shellChunks(/** @type {any} */ (bundle));
        const total = chunks.reduce((sum, { bytes }) => sum + bytes, 0);
        const told = chunks.map(({ fileName, bytes }) => `${fileName} ${bytes}`).join(', ');
        console.log(`shell JavaScript: ${total} bytes of Brotli, of ${budget} (${told})`);
        if (total > budget) this.error(`the shell is ${total - budget} bytes of Brotli beyond its budget`);
      },
    },
  };
}

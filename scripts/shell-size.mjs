// The JavaScript that the first screen waits for, told at each build; one beyond the budget fails it.

import { brotliCompressSync } from 'node:zlib';

/** Brotli bytes: on a 3G line three seconds, and less than a phone parses in one. */
export const SHELL_BUDGET = 150 * 1024;

/**
 * Every chunk that the page's own entries import before anything runs; what they import later is not counted.
 * @param {Record<string, {type: string, fileName: string, isEntry?: boolean, code?: string, imports?: string[]}>} bundle
 * @returns {{ fileName: string, bytes: number }[]} largest first
 */
export function shellChunks(bundle) {
  const waiting = Object.values(bundle).filter((file) => file.type === 'chunk' && file.isEntry);
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
  return [...sizes].map(([fileName, bytes]) => ({ fileName, bytes })).sort((a, b) => b.bytes - a.bytes);
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

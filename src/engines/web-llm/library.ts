// A compiled model library among a model's files, and the addresses that web-llm is told for what our store holds.

import { modelVersion } from '@mlc-ai/web-llm';
import { LIBRARY_FILE } from '../../format/manifest.ts';

/** Version of the libraries that the web-llm of this build can link, as MLC's folder names it: "v0_2_86/base". */
export const LIBRARY_VERSION: string = modelVersion;

/**
 * Addresses that nothing answers but our own `caches`: the reserved name keeps them off every network, and web-llm goes past
 * `caches` for a library whose address is relative or says "localhost".
 */
const HOST = 'https://yupana.invalid';

export const modelAddress = (modelId: string): string =>
  `${HOST}/${encodeURIComponent(modelId)}/resolve/main/`;

export const fileAddress = (modelId: string, path: string): string =>
  new URL(encodeURIComponent(path), modelAddress(modelId)).href;

/** The library among a directory's files: the one the download put there, or else the only .wasm. */
export function libraryAmong(paths: readonly string[]): string | undefined {
  if (paths.includes(LIBRARY_FILE)) return LIBRARY_FILE;
  const found = paths.filter((path) => path.endsWith('.wasm'));
  return found.length === 1 ? found[0] : undefined;
}

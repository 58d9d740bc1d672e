import { readdirSync, readFileSync } from 'node:fs';

export type Files = Record<string, Uint8Array<ArrayBuffer>>;

export const encodeJson = (json: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(JSON.stringify(json));

/** The files of a folder of tests/golden. */
export function goldenFiles(path: string): Files {
  const at = new URL(`../golden/${path}/`, import.meta.url);
  return Object.fromEntries(
    readdirSync(at).map((name) => [name, new Uint8Array(readFileSync(new URL(name, at)))]),
  );
}

/** For the tiny models, which have no tokenizer of their own. */
export const EMPTY_TOKENIZER: Files = {
  'tokenizer.json': encodeJson({ model: {} }),
  'tokenizer_config.json': encodeJson({}),
};

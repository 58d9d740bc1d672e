import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../failures.ts';
import { parseManifest, planFromManifest, planFromTensorCache } from './manifest.ts';
import { parseTensorCache } from './tensor-cache.ts';

type Fields = Record<string, unknown>;

const digest = 'ab'.repeat(32);
const file = (change: Fields = {}): Fields => ({
  path: 'params_shard_0.bin',
  bytes: 10,
  sha256: digest,
  ...change,
});
const manifest = (change: Fields = {}): Fields => ({
  version: 1,
  scheme: 'q4f16_1',
  source: 'somewhere',
  licence: 'Apache-2.0',
  bytes: 15,
  files: [file(), file({ path: 'tokenizer.json', bytes: 5 })],
  ...change,
});

function reason(json: unknown): string {
  try {
    parseManifest(json);
  } catch (error) {
    if (error instanceof EngineError) return error.reason;
  }
  return 'accepted';
}

describe('a manifest', () => {
  it('is read as written', () => {
    expect(parseManifest(manifest())).toEqual(manifest());
  });

  it.each<[string, unknown]>([
    ['no object', []],
    ['another version', manifest({ version: 2 })],
    ['no files', manifest({ files: [] })],
    ['files that are no list', manifest({ files: {} })],
    ['a sum that is not its files’', manifest({ bytes: 16 })],
    ['a path that leaves the folder', manifest({ files: [file({ path: '../x', bytes: 15 })] })],
    ['a path with a folder', manifest({ files: [file({ path: 'a/b', bytes: 15 })] })],
    ['a hidden file', manifest({ files: [file({ path: '.ssh', bytes: 15 })] })],
    ['itself among its files', manifest({ files: [file({ path: 'manifest.json', bytes: 15 })] })],
    ['the same path twice', manifest({ bytes: 20, files: [file(), file()] })],
    ['a short digest', manifest({ files: [file({ bytes: 15, sha256: 'ab' })] })],
    ['a negative size', manifest({ files: [file({ bytes: -1 })] })],
    ['a size beyond every shard', manifest({ bytes: 2 ** 40, files: [file({ bytes: 2 ** 40 })] })],
    ['a licence that is no text', manifest({ licence: null })],
    ['a source longer than it needs', manifest({ source: 'x'.repeat(501) })],
  ])('is refused with %s', (_, json) => {
    expect(reason(json)).toBe('manifest-invalid');
  });

  it('plans small files first', () => {
    expect(planFromManifest(parseManifest(manifest()))).toEqual([
      { path: 'tokenizer.json', bytes: 5, digest: { algorithm: 'sha256', hex: digest } },
      { path: 'params_shard_0.bin', bytes: 10, digest: { algorithm: 'sha256', hex: digest } },
    ]);
  });
});

it('without a manifest, the tensor list plans the shards by their md5, where it has one', () => {
  const json = JSON.parse(readFileSync('tests/golden/gqa-tied/mlc/tensor-cache.json', 'utf8')) as {
    records: Fields[];
  };
  delete json.records[1]!['md5sum'];
  expect(planFromTensorCache(parseTensorCache(json, 'tensor-cache.json'))).toEqual([
    {
      path: 'params_shard_0.bin',
      bytes: 119808,
      digest: { algorithm: 'md5', hex: 'd284fa70dd814fd8c3cc4f063e0496c0' },
    },
    { path: 'params_shard_1.bin', bytes: 111104, digest: undefined },
    {
      path: 'params_shard_2.bin',
      bytes: 28416,
      digest: { algorithm: 'md5', hex: 'c9116fa0194ecfd12763b8322f1fe7b0' },
    },
  ]);
});

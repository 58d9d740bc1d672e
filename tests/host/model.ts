// A model directory made of random bytes, with a manifest that is right: what a download needs, not what an engine does.

import { createHash } from 'node:crypto';
import { random } from './random.ts';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export interface TestModel {
  files: Record<string, Uint8Array<ArrayBuffer>>;
  /** `files` and manifest.json. */
  served: Record<string, Uint8Array<ArrayBuffer>>;
  manifestSha256: string;
}

export function manifestOf(files: Record<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const list = Object.entries(files).map(([path, bytes]) => ({
    path,
    bytes: bytes.length,
    sha256: sha256(bytes),
  }));
  return new TextEncoder().encode(
    JSON.stringify({
      version: 1,
      scheme: 'q4f16_1',
      source: 'test',
      licence: 'Apache-2.0',
      bytes: list.reduce((sum, { bytes }) => sum + bytes, 0),
      files: list,
    }),
  );
}

/** @param lengths file name -> bytes */
export function testModel(seed: number, lengths: Record<string, number>): TestModel {
  const { bytes } = random(seed);
  const files = Object.fromEntries(Object.entries(lengths).map(([path, length]) => [path, bytes(length)]));
  const manifest = manifestOf(files);
  return { files, served: { ...files, 'manifest.json': manifest }, manifestSha256: sha256(manifest) };
}

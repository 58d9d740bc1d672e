// What a mirror made by `npm run mirror` says of itself: mirror.json, the one file of it that changes. Everything else lies under
// sha256/<hex>, named by its content.

import { EngineError } from '../failures.ts';
import { asObject } from '../llama/json-fields.ts';

export const MIRROR_FILE = 'mirror.json';
/** Some 10,000 models. */
export const MAX_MIRROR_BYTES = 4 * 2 ** 20;

export interface MirroredModel {
  id: string;
  name: string;
  licence: string;
  scheme: string;
  bytes: number;
  /** sha256 (hex) of its manifest.json, which names every other file. */
  manifest: string;
}

/** Path of a file inside a mirror. */
export const mirrorPath = (sha256: string): string => `sha256/${sha256}`;

/** Throws "manifest-invalid", "config-invalid". */
export function parseMirror(json: unknown): MirroredModel[] {
  const where = { file: MIRROR_FILE, path: '' };
  const { version, models } = asObject(json, where);
  const refuse = (expected: string): EngineError =>
    new EngineError('manifest-invalid', `${MIRROR_FILE}: expected ${expected}`, {
      file: MIRROR_FILE,
      expected,
    });
  if (version !== 1) throw refuse('version 1');
  if (!Array.isArray(models)) throw refuse('a list of models');
  return models.map((entry: unknown) => {
    const { id, name, licence, scheme, bytes, manifest } = asObject(entry, where);
    if (typeof id !== 'string' || typeof manifest !== 'string' || !/^[0-9a-f]{64}$/.test(manifest)) {
      throw refuse('id and manifest of each model');
    }
    const text = (value: unknown, otherwise: string): string =>
      typeof value === 'string' ? value : otherwise;
    return {
      id,
      name: text(name, id),
      licence: text(licence, 'unknown'),
      scheme: text(scheme, 'unknown'),
      bytes: typeof bytes === 'number' && bytes >= 0 ? bytes : 0,
      manifest,
    };
  });
}

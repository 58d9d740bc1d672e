// A model as a mirror made by `npm run mirror` holds it.

import { sha256 } from './model.ts';
import type { TestModel } from './model.ts';

/** @returns path -> bytes, with mirror.json */
export function mirrorOf(id: string, model: TestModel): Record<string, Uint8Array> {
  const manifest = model.served['manifest.json']!;
  const index = {
    version: 1,
    models: [
      { id, name: id, licence: 'Apache-2.0', scheme: 'q4f16_1', bytes: 1, manifest: sha256(manifest) },
    ],
  };
  return {
    'mirror.json': new TextEncoder().encode(JSON.stringify(index)),
    ...Object.fromEntries(Object.values(model.served).map((bytes) => [`sha256/${sha256(bytes)}`, bytes])),
  };
}

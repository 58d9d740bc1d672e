// A model that never ends its answer: the bench wants so many tokens, whatever the model would say to a prompt of random ids.

import { readJsonIfThere } from '../../format/json-file.ts';
import { MLC_CONFIG_FILE } from '../../format/model-directory.ts';
import type { ShardSource } from '../../format/shard-source.ts';

/** Files that name stop tokens, see `stopTokenIds`. */
const FILES = [MLC_CONFIG_FILE, 'generation_config.json'];

function withoutStops(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  return Object.fromEntries(
    Object.entries(json)
      .filter(([key]) => key !== 'eos_token_id' && key !== 'stop_token_ids')
      .map(([key, value]) => [key, key === 'conv_template' ? withoutStops(value) : value]),
  );
}

/** The same files, but for the stop tokens their configs name. */
export async function endlessSource(source: ShardSource): Promise<ShardSource> {
  const replaced = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const file of FILES) {
    const json = await readJsonIfThere(source, file);
    if (json !== undefined) replaced.set(file, new TextEncoder().encode(JSON.stringify(withoutStops(json))));
  }
  return {
    name: source.name,
    size: async (path) => replaced.get(path)?.length ?? source.size(path),
    read: async (path, offset, length) =>
      replaced.get(path)?.slice(offset, offset + length) ?? source.read(path, offset, length),
  };
}

// A model that never ends its answer: the bench wants so many tokens, whatever the model would say to a prompt of random ids.

import { MAX_TOKENIZER_BYTES, readJsonIfThere } from '../../format/json-file.ts';
import { MLC_CONFIG_FILE } from '../../format/model-directory.ts';
import type { ShardSource } from '../../format/shard-source.ts';
import { END_NAMES } from '../../tokenizer/turn-end.ts';

/** Files that name stop tokens, see `stopTokenIds` and `tokenizerEndIds`; the chat template names them too. */
const FILES = [MLC_CONFIG_FILE, 'generation_config.json', 'tokenizer_config.json'];
const LEFT_OUT = ['special_tokens_map.json', 'chat_template.jinja'];
const FIELDS = ['eos_token_id', 'stop_token_ids', 'stop_str', 'stop_strings', 'eos_token', 'chat_template'];

function withoutStops(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  return Object.fromEntries(
    Object.entries(json)
      .filter(([key]) => !FIELDS.includes(key))
      .map(([key, value]) => [key, key === 'conv_template' ? withoutStops(value) : value]),
  );
}

/** The same tokenizer, with the tokens that end turns under names that say nothing. */
function withoutEndNames(json: unknown): unknown {
  const added: unknown = (json as { added_tokens?: unknown } | null)?.added_tokens;
  if (!Array.isArray(added)) return json;
  const renamed = (added as { content?: unknown }[]).map((token) =>
    typeof token?.content === 'string' && END_NAMES.has(token.content)
      ? { ...token, content: `<|endless ${token.content.replaceAll(/[^a-z]/gi, '')}|>` }
      : token,
  );
  return { ...(json as object), added_tokens: renamed };
}

/** The same files, but for what ends an answer. */
export async function endlessSource(source: ShardSource): Promise<ShardSource> {
  const replaced = new Map<string, Uint8Array<ArrayBuffer>>();
  const replace = (file: string, json: unknown) =>
    replaced.set(file, new TextEncoder().encode(JSON.stringify(json)));
  for (const file of FILES) {
    const json = await readJsonIfThere(source, file);
    if (json !== undefined) replace(file, withoutStops(json));
  }
  const tokenizer = await readJsonIfThere(source, 'tokenizer.json', MAX_TOKENIZER_BYTES);
  if (tokenizer !== undefined) replace('tokenizer.json', withoutEndNames(tokenizer));
  return {
    name: source.name,
    size: async (path) =>
      LEFT_OUT.includes(path) ? undefined : (replaced.get(path)?.length ?? source.size(path)),
    read: async (path, offset, length) =>
      replaced.get(path)?.slice(offset, offset + length) ?? source.read(path, offset, length),
  };
}

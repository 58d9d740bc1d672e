// The files of a directory that a tokenizer is made of.

import {
  MAX_TEMPLATE_BYTES,
  MAX_TOKENIZER_BYTES,
  readJson,
  readJsonIfThere,
  readTextIfThere,
} from './json-file.ts';
import type { ShardSource } from './shard-source.ts';

/** What `loadTokenizer` takes. */
export interface TokenizerFiles {
  tokenizerJson: unknown;
  tokenizerConfig: unknown;
  /** Text of chat_template.jinja, where the directory keeps its template there. */
  chatTemplate?: string;
  /** special_tokens_map.json, where there is one. */
  specialTokensMap?: unknown;
}

/** Reads tokenizer.json, tokenizer_config.json, chat_template.jinja and special_tokens_map.json. Throws "file-missing" where the first is not there. */
export async function readTokenizerFiles(source: ShardSource): Promise<TokenizerFiles> {
  const tokenizerJson = await readJson(source, 'tokenizer.json', MAX_TOKENIZER_BYTES);
  const tokenizerConfig = (await readJsonIfThere(source, 'tokenizer_config.json')) ?? {};
  const chatTemplate = await readTextIfThere(source, 'chat_template.jinja', MAX_TEMPLATE_BYTES);
  const specialTokensMap = await readJsonIfThere(source, 'special_tokens_map.json');
  return {
    tokenizerJson,
    tokenizerConfig,
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
    ...(specialTokensMap === undefined ? {} : { specialTokensMap }),
  };
}

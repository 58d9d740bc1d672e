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
}

/** Reads tokenizer.json, tokenizer_config.json and chat_template.jinja. Throws "file-missing" where the first is not there. */
export async function readTokenizerFiles(source: ShardSource): Promise<TokenizerFiles> {
  const tokenizerJson = await readJson(source, 'tokenizer.json', MAX_TOKENIZER_BYTES);
  const tokenizerConfig = (await readJsonIfThere(source, 'tokenizer_config.json')) ?? {};
  const chatTemplate = await readTextIfThere(source, 'chat_template.jinja', MAX_TEMPLATE_BYTES);
  return chatTemplate === undefined
    ? { tokenizerJson, tokenizerConfig }
    : { tokenizerJson, tokenizerConfig, chatTemplate };
}

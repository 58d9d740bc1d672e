// A model directory's tokenizer. A directory may have none (random weights for tests): then only token ids go in and out.

import { EngineError } from '../engine.ts';
import type { Message, Vocabulary } from '../engine.ts';
import type { ShardSource } from '../format/shard-source.ts';
import { readTokenizerFiles } from '../format/tokenizer-files.ts';
import { loadTokenizer } from '../tokenizer/tokenizer.ts';
import type { StreamDecoder } from '../tokenizer/tokenizer.ts';

export interface ModelText {
  encodeChat(messages: readonly Message[], begun?: string): number[];
  /** The text that `encodeChat` encodes. */
  renderChat(messages: readonly Message[]): string;
  encode(text: string): number[];
  decode(tokens: readonly number[]): string;
  streamDecoder(): StreamDecoder;
  spelled(): Omit<Vocabulary, 'stopTokens'>;
}

function withoutTokenizer(source: ShardSource): ModelText {
  const missing = (): never => {
    throw new EngineError('file-missing', `${source.name}: tokenizer.json is missing`, {
      file: 'tokenizer.json',
      model: source.name,
    });
  };
  return {
    encodeChat: missing,
    renderChat: missing,
    encode: missing,
    decode: missing,
    spelled: missing,
    streamDecoder: () => ({ push: () => '', end: () => '' }),
  };
}

/** Throws "tokenizer-invalid" and "template-invalid"; without a tokenizer.json, its functions throw "file-missing". */
export async function loadModelText(source: ShardSource, vocabSize?: number): Promise<ModelText> {
  if ((await source.size('tokenizer.json')) === undefined) return withoutTokenizer(source);
  return loadTokenizer(await readTokenizerFiles(source), vocabSize);
}

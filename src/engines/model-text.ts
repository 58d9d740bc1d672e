// A model directory's tokenizer. A directory may have none (random weights for tests): then only token ids go in and out.

import { EngineError } from '../failures.ts';
import type { ChatTurn, Tool, ToolFormat, Vocabulary } from '../engine.ts';
import type { ModelDirectory } from '../format/model-directory.ts';
import type { ShardSource } from '../format/shard-source.ts';
import { tokenizerEndIds } from '../format/stop-tokens.ts';
import { readTokenizerFiles } from '../format/tokenizer-files.ts';
import { loadTokenizer } from '../tokenizer/tokenizer.ts';
import type { StreamDecoder } from '../tokenizer/tokenizer.ts';

export interface ModelText {
  encodeChat(messages: readonly ChatTurn[], begun?: string, tools?: readonly Tool[]): number[];
  /** The text that `encodeChat` encodes. */
  renderChat(messages: readonly ChatTurn[]): string;
  toolFormat(): ToolFormat | undefined;
  encode(text: string): number[];
  decode(tokens: readonly number[]): string;
  streamDecoder(): StreamDecoder;
  spelled(): Omit<Vocabulary, 'stopTokens'>;
  /** What ends an answer by tokenizer, chat template and vocabulary: models stored long ago are mended by it at load. */
  ends: AnswerEnds;
}

export interface AnswerEnds {
  /** Token ids, ascending. */
  ids: readonly number[];
  strings: readonly string[];
}

/** What ends an answer: the union of what the directory's configs and its text files say. */
export function answerEnds(
  directory: Pick<ModelDirectory, 'stopTokenIds' | 'stopStrings'>,
  text: Pick<ModelText, 'ends'>,
): AnswerEnds {
  return {
    ids: [...new Set([...directory.stopTokenIds, ...text.ends.ids])].sort((a, b) => a - b),
    strings: [...new Set([...directory.stopStrings, ...text.ends.strings])],
  };
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
    toolFormat: () => undefined,
    encode: missing,
    decode: missing,
    spelled: missing,
    streamDecoder: () => ({ push: () => '', end: () => '' }),
    ends: { ids: [], strings: [] },
  };
}

/** Throws "tokenizer-invalid" and "template-invalid"; without a tokenizer.json, its functions throw "file-missing". */
export async function loadModelText(source: ShardSource, vocabSize?: number): Promise<ModelText> {
  if ((await source.size('tokenizer.json')) === undefined) return withoutTokenizer(source);
  const files = await readTokenizerFiles(source);
  const tokenizer = loadTokenizer(files, vocabSize);
  const { ids, strings } = tokenizer.turnEnd();
  const declared = tokenizerEndIds(files, vocabSize ?? tokenizer.vocabSize);
  return { ...tokenizer, ends: { ids: [...declared, ...ids], strings } };
}

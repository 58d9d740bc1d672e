// Text <-> token ids by the repository's own tokenizer and chat template.

import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import type { ChatTurn, Tool, ToolFormat } from '../engine.ts';
import { EngineError } from '../failures.ts';
import { compileChatTemplate } from './chat-template.ts';
import type { ChatTemplate, TemplateTokens } from './chat-template.ts';
import { compileDecoder, spellingOf } from './decoder.ts';
import type { StreamDecoder } from './decoder.ts';
import { checkPatterns } from './patterns.ts';
import { toolFormat } from './tool-format.ts';
import { turnEnd } from './turn-end.ts';
import type { TurnEnd } from './turn-end.ts';
import { isRecord, readVocabulary, TOKENIZER_FILE, tokenizerFault } from './vocabulary.ts';

export type { StreamDecoder } from './decoder.ts';

export interface TokenizerFiles {
  tokenizerJson: unknown;
  tokenizerConfig: unknown;
  /** chat_template.jinja; wins over tokenizer_config.json's, as in transformers. */
  chatTemplate?: string;
}

export interface Tokenizer {
  /** @param options.specialTokens add what the tokenizer puts around a text (bos); true unless told */
  encode(text: string, options?: { specialTokens?: boolean }): number[];
  /** Special tokens and ids without text give nothing. `decode([])` is "". */
  decode(ids: readonly number[]): string;
  /**
   * The conversation by the chat template, ready for the assistant's turn. The template writes bos, so none is added.
   * As in the reference, content is rendered into the template and then encoded: a special token's text inside a message
   * becomes that token.
   * @param begun follows the template's text: encoded in one piece with it, as the model itself would have written it
   */
  encodeChat(messages: readonly ChatTurn[], begun?: string, tools?: readonly Tool[]): number[];
  /** The text that `encodeChat` encodes, but for `begun`. */
  renderChat(messages: readonly ChatTurn[], tools?: readonly Tool[]): string;
  /** Without one both throw "template-invalid". */
  hasChatTemplate: boolean;
  /** How the template writes calls of tools; undefined where it does not, or in no way that can be read back. */
  toolFormat(): ToolFormat | undefined;
  /** What ends an assistant's turn by template and vocabulary, beside what configs declare. Renders the template a few times. */
  turnEnd(): TurnEnd;
  streamDecoder(): StreamDecoder;
  /** Every token as the vocabulary spells it; "" for those that are never part of a text. */
  spelled(): { tokens: string[]; spelling: 'byte-level' | 'pieces' };
  /** Largest id + 1. */
  vocabSize: number;
  specialIds: ReadonlySet<number>;
}

const CONFIG_FILE = 'tokenizer_config.json';

/** Content of a token that a config names as text or as {content}. */
function tokenContent(value: unknown): string | undefined {
  const content = isRecord(value) ? value['content'] : value;
  return typeof content === 'string' ? content : undefined;
}

function templateTokens(config: Record<string, unknown>): TemplateTokens {
  const tokens: TemplateTokens = {};
  // Whatever the repository names as a token: the seven that all know, and those of its own (image_token, tool_token ...).
  for (const [key, value] of Object.entries(config)) {
    const content = key.endsWith('_token') ? tokenContent(value) : undefined;
    if (content !== undefined) tokens[key] = content;
  }
  const additional = config['additional_special_tokens'];
  if (Array.isArray(additional))
    tokens['additional_special_tokens'] = additional.flatMap((token) => tokenContent(token) ?? []);
  return tokens;
}

/** The template's text: one string, or the one named "default" in a list. */
function templateText(config: Record<string, unknown>): string | undefined {
  const template = config['chat_template'];
  if (typeof template === 'string') return template;
  if (!Array.isArray(template)) return undefined;
  const named = (template as unknown[]).find((entry) => isRecord(entry) && entry['name'] === 'default');
  const text = isRecord(named) ? named['template'] : undefined;
  return typeof text === 'string' ? text : undefined;
}

/** Undefined where the repository has none. */
function chatTemplateOf(files: TokenizerFiles, config: Record<string, unknown>): ChatTemplate | undefined {
  const tokens = templateTokens(config);
  if (files.chatTemplate !== undefined)
    return compileChatTemplate(files.chatTemplate, tokens, 'chat_template.jinja');
  const text = templateText(config);
  return text === undefined ? undefined : compileChatTemplate(text, tokens, CONFIG_FILE);
}

function createLibrary(json: unknown, config: Record<string, unknown>): LibraryTokenizer {
  const type = isRecord(json) && isRecord(json['model']) ? json['model']['type'] : undefined;
  if (type !== 'BPE' && type !== 'Unigram') {
    throw tokenizerFault(`model type ${String(type).slice(0, 40)} is not supported (only BPE, Unigram)`, {
      field: 'model.type',
      expected: 'BPE, Unigram',
      actual: String(type).slice(0, 40),
    });
  }
  try {
    return new LibraryTokenizer({ added_tokens: [], ...(json as object) }, config);
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
    throw new EngineError(
      'tokenizer-invalid',
      `${TOKENIZER_FILE}: ${fault}`,
      { file: TOKENIZER_FILE, actual: fault },
      cause,
    );
  }
}

/**
 * Throws EngineError "tokenizer-invalid" or "template-invalid", naming file and fault.
 * @param modelVocabSize rows of the model's embedding: a tokenizer with ids beyond is another model's
 */
export function loadTokenizer(files: TokenizerFiles, modelVocabSize?: number): Tokenizer {
  const config = isRecord(files.tokenizerConfig) ? files.tokenizerConfig : {};
  const additional = Array.isArray(config['additional_special_tokens'])
    ? config['additional_special_tokens'].flatMap((token) => tokenContent(token) ?? [])
    : [];
  const vocabulary = readVocabulary(files.tokenizerJson, additional);
  const vocabSize = vocabulary.tokens.length;
  if (modelVocabSize !== undefined && vocabSize > modelVocabSize) {
    throw tokenizerFault(
      `has ids to ${vocabSize - 1}, the model's vocabulary ends at ${modelVocabSize - 1}`,
      {
        expected: modelVocabSize,
        actual: vocabSize,
      },
    );
  }
  const json = files.tokenizerJson as Record<string, unknown>;
  for (const field of ['normalizer', 'pre_tokenizer']) checkPatterns(json[field], field);
  const library = createLibrary(json, config);
  const makeDecoder = compileDecoder(json['decoder'], vocabulary);
  const template = chatTemplateOf(files, config);
  const renderChat = (messages: readonly ChatTurn[], tools?: readonly Tool[]): string => {
    if (template !== undefined) return template(messages, tools && { tools });
    const details = { file: CONFIG_FILE, actual: 'no chat_template' };
    throw new EngineError('template-invalid', `${CONFIG_FILE}: there is no chat template`, details);
  };

  const encode: Tokenizer['encode'] = (text, { specialTokens = true } = {}) => {
    if (text === '' && !specialTokens) return [];
    const { ids } = library.encode(text, { add_special_tokens: specialTokens });
    // A text that the vocabulary cannot spell would put holes in the prompt.
    if (ids.some((id) => !Number.isInteger(id))) throw tokenizerFault('has no token for part of the text');
    return ids;
  };
  return {
    encode,
    decode: (ids) => {
      const decoder = makeDecoder();
      return ids.map((id) => decoder.push(id)).join('') + decoder.end();
    },
    encodeChat: (messages, begun = '', tools) =>
      encode(renderChat(messages, tools) + begun, { specialTokens: false }),
    renderChat,
    hasChatTemplate: template !== undefined,
    toolFormat: () =>
      template &&
      toolFormat(
        template,
        [...vocabulary.specialIds].map((id) => vocabulary.tokens[id] ?? ''),
      ),
    turnEnd: () => turnEnd(template, vocabulary),
    streamDecoder: makeDecoder,
    spelled: () => ({
      tokens: Array.from(vocabulary.tokens, (token, id) =>
        // An added token stands for itself: where the vocabulary would spell it otherwise, it is left out.
        token === undefined ||
        vocabulary.specialIds.has(id) ||
        (vocabulary.addedIds.has(id) && !/^[!-~]*$/.test(token))
          ? ''
          : token,
      ),
      spelling: spellingOf(json['decoder']),
    }),
    vocabSize,
    specialIds: vocabulary.specialIds,
  };
}

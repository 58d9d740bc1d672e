// tokenizer.json -> GGUF's tokenizer metadata. Two families are written: byte-level BPE ("gpt2" there) and SentencePiece-style
// BPE with byte fallback ("llama" there).

import { EngineError } from '../failures.ts';
import { LLAMA3_PATTERN } from '../format/gguf-pre-tokenizers.ts';
import type { TokenizerFiles } from '../format/tokenizer-files.ts';
import type { GgufValue } from './gguf-header.ts';

/** llama.cpp's token types. */
const TYPE = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

interface AddedToken {
  id: number;
  content: string;
  special: boolean;
}

interface Bpe {
  vocab: Record<string, number>;
  merges: string[];
  byteFallback: boolean;
  ignoreMerges: boolean;
  unknown: string | null;
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function refuse(expected: string, actual: unknown): EngineError {
  return new EngineError('tokenizer-invalid', `tokenizer.json: GGUF needs ${expected}`, {
    file: 'tokenizer.json',
    expected,
    actual: typeof actual === 'string' ? actual : typeof actual,
  });
}

function readBpe(json: unknown): Bpe {
  const model = isObject(json) && isObject(json['model']) ? json['model'] : {};
  // Older files do not name the type.
  if ((model['type'] ?? 'BPE') !== 'BPE') throw refuse('a BPE model', model['type']);
  const { vocab, merges } = model;
  if (!isObject(vocab) || !Array.isArray(merges)) throw refuse('a vocabulary and merges', vocab);
  for (const id of Object.values(vocab))
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0)
      throw refuse('whole numbers as token ids', id);
  return {
    vocab: vocab as Record<string, number>,
    merges: merges.map((merge: unknown) => {
      if (typeof merge === 'string') return merge;
      if (Array.isArray(merge) && merge.length === 2 && merge.every((part) => typeof part === 'string'))
        return merge.join(' ');
      throw refuse('merges of two tokens', merge);
    }),
    byteFallback: model['byte_fallback'] === true,
    ignoreMerges: model['ignore_merges'] === true,
    unknown: typeof model['unk_token'] === 'string' ? model['unk_token'] : null,
  };
}

function readAdded(json: unknown): AddedToken[] {
  const list =
    isObject(json) && Array.isArray(json['added_tokens']) ? (json['added_tokens'] as unknown[]) : [];
  return list.map((entry) => {
    if (!isObject(entry) || typeof entry['id'] !== 'number' || typeof entry['content'] !== 'string')
      throw refuse('added tokens with id and content', entry);
    return { id: entry['id'], content: entry['content'], special: entry['special'] === true };
  });
}

/** The regular expressions of the pre-tokeniser, in order. */
function patternsOf(json: unknown): string[] {
  const pre = isObject(json) ? json['pre_tokenizer'] : null;
  const list =
    isObject(pre) && Array.isArray(pre['pretokenizers']) ? (pre['pretokenizers'] as unknown[]) : [pre];
  return list.flatMap((step) => {
    if (!isObject(step)) return [];
    if (step['type'] === 'ByteLevel') return step['use_regex'] === false ? [] : ['gpt-2'];
    const pattern = isObject(step['pattern']) ? step['pattern']['Regex'] : undefined;
    return [typeof pattern === 'string' ? pattern : String(step['type'])];
  });
}

/**
 * Name that llama.cpp has for the pre-tokeniser. Its "llama-bpe" also takes whole words that are tokens without merging
 * (ignore_merges); "smaug-bpe" is the same pattern without that. Throws "tokenizer-invalid" where it has none: it would split
 * otherwise, silently.
 */
function preTokenizer(json: unknown, ignoreMerges: boolean): string {
  const patterns = patternsOf(json);
  if (patterns.join() === LLAMA3_PATTERN) return ignoreMerges ? 'llama-bpe' : 'smaug-bpe';
  if (patterns.join() === 'gpt-2') return 'gpt-2';
  throw refuse("Llama 3's or GPT-2's way of splitting text", patterns.join(' ').slice(0, 80));
}

/** A token named in tokenizer_config.json, where it may be an object. */
function named(config: unknown, key: string): string | undefined {
  const value = isObject(config) ? config[key] : undefined;
  const content = isObject(value) ? value['content'] : value;
  return typeof content === 'string' ? content : undefined;
}

/** Whether the tokenizer itself puts the first token there. */
function addsFirst(json: unknown, config: unknown, first: string | undefined): boolean {
  if (isObject(config) && typeof config['add_bos_token'] === 'boolean') return config['add_bos_token'];
  const processor = isObject(json) ? JSON.stringify(json['post_processor'] ?? null) : '';
  return first !== undefined && processor.includes(JSON.stringify(first));
}

function templateOf(files: TokenizerFiles): string | undefined {
  if (files.chatTemplate !== undefined) return files.chatTemplate;
  const template = isObject(files.tokenizerConfig) ? files.tokenizerConfig['chat_template'] : undefined;
  if (typeof template === 'string') return template;
  if (!Array.isArray(template)) return undefined;
  const fallback = (template as unknown[]).find((entry) => isObject(entry) && entry['name'] === 'default');
  return isObject(fallback) && typeof fallback['template'] === 'string' ? fallback['template'] : undefined;
}

const BYTE_TOKEN = /^<0x[0-9A-F]{2}>$/;

/**
 * @param stopTokenIds of the model; the first is the end of sentence where tokenizer_config.json names none
 * @returns `tokenizer.*` entries for a vocabulary of exactly `vocabSize`. Throws "tokenizer-invalid"
 */
export function ggufTokenizer(
  files: TokenizerFiles,
  vocabSize: number,
  stopTokenIds: readonly number[],
): Map<string, GgufValue> {
  const bpe = readBpe(files.tokenizerJson);
  const added = readAdded(files.tokenizerJson);
  const tokens: string[] = Array.from({ length: vocabSize }, (_, id) => `[PAD${id}]`);
  const types: number[] = Array.from({ length: vocabSize }, () => TYPE.unused);
  const place = (content: string, id: number, type: number): void => {
    if (id >= vocabSize) throw refuse(`token ids below ${vocabSize}`, String(id));
    tokens[id] = content;
    types[id] = type;
  };
  for (const [content, id] of Object.entries(bpe.vocab)) {
    const byte = bpe.byteFallback && BYTE_TOKEN.test(content);
    place(content, id, byte ? TYPE.byte : TYPE.normal);
  }
  for (const { content, id, special } of added) place(content, id, special ? TYPE.control : TYPE.userDefined);
  if (bpe.unknown !== null && bpe.vocab[bpe.unknown] !== undefined)
    types[bpe.vocab[bpe.unknown]!] = TYPE.unknown;

  const idOf = (content: string | undefined): number | undefined => {
    if (content === undefined) return undefined;
    return added.find((token) => token.content === content)?.id ?? bpe.vocab[content];
  };
  const first = named(files.tokenizerConfig, 'bos_token');
  const last = idOf(named(files.tokenizerConfig, 'eos_token')) ?? stopTokenIds[0];
  const out = new Map<string, GgufValue>();
  const prefix = 'tokenizer.ggml.';
  out.set(`${prefix}model`, { type: 'string', value: bpe.byteFallback ? 'llama' : 'gpt2' });
  if (!bpe.byteFallback) {
    const pre = preTokenizer(files.tokenizerJson, bpe.ignoreMerges);
    out.set(`${prefix}pre`, { type: 'string', value: pre });
  }
  out.set(`${prefix}tokens`, { type: 'strings', value: tokens });
  if (bpe.byteFallback) out.set(`${prefix}scores`, { type: 'f32s', value: scoresOf(bpe, vocabSize) });
  out.set(`${prefix}token_type`, { type: 'i32s', value: types });
  if (!bpe.byteFallback) out.set(`${prefix}merges`, { type: 'strings', value: bpe.merges });
  const ids: [string, number | undefined][] = [
    ['bos_token_id', idOf(first)],
    ['eos_token_id', last],
    ['unknown_token_id', idOf(bpe.unknown ?? undefined)],
    ['padding_token_id', idOf(named(files.tokenizerConfig, 'pad_token'))],
    ['eot_token_id', stopTokenIds.find((id) => id !== last)],
  ];
  for (const [key, id] of ids) if (id !== undefined) out.set(`${prefix}${key}`, { type: 'u32', value: id });
  const adds = addsFirst(files.tokenizerJson, files.tokenizerConfig, first);
  out.set(`${prefix}add_bos_token`, { type: 'bool', value: adds });
  const template = templateOf(files);
  if (template !== undefined) out.set('tokenizer.chat_template', { type: 'string', value: template });
  return out;
}

/** SentencePiece merges the pair whose token scores highest: earlier merges score higher. */
function scoresOf(bpe: Bpe, vocabSize: number): number[] {
  const scores = Array.from({ length: vocabSize }, () => 0);
  for (const [rank, merge] of bpe.merges.entries()) {
    const id = bpe.vocab[merge.replace(' ', '')];
    if (id !== undefined && scores[id] === 0) scores[id] = -(rank + 1);
  }
  return scores;
}

// A GGUF file's tokenizer as Hugging Face's tokenizer.json and tokenizer_config.json. Two kinds are read: byte-level BPE ("gpt2"
// there) and SentencePiece's BPE with byte fallback ("llama" there).

import { EngineError } from '../failures.ts';
import type { GgufFile } from './gguf-file.ts';
import { textOf } from './gguf-metadata.ts';
import { PRE_TOKENIZER_NAMES, preTokenizerNamed } from './gguf-pre-tokenizers.ts';
import type { PreTokenizer } from './gguf-pre-tokenizers.ts';
import { MAX_TEMPLATE_BYTES } from './json-file.ts';

/** llama.cpp's token types. */
const TYPE = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;
const SPACE = '▁';

interface Tokens {
  texts: readonly string[];
  types: readonly number[];
}

interface Added {
  id: number;
  content: string;
  special: boolean;
}

function refuse(file: string, field: string, expected: string, actual: string): EngineError {
  return new EngineError('tokenizer-invalid', `${file}: ${field} is ${actual}, not ${expected}`, {
    file,
    field,
    expected,
    actual: actual.slice(0, 80),
  });
}

function list<T extends string | number>(
  { file, metadata }: GgufFile,
  field: string,
  is: (value: unknown) => value is T,
): T[] | undefined {
  const value = metadata.get(field);
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every(is)) return value as T[];
  throw refuse(file, field, 'a list of one kind', typeof value);
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';

function readTokens(gguf: GgufFile): Tokens {
  const texts = list(gguf, 'tokenizer.ggml.tokens', isText);
  if (!texts || texts.length === 0) throw refuse(gguf.file, 'tokenizer.ggml.tokens', 'a list', 'missing');
  const types = list(gguf, 'tokenizer.ggml.token_type', isNumber) ?? texts.map((): number => TYPE.normal);
  if (types.length !== texts.length)
    throw refuse(gguf.file, 'tokenizer.ggml.token_type', `${texts.length} types`, String(types.length));
  return { texts, types };
}

/** The token that a key names by its id. Ids beyond the vocabulary were read elsewhere past its end (CVE-2025-52566). */
function named({ file, metadata }: GgufFile, tokens: Tokens, name: string): string | undefined {
  const key = `tokenizer.ggml.${name}_token_id`;
  const id = metadata.get(key);
  if (id === undefined) return undefined;
  const text = typeof id === 'number' ? tokens.texts[id] : undefined;
  // Files made of models without such a token say -1 as an unsigned number.
  if (text === undefined && (id === 0xffffffff || id === -1)) return undefined;
  if (text === undefined) throw refuse(file, key, `below ${tokens.texts.length}`, String(id));
  return text;
}

function flag({ metadata }: GgufFile, name: string, fallback: boolean): boolean {
  const value = metadata.get(`tokenizer.ggml.${name}`);
  return typeof value === 'boolean' ? value : fallback;
}

function addedTokens({ texts, types }: Tokens): Added[] {
  const added: Added[] = [];
  for (const [id, content] of texts.entries()) {
    const type = types[id];
    if (content === '') continue;
    if (type === TYPE.control || type === TYPE.unknown) added.push({ id, content, special: true });
    else if (type === TYPE.userDefined) added.push({ id, content, special: false });
  }
  return added;
}

/** The vocabulary as JSON's text: as an object, a token named "__proto__" would be lost. */
function vocabularyJson(file: string, entries: readonly (readonly [string, number])[]): string {
  const seen = new Map<string, number>();
  const lines: string[] = [];
  for (const [text, id] of entries) {
    const twin = seen.get(text);
    if (twin !== undefined)
      throw refuse(file, 'tokenizer.ggml.tokens', `one ${JSON.stringify(text)}`, `ids ${twin} and ${id}`);
    seen.set(text, id);
    lines.push(`${JSON.stringify(text)}:${id}`);
  }
  return `{${lines.join(',')}}`;
}

/** Normal tokens; with what is special too where SentencePiece has it in its vocabulary. */
function entriesOf({ texts, types }: Tokens, special: boolean): [string, number][] {
  return texts.flatMap((text, id): [string, number][] => {
    const type = types[id];
    const its = type === TYPE.normal || type === TYPE.byte || (special && type !== TYPE.unused);
    return its && text !== '' ? [[text, id]] : [];
  });
}

function readMerges(gguf: GgufFile): [string, string][] {
  const merges = list(gguf, 'tokenizer.ggml.merges', isText);
  if (!merges) throw refuse(gguf.file, 'tokenizer.ggml.merges', 'a list', 'missing');
  return merges.map((merge) => {
    // A token of spaces may be the first: the border is the first space past the first character.
    const border = merge.indexOf(' ', 1);
    if (border < 0 || border === merge.length - 1)
      throw refuse(gguf.file, 'tokenizer.ggml.merges', 'pairs of tokens', JSON.stringify(merge.slice(0, 40)));
    return [merge.slice(0, border), merge.slice(border + 1)];
  });
}

/**
 * SentencePiece merges the pair whose token scores highest, wherever that token can be cut in two: as a list of merges, the way
 * transformers makes one of a SentencePiece model.
 */
function mergesOfScores(gguf: GgufFile, { texts, types }: Tokens): [string, string][] {
  const scores = list(gguf, 'tokenizer.ggml.scores', isNumber);
  if (scores?.length !== texts.length)
    throw refuse(
      gguf.file,
      'tokenizer.ggml.scores',
      `${texts.length} scores`,
      String(scores?.length ?? 'missing'),
    );
  const ids = new Map<string, number>();
  for (const [id, text] of texts.entries()) if (types[id] === TYPE.normal) ids.set(text, id);
  const merges: { left: string; right: string; score: number; order: number }[] = [];
  for (const [text, id] of ids) {
    const local: { left: string; right: string; at: [number, number] }[] = [];
    for (let cut = 1; cut < text.length; cut++) {
      const [left, right] = [text.slice(0, cut), text.slice(cut)];
      const at = [ids.get(left), ids.get(right)];
      if (at[0] !== undefined && at[1] !== undefined) local.push({ left, right, at: [at[0], at[1]] });
    }
    local.sort((a, b) => a.at[0] - b.at[0] || a.at[1] - b.at[1]);
    for (const { left, right } of local)
      merges.push({ left, right, score: scores[id]!, order: merges.length });
  }
  merges.sort(
    (a, b) =>
      b.score - a.score ||
      b.left.length - a.left.length ||
      b.right.length - a.right.length ||
      a.order - b.order,
  );
  return merges.map(({ left, right }) => [left, right]);
}

/** bos before, eos after, where the file says so. */
function postProcessor(before: string | undefined, after: string | undefined, tokens: Tokens): unknown {
  if (before === undefined && after === undefined) return null;
  const special = (token: string | undefined, type: number): unknown[] =>
    token === undefined ? [] : [{ SpecialToken: { id: token, type_id: type } }];
  const text = (id: string, type: number): unknown[] => [
    ...special(before, type),
    { Sequence: { id, type_id: type } },
    ...special(after, type),
  ];
  const used = [before, after].filter((token) => token !== undefined);
  return {
    type: 'TemplateProcessing',
    single: text('A', 0),
    pair: [...text('A', 0), ...text('B', 1)],
    special_tokens: Object.fromEntries(
      used.map((token) => [token, { id: token, ids: [tokens.texts.indexOf(token)], tokens: [token] }]),
    ),
  };
}

/** What differs between the two kinds of tokenizer.json. */
interface Kind {
  normalizer: unknown;
  preTokenizer: unknown;
  decoder: unknown;
  model: Record<string, unknown>;
  vocabulary: [string, number][];
  merges: [string, string][];
  addsBos: boolean;
}

function byteLevel(gguf: GgufFile, tokens: Tokens): Kind {
  const name = textOf(gguf.metadata, 'tokenizer.ggml.pre') ?? 'missing';
  const pre: PreTokenizer | undefined = preTokenizerNamed(name);
  if (!pre) throw refuse(gguf.file, 'tokenizer.ggml.pre', `one of ${PRE_TOKENIZER_NAMES.join(', ')}`, name);
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: pre.gpt2 };
  return {
    normalizer: pre.nfc ? { type: 'NFC' } : null,
    preTokenizer: {
      type: 'Sequence',
      pretokenizers: [
        ...pre.patterns.map((pattern) => ({
          type: 'Split',
          pattern: { Regex: pattern },
          behavior: 'Isolated',
          invert: false,
        })),
        bytes,
      ],
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: { unk_token: null, fuse_unk: false, byte_fallback: false, ignore_merges: pre.ignoreMerges },
    vocabulary: entriesOf(tokens, false),
    merges: readMerges(gguf),
    addsBos: pre.addsBos,
  };
}

function sentencePiece(gguf: GgufFile, tokens: Tokens): Kind {
  const prefix = flag(gguf, 'add_space_prefix', true);
  const replace = { type: 'Replace', pattern: { String: ' ' }, content: SPACE };
  return {
    normalizer: prefix
      ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: SPACE }, replace] }
      : replace,
    preTokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: SPACE }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(prefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      unk_token: named(gguf, tokens, 'unknown') ?? null,
      fuse_unk: true,
      byte_fallback: tokens.types.includes(TYPE.byte),
      ignore_merges: false,
    },
    vocabulary: entriesOf(tokens, true),
    merges: mergesOfScores(gguf, tokens),
    addsBos: true,
  };
}

function templatesOf({ file, metadata }: GgufFile): unknown {
  const main = textOf(metadata, 'tokenizer.chat_template');
  const prefix = 'tokenizer.chat_template.';
  const others = [...metadata].flatMap(([key, value]) =>
    key.startsWith(prefix) && isText(value) ? [{ name: key.slice(prefix.length), template: value }] : [],
  );
  for (const template of [main ?? '', ...others.map((each) => each.template)])
    if (template.length > MAX_TEMPLATE_BYTES)
      throw new EngineError('limit-exceeded', `${file}: a chat template of ${template.length} characters`, {
        file,
        field: 'tokenizer.chat_template',
        what: 'characters',
        limit: MAX_TEMPLATE_BYTES,
        actual: template.length,
      });
  if (others.length === 0) return main;
  return [...(main === undefined ? [] : [{ name: 'default', template: main }]), ...others];
}

/**
 * tokenizer.json and tokenizer_config.json as texts; none where the file says that it has no vocabulary.
 * Throws "tokenizer-invalid" for another kind, a way of splitting text that is not known, and what does not fit together;
 * "limit-exceeded" for a template too long.
 */
export function ggufTokenizerFiles(gguf: GgufFile): Record<string, string> {
  const model = textOf(gguf.metadata, 'tokenizer.ggml.model') ?? 'missing';
  if (model === 'no_vocab') return {};
  if (model !== 'gpt2' && model !== 'llama')
    throw refuse(gguf.file, 'tokenizer.ggml.model', 'gpt2 or llama', model);
  const tokens = readTokens(gguf);
  const kind = model === 'gpt2' ? byteLevel(gguf, tokens) : sentencePiece(gguf, tokens);
  const [bos, eos] = [named(gguf, tokens, 'bos'), named(gguf, tokens, 'eos')];
  const addsBos = flag(gguf, 'add_bos_token', kind.addsBos);
  const addsEos = flag(gguf, 'add_eos_token', false);
  const added = addedTokens(tokens).map((token) => ({
    ...token,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  }));
  const head = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: kind.normalizer,
    pre_tokenizer: kind.preTokenizer,
    post_processor: postProcessor(addsBos ? bos : undefined, addsEos ? eos : undefined, tokens),
    decoder: kind.decoder,
  };
  const modelJson = {
    type: 'BPE',
    dropout: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    ...kind.model,
  };
  const whole = `${JSON.stringify(head).slice(0, -1)},"model":${JSON.stringify(modelJson).slice(0, -1)},"vocab":${vocabularyJson(
    gguf.file,
    kind.vocabulary,
  )},"merges":${JSON.stringify(kind.merges)}}}`;
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: bos,
    eos_token: eos,
    unk_token: named(gguf, tokens, 'unknown'),
    pad_token: named(gguf, tokens, 'padding'),
    add_bos_token: addsBos,
    clean_up_tokenization_spaces: false,
    chat_template: templatesOf(gguf),
  };
  return { 'tokenizer.json': `${whole}\n`, 'tokenizer_config.json': `${JSON.stringify(config, null, 2)}\n` };
}

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ggufTokenizer } from '../convert/gguf-tokenizer.ts';
import { loadTokenizer } from '../tokenizer/tokenizer.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { GgufScalar } from './gguf-file.ts';
import { endTokens } from './gguf-metadata.ts';
import { ggufTokenizerFiles } from './gguf-tokenizer-files.ts';

type Values = Record<string, GgufScalar | GgufScalar[]>;

const filesOf = (values: Values): Record<string, string> =>
  ggufTokenizerFiles({
    file: 'a.gguf',
    metadata: new Map(Object.entries(values).map(([key, value]) => [`tokenizer.${key}`, value])),
    tensors: [],
  });

function tokenizerOf(values: Values): Tokenizer {
  const files = filesOf(values);
  return loadTokenizer({
    tokenizerJson: JSON.parse(files['tokenizer.json']!),
    tokenizerConfig: JSON.parse(files['tokenizer_config.json']!),
  });
}

/** Byte-level: letters as themselves. Ids 0 to 9. */
const GPT2: Values = {
  'ggml.model': 'gpt2',
  'ggml.pre': 'gpt-2',
  'ggml.tokens': ['<|end|>', 'h', 'o', 'l', 'a', 'ho', 'la', 'hola', '__proto__', '[PAD9]', '<tool>'],
  'ggml.token_type': [3, 1, 1, 1, 1, 1, 1, 1, 1, 5, 4],
  'ggml.merges': ['h o', 'l a', 'ho la'],
  'ggml.eos_token_id': 0,
  chat_template: '{{ messages[0].content }}',
};

describe('ggufTokenizerFiles', () => {
  it('reads byte-level BPE: merges, control and user-defined tokens, holes, and a token named __proto__', () => {
    const tokenizer = tokenizerOf(GPT2);
    expect(tokenizer.encode('hola<|end|>ho<tool>l')).toEqual([7, 0, 5, 10, 3]);
    expect([...tokenizer.specialIds]).toEqual([0]);
    expect(tokenizer.decode([8])).toBe('__proto__');
    expect(tokenizer.encodeChat([{ role: 'user', content: 'la' }])).toEqual([6]);
  });

  it('puts bos and eos where the file says so', () => {
    const around = (more: Values): number[] =>
      tokenizerOf({ ...GPT2, 'ggml.bos_token_id': 0, ...more }).encode('ho');
    expect(around({})).toEqual([5]);
    expect(around({ 'ggml.add_bos_token': true })).toEqual([0, 5]);
    expect(around({ 'ggml.add_bos_token': true, 'ggml.add_eos_token': true })).toEqual([0, 5, 0]);
    // Llama 3's way begins with bos where no key says otherwise, and takes whole words without merging.
    expect(around({ 'ggml.pre': 'llama-bpe' })).toEqual([0, 5]);
    expect(around({ 'ggml.pre': 'llama-bpe', 'ggml.add_bos_token': false, 'ggml.merges': [] })).toEqual([5]);
    expect(around({ 'ggml.pre': 'smaug-bpe', 'ggml.merges': [] })).toEqual([1, 2]);
  });

  it('merges SentencePiece by score, as the checkpoint that it was made of does', () => {
    const json = JSON.parse(readFileSync('tests/golden/tokenizers/sentencepiece-legacy.json', 'utf8')) as {
      model: { vocab: Record<string, number> };
    };
    const config = { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>', add_bos_token: true };
    const size = Math.max(...Object.values(json.model.vocab)) + 1;
    const entries = ggufTokenizer({ tokenizerJson: json, tokenizerConfig: config }, size, [2]);
    const values = Object.fromEntries(
      [...entries].map(([key, { value }]) => [key.slice('tokenizer.'.length), value as GgufScalar]),
    );
    const found = tokenizerOf(values);
    const wanted = loadTokenizer({ tokenizerJson: json, tokenizerConfig: config });
    for (const text of ['hola', ' hola  mundo', 'á€🙂', 'hola</s>hola', '', 'mu\nho']) {
      const ids = wanted.encode(text);
      expect(found.encode(text), text).toEqual(ids);
      expect(found.decode(ids)).toBe(wanted.decode(ids));
    }
  });

  it("gives the starter model's ids, template and stops", () => {
    const own = (path: string): unknown =>
      JSON.parse(readFileSync(`tests/golden/semilla/hf/${path}`, 'utf8'));
    const files = { tokenizerJson: own('tokenizer.json'), tokenizerConfig: own('tokenizer_config.json') };
    const wanted = loadTokenizer(files);
    const entries = ggufTokenizer(files, 4096, [4089, 4092, 4094]);
    const found = tokenizerOf(
      Object.fromEntries(
        [...entries].map(([key, { value }]) => [key.slice('tokenizer.'.length), value as GgufScalar]),
      ),
    );
    const texts = ['', ' ', 'Hola, ¿qué tal?', '12345 años\n\n  y   más', "it's", '🇨🇱 ñandú', '<|eot_id|>x'];
    for (const text of texts) {
      expect(found.encode(text), text).toEqual(wanted.encode(text));
      expect(found.decode(wanted.encode(text))).toBe(wanted.decode(wanted.encode(text)));
    }
    const chat = [{ role: 'user' as const, content: 'Cuéntame del Titicaca' }];
    expect(found.encodeChat(chat)).toEqual(wanted.encodeChat(chat));
    expect(found.specialIds).toEqual(wanted.specialIds);
    const metadata = new Map(
      [...entries].map(([key, { value }]) => [key, value as GgufScalar | GgufScalar[]]),
    );
    expect(endTokens(metadata)).toEqual([4089, 4092, 4094]);
  });

  it('joins the pair that scores highest first, and begins without a space where told', () => {
    const values: Values = {
      'ggml.model': 'llama',
      'ggml.tokens': ['<unk>', 'a', 'b', 'c', 'ab', 'bc', 'abc', '▁', '<0x64>'],
      'ggml.scores': [0, -9, -9, -9, -2, -1, -3, -9, 0],
      'ggml.token_type': [2, 1, 1, 1, 1, 1, 1, 1, 6],
      'ggml.unknown_token_id': 0,
      'ggml.add_bos_token': false,
      'ggml.add_space_prefix': false,
    };
    // "bc" goes first; then a + bc is "abc", a way to cut it that no list of merges was given for.
    expect(tokenizerOf(values).encode('abc ab')).toEqual([6, 7, 4]);
    expect(tokenizerOf(values).encode('d')).toEqual([8]);
    expect(tokenizerOf({ ...values, 'ggml.add_space_prefix': true }).encode('ab')).toEqual([7, 4]);
  });

  it('keeps named templates, and gives no files where there is no vocabulary', () => {
    const config = JSON.parse(
      filesOf({ ...GPT2, 'chat_template.tool_use': 'T' })['tokenizer_config.json']!,
    ) as { chat_template: unknown };
    expect(config.chat_template).toEqual([
      { name: 'default', template: '{{ messages[0].content }}' },
      { name: 'tool_use', template: 'T' },
    ]);
    expect(filesOf({ 'ggml.model': 'no_vocab' })).toEqual({});
  });

  it.each<[string, Values, string]>([
    ['no model', { 'ggml.model': 'bert' }, 'tokenizer.ggml.model'],
    ['no way of splitting text', { ...GPT2, 'ggml.pre': 'default' }, 'tokenizer.ggml.pre'],
    ['types for other tokens', { ...GPT2, 'ggml.token_type': [1] }, 'tokenizer.ggml.token_type'],
    ['an id past the vocabulary', { ...GPT2, 'ggml.eos_token_id': 11 }, 'tokenizer.ggml.eos_token_id'],
    [
      'a token twice',
      { ...GPT2, 'ggml.tokens': Array.from({ length: 11 }, () => 'a') },
      'tokenizer.ggml.tokens',
    ],
    ['tokens that are numbers', { ...GPT2, 'ggml.tokens': [1, 2] }, 'tokenizer.ggml.tokens'],
    ['a merge of one', { ...GPT2, 'ggml.merges': ['ho'] }, 'tokenizer.ggml.merges'],
    ['SentencePiece without scores', { ...GPT2, 'ggml.model': 'llama' }, 'tokenizer.ggml.scores'],
  ])('refuses %s', (_, values, field) => {
    expect(() => filesOf(values)).toThrow(
      expect.objectContaining({
        reason: 'tokenizer-invalid',
        details: expect.objectContaining({ field }) as unknown,
      }) as Error,
    );
  });

  it('refuses a template beyond the limit', () => {
    expect(() => filesOf({ ...GPT2, chat_template: 'x'.repeat(300_000) })).toThrow(
      expect.objectContaining({ reason: 'limit-exceeded' }) as Error,
    );
  });
});

import { readFileSync } from 'node:fs';
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { describe, expect, it, vi } from 'vitest';
import type { Message } from '../engine.ts';
import { EngineError } from '../failures.ts';
import { loadTokenizer } from './tokenizer.ts';
import type { Tokenizer, TokenizerFiles } from './tokenizer.ts';

// Hundreds of random texts and ids each: seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

type Fields = Record<string, unknown>;

const json = (path: string) => JSON.parse(readFileSync(`tests/golden/${path}`, 'utf8')) as Fields;

const semillaFiles: TokenizerFiles = {
  tokenizerJson: json('semilla/hf/tokenizer.json'),
  tokenizerConfig: json('semilla/hf/tokenizer_config.json'),
};
const semilla = loadTokenizer(semillaFiles, 4096);
const handmade = (name: string) =>
  loadTokenizer({ tokenizerJson: json(`tokenizers/${name}.json`), tokenizerConfig: { bos_token: '<s>' } });

/** Small deterministic generator; the seed is printed where a case fails. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const PIECES = [
  ...'aeiouñçãõ ÁÉ¿¡.,;\n\t0123456789',
  'la capital de Bolívia',
  'e\u0301',
  '👩‍👩‍👧',
  '🇧🇴',
  '👍🏽',
  '漢字',
  'مرحبا',
  '\ufeff',
  '\ufffd',
  '\u0000',
  ' \u00a0 ',
];

function randomText(below: (n: number) => number): string {
  return Array.from({ length: below(40) }, () => PIECES[below(PIECES.length)]).join('');
}

function stream(tokenizer: Tokenizer, ids: readonly number[]): string[] {
  const decoder = tokenizer.streamDecoder();
  return [...ids.map((id) => decoder.push(id)), decoder.end()];
}

describe('semilla', () => {
  const { cases } = json('semilla/golden.json') as unknown as {
    cases: { messages: Message[]; promptIds: number[]; greedyIds: number[]; text?: string }[];
  };

  it.each(cases)(
    'encodes the golden conversation and decodes its answer: $text',
    ({ messages, promptIds, greedyIds, text }) => {
      expect(semilla.encodeChat(messages)).toEqual(promptIds);
      expect(semilla.decode(greedyIds)).toBe(text);
    },
  );

  it.each(cases)('goes on from an answer that was cut: $text', ({ messages, promptIds, greedyIds, text }) => {
    expect(semilla.encodeChat(messages, text)).toEqual([
      ...promptIds,
      ...semilla.encode(text ?? '', { specialTokens: false }),
    ]);
    expect(semilla.decode(semilla.encodeChat(messages, text).slice(promptIds.length))).toBe(text);
    expect(semilla.encodeChat(messages, '')).toEqual(promptIds);
    // The end of the turn, where the answer has one, is not written again.
    expect(semilla.encodeChat(messages, text).length).toBeLessThanOrEqual(
      promptIds.length + greedyIds.length,
    );
  });

  it('puts bos around a text unless told not to, and once in a conversation', () => {
    expect(semilla.encode('Hola')[0]).toBe(4088);
    expect(semilla.encode('Hola', { specialTokens: false })).not.toContain(4088);
    expect(semilla.encodeChat([{ role: 'user', content: 'Hola' }]).filter((id) => id === 4088)).toHaveLength(
      1,
    );
    expect(semilla.encode('', { specialTokens: false })).toEqual([]);
  });

  it('decodes nothing to nothing, skips special tokens and ids without text', () => {
    expect(semilla.decode([])).toBe('');
    const hola = semilla.encode('Hola', { specialTokens: false });
    expect(semilla.decode([4088, ...hola, 4092, 4095, 5000, -1])).toBe('Hola');
    expect([...semilla.specialIds].sort()).toEqual([4088, 4089, 4090, 4091, 4092, 4093, 4094, 4095]);
    expect(semilla.vocabSize).toBe(4096);
  });
});

describe.each([
  ['byte-level', semilla],
  ['byte fallback', handmade('sentencepiece-legacy')],
])('streaming, %s', (_, tokenizer) => {
  it('gives a text back, piece by piece, without half a character', () => {
    const seed = Date.now() >>> 0;
    const below = random(seed);
    for (let i = 0; i < 200; i++) {
      const text = randomText(below);
      const ids = tokenizer.encode(text, { specialTokens: false });
      const pieces = stream(tokenizer, ids);
      const label = `seed ${seed}, ${JSON.stringify(text)}`;
      expect(pieces.join(''), label).toBe(text);
      expect(tokenizer.decode(ids), label).toBe(text);
      for (const piece of pieces) expect(piece.isWellFormed(), label).toBe(true);
      // Replacement characters are shown only where the text itself has them.
      const replaced = pieces.join('').split('\ufffd').length;
      expect(replaced, label).toBe(text.split('\ufffd').length);
    }
  });

  it('gives together what decoding at once gives, whatever the ids', () => {
    const seed = Date.now() >>> 0;
    const below = random(seed);
    for (let i = 0; i < 200; i++) {
      const ids = Array.from({ length: below(30) }, () => below(tokenizer.vocabSize + 3));
      expect(stream(tokenizer, ids).join(''), `seed ${seed}, ${ids.join()}`).toBe(tokenizer.decode(ids));
    }
  });
});

it('decodes byte-level ids as the library does', () => {
  const library = new LibraryTokenizer(
    semillaFiles.tokenizerJson as object,
    semillaFiles.tokenizerConfig as object,
  );
  const seed = Date.now() >>> 0;
  const below = random(seed);
  for (let i = 0; i < 200; i++) {
    const ids = Array.from({ length: 1 + below(30) }, () => below(4096));
    const expected = library.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false });
    expect(semilla.decode(ids), `seed ${seed}, ${ids.join()}`).toBe(expected);
  }
});

// Ids by hand: tests/golden/tokenizers/README.md.
describe('a SentencePiece-style tokenizer', () => {
  const legacy = handmade('sentencepiece-legacy');
  const metaspace = handmade('metaspace');

  it.each([
    ['hola mundo', [271, 276]],
    ['mundo hola', [276, 271]],
    ['hola  mundo', [271, 259, 276]],
    ['holamundo', [271, 275]],
    ['hola ñ', [271, 259, 198, 180]],
    ['🙂', [259, 243, 162, 156, 133]],
  ])('encodes %j with bytes for what it cannot spell', (text, ids) => {
    expect(legacy.encode(text)).toEqual([1, ...ids]);
    expect(legacy.encode(text, { specialTokens: false })).toEqual(ids);
    expect(legacy.decode(ids)).toBe(text);
  });

  it('shows a character when its last byte arrives, and drops the first space only', () => {
    expect(stream(legacy, [259, 271, 259, 198, 180, 276])).toEqual(['', ' hola', ' ', '', 'ñ', ' mundo', '']);
    expect(stream(legacy, [243, 162, 276])).toEqual(['', '', '\ufffd mundo', '']);
    expect(stream(legacy, [271, 243])).toEqual(['hola', '', '\ufffd']);
  });

  it('starts anew after its end', () => {
    const decoder = legacy.streamDecoder();
    const once = [decoder.push(271), decoder.push(243), decoder.end()];
    expect([decoder.push(271), decoder.push(243), decoder.end()]).toEqual(once);
  });

  it('may be spelled by Metaspace, with <unk> for what it cannot spell', () => {
    expect(metaspace.encode('hola mundo', { specialTokens: false })).toEqual([271, 276]);
    expect(metaspace.encode('hola ñ', { specialTokens: false })).toEqual([271, 259, 0]);
    expect(stream(metaspace, [271, 276])).toEqual(['hola', ' mundo', '']);
  });
});

it('may be Unigram: ids are places in the list, and the likeliest pieces win', () => {
  const model = {
    type: 'Unigram',
    unk_id: 0,
    vocab: [
      ['<unk>', 0],
      ['▁', -9],
      ['▁hola', -2],
      ['▁ho', -3],
      ['la', -3],
      ['▁mundo', -2],
      ['mun', -4],
      ['do', -4],
    ],
  };
  const tokenizerJson = {
    ...json('tokenizers/metaspace.json'),
    model,
    added_tokens: [],
    post_processor: null,
  };
  const unigram = loadTokenizer({ tokenizerJson, tokenizerConfig: {} });
  // "▁hola" (-2) beats "▁ho" + "la" (-6); "mundo" without its space is only to be had in two pieces.
  expect(unigram.encode('hola mundo')).toEqual([2, 5]);
  expect(unigram.encode('holamundo')).toEqual([2, 6, 7]);
  expect(stream(unigram, [2, 5])).toEqual(['hola', ' mundo', '']);
  expect(unigram.vocabSize).toBe(8);
});

describe('the chat template', () => {
  const { chat_template: template, ...bare } = semillaFiles.tokenizerConfig as Fields;
  const chat: Message[] = [{ role: 'user', content: 'Hola' }];
  const expected = semilla.encodeChat(chat);

  it('may lie in chat_template.jinja, which wins, or be the default of a list', () => {
    const files = { ...semillaFiles, tokenizerConfig: bare, chatTemplate: String(template) };
    expect(loadTokenizer(files).encodeChat(chat)).toEqual(expected);
    const other = { ...bare, chat_template: 'no' };
    expect(loadTokenizer({ ...files, tokenizerConfig: other }).encodeChat(chat)).toEqual(expected);
    const list = {
      ...bare,
      chat_template: [
        { name: 'rag', template: 'no' },
        { name: 'default', template },
      ],
    };
    expect(loadTokenizer({ ...semillaFiles, tokenizerConfig: list }).encodeChat(chat)).toEqual(expected);
  });

  it('may name its tokens as objects', () => {
    const config = {
      ...bare,
      chat_template: template,
      bos_token: { content: '<|begin_of_text|>', special: true },
    };
    expect(loadTokenizer({ ...semillaFiles, tokenizerConfig: config }).encodeChat(chat)).toEqual(expected);
  });

  it('is missed when it is needed, not before', () => {
    const tokenizer = loadTokenizer({ ...semillaFiles, tokenizerConfig: {} });
    expect(tokenizer.decode(tokenizer.encode('Hola'))).toBe('Hola');
    expect(() => tokenizer.encodeChat(chat)).toThrow(expect.objectContaining({ reason: 'template-invalid' }));
  });
});

describe('a tokenizer is refused', () => {
  const refusal = (tokenizerJson: unknown, modelVocabSize?: number): EngineError => {
    try {
      loadTokenizer({ tokenizerJson, tokenizerConfig: {} }, modelVocabSize);
    } catch (error) {
      if (error instanceof EngineError && error.reason === 'tokenizer-invalid') return error;
      throw error;
    }
    throw new Error('accepted');
  };
  const good = json('tokenizers/sentencepiece-legacy.json');
  const model = good['model'] as Fields;

  it('whose ids exceed the model’s vocabulary', () => {
    expect(refusal(semillaFiles.tokenizerJson, 4095).details).toMatchObject({
      file: 'tokenizer.json',
      expected: 4095,
      actual: 4096,
    });
  });

  it.each<[string, unknown]>([
    ['is nothing', null],
    ['is a list', []],
    ['has no model', { ...good, model: null }],
    ['has a model of another kind', { ...good, model: { ...model, type: 'WordPiece' } }],
    ['has no vocabulary', { ...good, model: { ...model, vocab: 3 } }],
    ['has an id that is no number', { ...good, model: { ...model, vocab: { a: 'x' } } }],
    ['has a negative id', { ...good, model: { ...model, vocab: { a: -1 } } }],
    ['has an absurd id', { ...good, model: { ...model, vocab: { a: 2 ** 31 } } }],
    ['has no merges', { ...good, model: { ...model, merges: undefined } }],
    ['has added tokens that are no list', { ...good, added_tokens: {} }],
    ['has an added token without text', { ...good, added_tokens: [{ id: 3 }] }],
    ['has a normalizer that nobody knows', { ...good, normalizer: { type: 'Nonsense' } }],
    [
      'splits by a pattern that may never end',
      { ...good, pre_tokenizer: { type: 'Split', pattern: { Regex: '(a+)+b' }, behavior: 'Isolated' } },
    ],
    ['has no decoder', { ...good, decoder: null }],
    ['has a decoder that nobody knows', { ...good, decoder: { type: 'CTC' } }],
    [
      'strips where a stream cannot',
      {
        ...good,
        decoder: { type: 'Sequence', decoders: [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] },
      },
    ],
    [
      'replaces by regex',
      {
        ...good,
        decoder: {
          type: 'Sequence',
          decoders: [{ type: 'Replace', pattern: { Regex: '(a+)+' }, content: '' }],
        },
      },
    ],
  ])('that %s', (_, tokenizerJson) => {
    expect(refusal(tokenizerJson)).toHaveProperty('details.file', 'tokenizer.json');
  });
});

import { describe, expect, it } from 'vitest';
import { stopStrings, stopTokenIds, tokenizerEndIds } from './stop-tokens.ts';

describe('stopTokenIds', () => {
  it('unites numbers and lists of both names, and leaves out what no token can be', () => {
    const objects = [
      { eos_token_id: 7 },
      { eos_token_id: [3, 7, 10, -1, 2.5, '4', null], stop_token_ids: [1] },
      { stop_token_ids: 5 },
      { eos_token_id: null },
      null,
      'eos_token_id',
      undefined,
    ];
    expect(stopTokenIds(objects, 10)).toEqual([1, 3, 5, 7]);
  });
});

describe('stopStrings', () => {
  it('unites texts and lists of both names, and leaves out what would end any answer', () => {
    const objects = [
      { stop_str: ['[INST]', '', '  ', 3] },
      { stop_strings: '### Fin' },
      { stop_str: ['[INST]', 'x'.repeat(201)] },
      undefined,
    ];
    expect(stopStrings(objects)).toEqual(['[INST]', '### Fin']);
    const many = Array.from({ length: 50 }, (_, i) => `fin ${i}`);
    expect(stopStrings([{ stop_str: many }])).toHaveLength(16);
  });
});

describe('tokenizerEndIds', () => {
  const tokenizerJson = {
    added_tokens: [{ id: 8, content: '<fin>' }],
    model: { vocab: { a: 0, '</s>': 2, '<fin>': 1 } },
  };
  it.each([
    ['a text', { eos_token: '<fin>' }, undefined, [8]],
    ['an object', { eos_token: { content: '<fin>', lstrip: false } }, undefined, [8]],
    ['a token of the vocabulary', { eos_token: '</s>' }, undefined, [2]],
    ['special_tokens_map.json', {}, { eos_token: { content: '</s>' } }, [2]],
    ['both files', { eos_token: '<fin>' }, { eos_token: '</s>' }, [2, 8]],
    ['none', { eos_token: null }, {}, []],
    ['no token of this tokenizer', { eos_token: 'toString' }, { eos_token: '' }, []],
  ] as const)('%s', (_, tokenizerConfig, specialTokensMap, expected) => {
    expect(tokenizerEndIds({ tokenizerJson, tokenizerConfig, specialTokensMap }, 10)).toEqual(expected);
  });

  it('reads lists of texts and scores, and no id beyond the vocabulary', () => {
    const unigram = {
      model: {
        vocab: [
          ['<unk>', 0],
          ['</s>', 0],
        ],
      },
    };
    expect(tokenizerEndIds({ tokenizerJson: unigram, tokenizerConfig: { eos_token: '</s>' } }, 10)).toEqual([
      1,
    ]);
    expect(tokenizerEndIds({ tokenizerJson, tokenizerConfig: { eos_token: '<fin>' } }, 8)).toEqual([]);
    expect(tokenizerEndIds({ tokenizerJson: null, tokenizerConfig: { eos_token: '<fin>' } }, 8)).toEqual([]);
  });
});

// Ends of turns in the ways that public templates write them; the templates are our own, of the same constructs.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from './tokenizer.ts';

type Fields = Record<string, unknown>;
const json = (path: string) => JSON.parse(readFileSync(`tests/golden/semilla/hf/${path}`, 'utf8')) as Fields;
const tokenizerJson = json('tokenizer.json');
const { chat_template: ownTemplate, ...bare } = json('tokenizer_config.json');

/** Semilla's tokenizer with these added tokens in place of its own, from id 4000 on, and this template. */
function ends(template: string | undefined, tokens: readonly (string | { text: string; special: false })[]) {
  const added_tokens = tokens.map((token, i) => ({
    id: 4000 + i,
    content: typeof token === 'string' ? token : token.text,
    special: typeof token === 'string',
    normalized: false,
    single_word: false,
    lstrip: false,
    rstrip: false,
  }));
  const tokenizerConfig = {
    bos_token: '<s>',
    eos_token: '</s>',
    ...(template && { chat_template: template }),
  };
  return loadTokenizer(
    { tokenizerJson: { ...tokenizerJson, added_tokens }, tokenizerConfig },
    4096,
  ).turnEnd();
}

const loop = (body: string, prompt: string) =>
  `{% for message in messages %}${body}{% endfor %}{% if add_generation_prompt %}${prompt}{% endif %}`;
const chatml = loop(
  "{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}",
  "{{ '<|im_start|>assistant\\n' }}",
);

describe('by the template', () => {
  it.each([
    ['ChatML', chatml, ['<|im_start|>', '<|im_end|>'], [4001]],
    ['a name that nobody knows', chatml.replaceAll('<|im_end|>', '<fin>'), ['<|im_start|>', '<fin>'], [4001]],
    [
      'an added token that is not marked special',
      chatml.replaceAll('<|im_end|>', '<fin>'),
      ['<|im_start|>', { text: '<fin>', special: false as const }],
      [4001],
    ],
    [
      'a space before the end',
      "{% for m in messages %}{% if m.role == 'user' %}{{ bos_token + '[INST] ' + m.content + ' [/INST]' }}{% else %}{{ ' ' + m.content + ' </s>' }}{% endif %}{% endfor %}",
      ['<s>', '</s>'],
      [4001],
    ],
    [
      'one end for the last turn, another between turns',
      "{% for m in messages %}{{ '<role>' + m.role + '<text>' + m.content }}{% if loop.last and not add_generation_prompt %}{{ '<done>' }}{% else %}{{ '<over>' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<role>assistant<text>' }}{% endif %}",
      ['<role>', '<text>', '<done>', '<over>'],
      [4002, 4003],
    ],
    [
      'the next turn begins where the last ends',
      loop("{{ '<|' + message.role + '|>' + message.content }}", "{{ '<|assistant|>' }}"),
      ['<|user|>', '<|assistant|>'],
      [4000],
    ],
  ] as const)('%s', (_, template, tokens, expected) => {
    expect(ends(template, tokens)).toEqual({ ids: expected, strings: [] });
  });

  it('takes no token that the model also writes before its text', () => {
    // The generation prompt ends before <sep>: the model writes it first, and <sep> would end an empty answer.
    const template = loop(
      "{{ '<' + message.role + '><sep>' + message.content + '<sep><over>' }}",
      "{{ '<assistant>' }}",
    );
    expect(ends(template, ['<user>', '<assistant>', '<sep>', '<over>'])).toEqual({
      ids: [4003],
      strings: [],
    });
  });

  it.each(['reasoning_content', 'thinking'])('takes no token that stands between %s and answer', (field) => {
    const template = loop(
      `{% if message.${field} %}{{ message.${field} + '<|end|>' }}{% endif %}{{ message.content }}{% if message.role == 'assistant' and loop.last %}{{ '<|return|>' }}{% else %}{{ '<|end|>' }}{% endif %}`,
      '',
    );
    expect(ends(template, ['<|end|>', '<|return|>'])).toEqual({ ids: [4001], strings: [] });
  });

  it('takes the text where ordinary tokens end a turn', () => {
    const plain = loop("{{ message.role + ': ' + message.content + '\\n' }}", "{{ 'assistant: ' }}");
    expect(ends(plain, [])).toEqual({ ids: [], strings: ['\nuser:'] });
    const marked = loop("{{ message.content + ' ### Fin\\n' }}", '');
    expect(ends(marked, [])).toEqual({ ids: [], strings: ['### Fin'] });
    const both = loop("{{ message.content + '</answer><|im_end|>' }}", '');
    expect(ends(both, ['<|im_end|>'])).toEqual({ ids: [4000], strings: ['</answer>'] });
  });

  it('takes no line break, space or short mark that an answer has too', () => {
    const template = loop("{{ message.content + '\\n\\n' }}", '');
    expect(
      ends(template, [
        { text: '\n\n', special: false },
        { text: '  ', special: false },
      ]),
    ).toEqual({
      ids: [],
      strings: [],
    });
    expect(ends(loop("{{ message.content + '\\n#\\n' }}", ''), []).strings).toEqual([]);
  });

  it('goes on without one that refuses the marked conversation', () => {
    const refuses = "{{ raise_exception('No') }}";
    expect(ends(refuses, ['<|im_end|>', '<fin>'])).toEqual({ ids: [4000], strings: [] });
  });
});

describe('by the names of the vocabulary', () => {
  it('needs no template', () => {
    expect(ends(undefined, ['<|im_start|>', '<|im_end|>', '<|eot_id|>', '<end_of_turn>', '</s>'])).toEqual({
      ids: [4001, 4002, 4003, 4004],
      strings: [],
    });
  });

  it('counts added tokens only', () => {
    const model = tokenizerJson['model'] as { vocab: Record<string, number> };
    const { vocab } = model;
    const [first = ''] = Object.keys(vocab);
    const { [first]: id, ...others } = vocab;
    const files = {
      tokenizerJson: {
        ...tokenizerJson,
        added_tokens: [],
        model: { ...model, vocab: { ...others, '</s>': id } },
      },
      tokenizerConfig: {},
    };
    expect(loadTokenizer(files, 4096).turnEnd()).toEqual({ ids: [], strings: [] });
  });

  it("finds Semilla's", () => {
    const files = { tokenizerJson, tokenizerConfig: { ...bare, chat_template: ownTemplate } };
    expect(loadTokenizer(files, 4096).turnEnd()).toEqual({ ids: [4089, 4092, 4094], strings: [] });
  });
});

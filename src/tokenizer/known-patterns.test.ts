// The patterns that llama.cpp's names of pre-tokenizers stand for may be used.

import { expect, it } from 'vitest';
import { PRE_TOKENIZER_NAMES, preTokenizerNamed } from '../format/gguf-pre-tokenizers.ts';
import { mayNeverEnd } from './patterns.ts';

it.each(PRE_TOKENIZER_NAMES)('%s is not refused', (name) => {
  expect(preTokenizerNamed(name)?.patterns.filter(mayNeverEnd)).toEqual([]);
});

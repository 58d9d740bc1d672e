import { describe, expect, it } from 'vitest';
import { EngineError } from '../failures.ts';
import { checkPatterns, mayNeverEnd } from './patterns.ts';

describe('a pattern', () => {
  it.each([
    // Llama 3, GPT-2, GPT-4o, DeepSeek.
    String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
    String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
    String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{M}]*[\p{Ll}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+`,
    '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+',
    ' {2,}',
    '(?:ab)+c',
    String.raw`\(a+\)+`,
    '[(a+)]+',
    '(a+|b)?c',
    String.raw`\p{N}{1,3}(?:\p{N}{3})*`,
    String.raw`[一-龥]+|[^\r\n\p{L}\p{N}]?\p{L}+(?:'s|'t)?`,
    'a{3}b{2,}',
    '(unclosed',
    String.raw`\p{Letter`,
    'a)b+',
  ])('may be used: %s', (pattern) => {
    expect(mayNeverEnd(pattern)).toBe(false);
  });

  it.each([
    '(a+)+b',
    '(?:a|a)*b',
    '(a*){2,}',
    '((a|b)c)+',
    '(?i:x?x?)+',
    '(a{1,3})*',
    String.raw`(\w+\s?)*$`,
    '(?:(?:a+))+',
    // Bounded, and still more ways than anyone waits for.
    '(?:a|a){0,60}b',
    '(?:a?){60}b',
    '(?:a{0,9}){0,9}b',
    '(?:(?:a|a){2}){20}b',
    `${'a?'.repeat(30)}b`,
    `${'(?:a|a)'.repeat(20)}b`,
    // Without groups: the text's length to the power of how many there are.
    String.raw`\s*\s*\s*x`,
    '.*.*.*.*=',
    String.raw`(?:\w+)(?:\w+)\w+!`,
    '(a+)(?=b*c*)',
  ])('is refused: %s', (pattern) => {
    expect(mayNeverEnd(pattern)).toBe(true);
  });
});

it('is looked for at every depth', () => {
  const step = { type: 'Split', pattern: { Regex: '(a+)+b' } };
  const nested = { type: 'Sequence', pretokenizers: [{ type: 'ByteLevel' }, step] };
  const reason = (part: unknown) => {
    try {
      checkPatterns(part, 'pre_tokenizer');
    } catch (error) {
      if (error instanceof EngineError) return error.reason;
    }
    return 'accepted';
  };
  expect(reason(nested)).toBe('tokenizer-invalid');
  expect(reason({ type: 'Split', pattern: { String: '(a+)+b' } })).toBe('accepted');
  expect(reason({ pattern: { Regex: 'a'.repeat(5000) } })).toBe('tokenizer-invalid');
  expect(reason({ pattern: { Regex: 7 } })).toBe('tokenizer-invalid');
  let deep: unknown = step;
  for (let i = 0; i < 1000; i++) deep = [deep];
  expect(reason(deep)).toBe('tokenizer-invalid');
});

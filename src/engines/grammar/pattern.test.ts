import { expect, test } from 'vitest';
import { automaton, takes } from './automaton.ts';
import { PatternError, patternTerm } from './pattern.ts';

const PATTERNS = [
  '^[^@\\s]+@[^@\\s]+\\.[a-z]{2,}$',
  '^[A-Za-zÁÉÍÓÚáéíóúñÑ ]{1,5}$',
  'abc',
  '^abc',
  'abc$',
  '^a|b$',
  '(^a|b)c',
  '^(?!\\.)(?!.*\\.\\.)[a-z.]*@b$',
  '^(?=.*\\d)[a-z0-9]{2,4}$',
  '^(?![-+.]*$)[+-]?0*\\d*\\.?\\d*$',
  '\\bab\\b',
  '\\Bb',
  '^\\p{L}+$',
  '\\P{Lu}',
  '^.$',
  '^[^a]*$',
  '',
  '^$',
  '^(a|ab)(c|bcd)*d?$',
  '^(?:a{2,3}?b?){1,2}$',
  '^a*?b+?$',
  '[\\d\\-.]{3}',
  'a^b',
  '^\\u{1F600}$',
  '^\\w+\\W\\w+$',
  '(?=b)[a-c]c',
  '^x(?!y)',
  '^\\S\\s\\S$',
];
const ALPHABET = [
  'a',
  'b',
  'c',
  'd',
  'x',
  'y',
  '.',
  '@',
  '1',
  '0',
  '-',
  '+',
  ' ',
  '"',
  '\\',
  '\n',
  '\t',
  'Á',
  'ñ',
  'é',
  '😀',
  '_',
  'Z',
  '\u2028',
];

let seed = 7;
const below = (n: number): number => (seed = (seed * 48_271) % 2_147_483_647) % n;

test('a pattern’s automaton and RegExp agree on random texts', () => {
  let taken = 0;
  for (const pattern of PATTERNS) {
    const states = automaton(patternTerm(pattern));
    expect(states, pattern).toBeDefined();
    const judge = new RegExp(pattern, 'u');
    for (let run = 0; run < 1_500; run++) {
      // Few letters, so that many texts match.
      const letters = Array.from({ length: 1 + below(6) }, () => ALPHABET[below(ALPHABET.length)] ?? '');
      const text = Array.from({ length: below(9) }, () => letters[below(letters.length)] ?? '').join('');
      const wanted = judge.test(text);
      if (wanted) taken++;
      expect(takes(states ?? [], text), `${pattern} on ${JSON.stringify(text)}`).toBe(wanted);
    }
  }
  expect(taken).toBeGreaterThan(3_000);
});

test('what no automaton holds to is refused by name', () => {
  const refused = (pattern: string): string => {
    try {
      patternTerm(pattern);
      return 'taken';
    } catch (error) {
      return error instanceof PatternError ? `${error.feature} ${error.text}` : String(error);
    }
  };
  expect(refused('^(a)\\1$')).toBe('back-reference \\1');
  expect(refused('(?<=a)b')).toBe('look-behind (?<=a)');
  expect(refused('((?=a)b)*')).toBe('look-ahead-repeated ((?=a)b)');
  expect(refused('a{5000}')).toBe('repeated-too-often {5000}');
  expect(refused('(')).toMatch(/^syntax /);
});

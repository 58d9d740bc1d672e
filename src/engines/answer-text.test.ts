import { expect, it } from 'vitest';
import { answerText } from './answer-text.ts';

/** A decoder whose tokens are the characters given. */
const spelled = (pieces: readonly string[], rest = '') => ({
  push: (id: number) => pieces[id] ?? '',
  end: () => rest,
});

function shown(pieces: readonly string[], stops: readonly string[], rest = '') {
  const answer = answerText(spelled(pieces, rest), stops);
  const parts: string[] = [];
  for (const id of pieces.keys()) {
    parts.push(answer.push(id));
    if (answer.stopped) break;
  }
  parts.push(answer.end());
  expect(parts.join('')).toBe(answer.text);
  return { parts, text: answer.text, stopped: answer.stopped };
}

it('shows each piece at once where nothing is to be held back', () => {
  expect(shown(['a', 'b', 'c'], []).parts).toEqual(['a', 'b', 'c', '']);
  expect(shown(['a'], [''], '\u{fffd}').text).toBe('a\u{fffd}');
});

it('a stop string over several tokens is never shown, nor what follows', () => {
  expect(shown(['Hola <', '|f', 'in|', '> x'], ['<|fin|>'])).toEqual({
    parts: ['Hola ', '', '', '', ''],
    text: 'Hola ',
    stopped: true,
  });
});

it('what only began like a stop string is shown when it turns out otherwise, or at the end', () => {
  expect(shown(['a<', '|b'], ['<|fin|>']).parts).toEqual(['a', '<|b', '']);
  expect(shown(['a<', '|fi'], ['<|fin|>']).parts).toEqual(['a', '', '<|fi']);
  expect(shown(['aab'], ['aac', 'ab']).text).toBe('a');
  expect(shown(['aa', 'ab'], ['aab']).text).toBe('a');
});

it('of several stop strings the one that begins first counts, within a token too', () => {
  expect(shown(['one two three'], ['three', 'two']).text).toBe('one ');
});

it('a stop string that the last bytes complete still stops', () => {
  expect(shown(['x', 'E'], ['EN'], 'N').text).toBe('x');
});

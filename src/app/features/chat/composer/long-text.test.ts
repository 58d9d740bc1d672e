import { expect, test } from 'vitest';
import type { CountMany } from '../../../../wire/count.ts';
import { countWords, overOf } from './long-text.ts';
import { countOne, fit, type FitOrder } from '../answer/fit.ts';

/** Every letter a token, and ten of the template's own. */
const counting = (contextLength: number) => {
  const countMany: CountMany = (conversations) =>
    Promise.resolve({
      tokens: conversations.map(({ messages }) =>
        messages.reduce((sum, { content }) => sum + content.length, 10),
      ),
      contextLength,
    });
  return { countMany, count: countOne(countMany) };
};
const order = (content: string, system = ''): FitOrder => ({
  system,
  turns: [{ id: '', role: 'user', content }],
  reserve: 1000,
});

test('words, and text without blanks', () => {
  expect(countWords('')).toBe(0);
  expect(countWords('  uno\n dos\ttres ')).toBe(3);
  expect(countWords('x'.repeat(1200))).toBe(100);
});

test('what is too much is said in words of the message itself', async () => {
  const { count, countMany } = counting(1000); // 750 of room, 740 beside the template
  const long = order('sol '.repeat(250).trim()); // 999 letters in 250 words
  const over = await overOf(long, await fit(long, countMany), count);
  expect(over).toEqual({ words: 65 });
  // With so many words less it fits, and not with much more than that.
  const without = (words: number) => fit(order('sol '.repeat(250 - words).trim()), countMany);
  expect((await without(65)).fits).toBe(true);
  expect((await without(63)).fits).toBe(false);
});

test('nothing is too much where it fits, and instructions that fill the context are said as such', async () => {
  const { count, countMany } = counting(1000);
  const short = order('hola');
  expect(await overOf(short, await fit(short, countMany), count)).toBeNull();
  const told = order('hola', 'x'.repeat(900));
  expect(await overOf(told, await fit(told, countMany), count)).toBe('instructions');
});

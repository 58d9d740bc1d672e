import { expect, it } from 'vitest';
import { countUntilFits, promptLimit, type Counted, type CountMany } from '../../../../wire/count.ts';
import { countOne, fit, type Turn } from './fit.ts';
import { cleanTitle } from './suggest-title.ts';
import { summarise } from './summarise.ts';

/** Every letter a token; how often the tokenizer was asked, and how many conversations it encoded. */
const counting = (contextLength: number) => {
  let calls = 0;
  let encoded = 0;
  const tokensOf = ({ messages, begun = '' }: Counted): number => {
    encoded++;
    return messages.reduce((sum, { content }) => sum + content.length, begun.length);
  };
  const countMany: CountMany = (conversations, { untilFits } = {}) => {
    calls++;
    const tokens =
      untilFits === undefined
        ? conversations.map(tokensOf)
        : countUntilFits(conversations.length, promptLimit(contextLength, untilFits), (i) =>
            tokensOf(conversations[i]!),
          );
    return Promise.resolve({ tokens, contextLength });
  };
  return { countMany, count: countOne(countMany), calls: () => calls, encoded: () => encoded };
};
const turns = (exchanges: number, letters: number): Turn[] =>
  Array.from({ length: 2 * exchanges + 1 }, (_, i) => ({
    id: `n${i}`,
    role: i % 2 === 0 ? ('user' as const) : ('assistant' as const),
    content: 'x'.repeat(letters),
  }));

it('reads everything where it fits', async () => {
  const { countMany, calls } = counting(1000);
  const fitted = await fit({ system: ' s ', turns: turns(4, 10), reserve: 100 }, countMany);
  expect(fitted).toMatchObject({ readFrom: null, dropped: 0, tokens: 91, fits: true });
  expect(fitted.messages[0]).toEqual({ role: 'system', content: 's' });
  expect(calls()).toBe(1);
});

it('leaves out as few of the oldest exchanges as it can, in few counts, and keeps room for the answer', async () => {
  const { countMany, calls, encoded } = counting(1000);
  const fitted = await fit({ system: 'ssss', turns: turns(500, 10), reserve: 512 }, countMany);
  // A quarter of 1000 stays free: 746 letters are 74 messages, of which the first must be the person's.
  expect(fitted).toMatchObject({ dropped: 928, readFrom: 'n928', fits: true, tokens: 734 });
  expect(fitted.messages.map(({ role }) => role).slice(0, 3)).toEqual(['system', 'user', 'assistant']);
  expect(calls()).toBe(1);
  expect(encoded()).toBeLessThanOrEqual(12);
});

it('keeps the last message of the person, though it does not fit', async () => {
  const { countMany } = counting(1000);
  const long: Turn = { id: 'long', role: 'user', content: 'y'.repeat(5000) };
  const fitted = await fit(
    { system: '', turns: [...turns(3, 10).slice(0, 6), long], reserve: 10 },
    countMany,
  );
  expect(fitted).toMatchObject({ fits: false, readFrom: 'long', dropped: 6 });
  expect(fitted.messages).toHaveLength(1);
});

it('summarises piece by piece what is longer than the context', async () => {
  const { count } = counting(1000);
  const asked: number[] = [];
  const text = await summarise(
    {
      turns: [...turns(20, 100), { id: 'z', role: 'user', content: 'z'.repeat(5000) }],
      before: 'antes',
      words: { prompt: 'Resume', user: 'Tú', assistant: 'Modelo' },
      signal: new AbortController().signal,
    },
    count,
    ({ messages }) => {
      asked.push(messages[0]?.content.length ?? 0);
      return Promise.resolve({ text: `resumen ${asked.length} `, finishReason: 'stop', usage: {} as never });
    },
  );
  expect(asked.length).toBeGreaterThan(3);
  expect(Math.max(...asked)).toBeLessThanOrEqual(808);
  expect(text).toBe(`resumen ${asked.length}`);
});

it('takes a title only where it looks like one', () => {
  expect(cleanTitle('“Los mayas y el maíz.”\nEspero que sirva')).toBe('Los mayas y el maíz');
  expect(cleanTitle('**Título: La fotosíntesis**')).toBe('La fotosíntesis');
  expect(cleanTitle('...\n\n')).toBeNull();
  expect(cleanTitle('x'.repeat(200))).toBeNull();
});

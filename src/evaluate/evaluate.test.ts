// A hand-made model with known answers gives exactly the known score.

import { describe, expect, test } from 'vitest';
import type { Engine, Message } from '../engine.ts';
import { evaluate, logProbability, scorerOf, type Scorer } from './evaluate.ts';
import { parseEvaluationSet } from './evaluation-set.ts';

/** One token a character; a turn is marked by <u> and <a>. */
const encode = (text: string): number[] => [...text].map((character) => character.codePointAt(0)!);
const engine = {
  encode: (text: string) => [0, ...encode(text)],
  encodeChat: (messages: readonly Message[], begun = '') => [
    0,
    ...messages.flatMap(({ role, content }) => [role === 'user' ? 1 : 2, ...encode(content)]),
    2,
    ...encode(begun),
  ],
} as unknown as Engine;

/** Likes some texts: -1 for the first token of those, -3 else, and -0.5 for each that follows. */
function liking(...texts: string[]): Scorer & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    score(prefix, continuation) {
      const text = String.fromCodePoint(...continuation);
      asked.push(`${String.fromCodePoint(...prefix)}|${text}`);
      return Promise.resolve(continuation.map((_, i) => (i > 0 ? -0.5 : texts.includes(text) ? -1 : -3)));
    },
  };
}
const set = parseEvaluationSet(
  [
    {
      id: 'a',
      question: '¿Capital de Perú?',
      choices: ['Lima', 'Quito'],
      answer: 0,
      country: 'PE',
      topic: 'geografía',
    },
    {
      id: 'b',
      question: '¿Capital de Ecuador?',
      choices: ['Lima', 'Quito', 'Cuy'],
      answer: 1,
      country: 'EC',
    },
    { id: 'c', question: '¿Y?', choices: ['sí', 'no'], answer: 1 },
    { id: 't', text: 'agua' },
  ]
    .map((item) => JSON.stringify(item))
    .join('\n'),
  'set.jsonl',
);
const raw = { raw: true, shots: 0 };

describe('evaluate', () => {
  test('sums log-probabilities, takes the likeliest, and counts', async () => {
    const result = await evaluate(engine, liking('Lima', 'no'), set, raw);
    expect(result.items).toEqual([
      { id: 'a', scores: [-2.5, -5], tokens: [4, 5], predicted: 0, predictedNormalised: 0 },
      { id: 'b', scores: [-2.5, -5, -4], tokens: [4, 5, 3], predicted: 0, predictedNormalised: 0 },
      { id: 'c', scores: [-3.5, -1.5], tokens: [2, 2], predicted: 1, predictedNormalised: 1 },
      { id: 't', scores: [-4.5], tokens: [4], predicted: null, predictedNormalised: null },
    ]);
    expect(result.accuracy).toBeCloseTo(2 / 3, 12);
    expect(result.groups.country).toMatchObject({ PE: { right: 1, total: 1 }, EC: { right: 0, total: 1 } });
    expect(result.perplexity).toBeCloseTo(Math.exp(4.5 / 4), 12);
    expect(result.accuracyLetters).toBeNull();
  });

  test('a length-normalised prediction may differ', async () => {
    // Summed: Cuy -4 before Quito -5; a character: Quito -1, Cuy -1.33.
    const result = await evaluate(engine, liking(), [set[1]!], raw);
    expect(result.items[0]).toMatchObject({ predicted: 2, predictedNormalised: 1 });
  });

  test('a tie goes to the first', async () => {
    expect((await evaluate(engine, liking(), [set[2]!], raw)).items[0]).toMatchObject({ predicted: 0 });
  });

  test('by the chat template, with letters listed, and with shots before', async () => {
    const scorer = liking('B');
    const result = await evaluate(engine, scorer, set.slice(0, 2), { raw: false, shots: 1 });
    expect(result.items).toHaveLength(1);
    expect(result.items[0]).toMatchObject({ id: 'b', letters: [-3, -1, -3], predictedLetter: 1 });
    expect(result).toMatchObject({ accuracyLetters: 1 });
    expect(scorer.asked[0]).toBe('\0\x01¿Capital de Perú?\x02Lima\x01¿Capital de Ecuador?\x02|Lima');
    expect(scorer.asked[3]).toBe(
      '\0\x01¿Capital de Perú?\nA) Lima\nB) Quito\x02A\x01¿Capital de Ecuador?\nA) Lima\nB) Quito\nC) Cuy\x02|A',
    );
  });

  test('where question and choice merge into one token, the longest common prefix is taken and said', async () => {
    const merging = { ...engine, encode: (text: string) => [0, ...encode(text.replace(':A', '@'))] };
    const item = parseEvaluationSet('{"id":1,"question":"X:","choices":["A","B"],"answer":0}', 'f')[0]!;
    const result = await evaluate(merging, liking('@'), [item], raw);
    expect(result.items[0]).toMatchObject({ scores: [-1, -3], prefixHeld: false });
  });

  test('goes on after what an earlier run did, and stops when told', async () => {
    const scorer = liking('Lima');
    const first = await evaluate(engine, scorer, set, raw);
    const again = liking();
    const done = new Map(first.items.slice(0, 3).map((item) => [item.id, item]));
    expect(await evaluate(engine, again, set, { ...raw, done })).toEqual(first);
    expect(again.asked).toHaveLength(1);
    const abort = new AbortController();
    const seen: string[] = [];
    await expect(
      evaluate(engine, liking(), set, {
        ...raw,
        signal: abort.signal,
        onItem: ({ id }) => {
          seen.push(id);
          abort.abort(new Error('stopped'));
        },
      }),
    ).rejects.toThrow('stopped');
    expect(seen).toEqual(['a']);
  });

  test('an engine without scoring is read logit by logit', async () => {
    const synced: number[][] = [];
    const session = {
      sync: (tokens: number[]) => void synced.push(tokens),
      logits: () => Promise.resolve(Float32Array.of(1, 2, 3)),
      dispose: () => undefined,
    };
    const scorer = scorerOf({ createSession: () => session } as unknown as Engine);
    const scores = await scorer.score([7], [2, 0]);
    expect(synced).toEqual([[7], [7, 2]]);
    expect(scores[0]).toBeCloseTo(-0.40760596, 7);
    expect(scores[1]).toBeCloseTo(-2.40760596, 7);
    expect(logProbability(Float32Array.of(-1000, 1000), 1)).toBe(0);
  });
});

describe('a set that is not one is refused with its line', () => {
  test.each([
    ['', 'line 1: no question'],
    ['{', 'line 1: is no JSON'],
    ['[]', 'is no object'],
    ['{"id":"a"}', '"text" is no text'],
    ['{"id":"a","question":"q","choices":["x"],"answer":0}', 'has 1 choices'],
    ['{"id":"a","question":"q","choices":["x","y"],"answer":2}', '"answer" is no index'],
    ['{"id":"a","question":"q","choices":["x","y"],"answer":"1"}', '"answer" is no index'],
    ['{"id":"a","question":"q","choices":["x",""],"answer":0}', 'no list of texts'],
    ['{"id":"a","text":"x"}\n\n{"id":"a","text":"y"}', 'line 3: the id "a" was there before'],
    ['{"text":"x"}', '"id" is no text'],
  ])('%s', (text, why) => expect(() => parseEvaluationSet(text, 's.jsonl')).toThrow(why));
});

import { expect, test } from 'vitest';
import { integerTerm, neighbour, numberTerm } from './numbers.ts';
import type { Bounds } from './numbers.ts';
import { pairsOf } from './charset.ts';
import { forgetTerms } from './term.ts';
import type { Term } from './term.ts';

/** 10,000 in the soak. */
const RANGES = Number(process.env.YUPANA_RANGES ?? 500);

/** A term of texts without states, as JavaScript's own regular expression. */
function source(term: Term): string {
  switch (term.kind) {
    case 'never':
      return '(?!)';
    case 'empty':
      return '';
    case 'set':
      return `[${pairsOf(term.set)
        .map(([a, b]) => `\\x${a.toString(16)}-\\x${b.toString(16)}`)
        .join('')}]`;
    case 'cat':
      return source(term.first) + source(term.rest);
    case 'or':
      return `(?:${term.parts.map(source).join('|')})`;
    case 'rep':
      return `(?:${source(term.body)}){${term.min},${term.max === Infinity ? '' : term.max}}`;
    default:
      throw new Error(term.kind);
  }
}
const judge = (term: Term): RegExp => new RegExp(`^(?:${source(term)})$`);

let seed = 20_261_128;
const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
const below = (n: number): number => Math.floor(random() * n);

/** Bounds as people write them, and as nobody does. */
function someNumber(): number {
  const sign = random() < 0.5 ? -1 : 1;
  switch (below(7)) {
    case 0:
      return sign * below(10);
    case 1:
      return sign * below(1000);
    case 2:
      return (sign * below(100_000)) / 10 ** (1 + below(4));
    case 3:
      return sign * random();
    case 4:
      return sign * random() * 10 ** (below(60) - 30);
    case 5:
      return sign * 10 ** (below(30) - 8);
    default:
      return 0;
  }
}

function someBounds(): Bounds {
  let [low, high] = [someNumber(), random() < 0.2 ? 0 : someNumber()];
  if (random() < 0.3) high = low + below(30) / 10 ** below(3);
  if (low > high) [low, high] = [high, low];
  if (random() < 0.15) low = -Infinity;
  if (random() < 0.15) high = Infinity;
  return { low, high, lowOpen: random() < 0.3, highOpen: random() < 0.3 };
}
const within = ({ low, high, lowOpen, highOpen }: Bounds, x: number): boolean =>
  Number.isFinite(x) && (lowOpen ? x > low : x >= low) && (highOpen ? x < high : x <= high);

function probes({ low, high }: Bounds): number[] {
  const edges = [low, high].filter(Number.isFinite);
  const near = edges.flatMap((x) => [
    x,
    neighbour(x, true),
    neighbour(x, false),
    x + 1,
    x - 1,
    x * 10,
    x / 10,
    -x,
  ]);
  const [a, b] = [Math.max(low, -1e9), Math.min(high, 1e9)];
  const inside = Array.from({ length: 6 }, () => a + random() * (b - a));
  return [
    ...near,
    ...inside,
    ...inside.map((x) => Number(x.toFixed(2))),
    0,
    someNumber(),
    1e21,
    5e-324,
    1e300,
    1.2e308,
    9.99e307,
  ];
}

/** Other spellings of a number, some of them of another number, some of none. */
function spellings(x: number): string[] {
  const text = JSON.stringify(x);
  const more =
    text.includes('e') || text.includes('.')
      ? [text]
      : [`${text}.0`, `${text}.5`, `${text}.00000000000000000001`];
  const digits = text.replace(/\d$/, (d) => String((Number(d) + 1) % 10));
  return [...more, digits, `${text}0`, `0${text}`, `-${text}`, text.slice(0, -1), text.replace('.', '.0')];
}

test(
  `${RANGES} random ranges: every number within can be written, and nothing else`,
  { timeout: 600_000 },
  () => {
    let checked = 0;
    const wrong: string[] = [];
    for (let run = 0; run < RANGES; run++) {
      const bounds = someBounds();
      forgetTerms();
      const [numbers, integers] = [judge(numberTerm(bounds)), judge(integerTerm(bounds))];
      const told = JSON.stringify([bounds.low, bounds.high, bounds]);
      for (const x of probes(bounds)) {
        if (!Number.isFinite(x) || Object.is(x, -0)) continue;
        const text = JSON.stringify(x);
        const whole = Number.isInteger(x) && within(bounds, x);
        if (numbers.test(text) !== within(bounds, x)) wrong.push(`${text} in ${told}`);
        if (integers.test(text) !== whole) wrong.push(`integer ${text} in ${told}`);
        checked += 2;
        for (const spelled of spellings(x)) {
          const isJson = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]\d+)?$/.test(spelled);
          const value = isJson ? Number(spelled) : NaN;
          if (numbers.test(spelled) && !within(bounds, value)) wrong.push(`${spelled} in ${told}`);
          if (integers.test(spelled) && !(Number.isInteger(value) && within(bounds, value))) {
            wrong.push(`integer ${spelled} in ${told}`);
          }
          checked += 2;
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(RANGES * 100);
    console.log(`forms: ${RANGES} number ranges, ${checked} texts judged, 0 wrong`);
  },
);

test('the ranges that are wrong elsewhere', () => {
  const bounds = (low: number, high: number, lowOpen = false, highOpen = false): Bounds => ({
    low,
    high,
    lowOpen,
    highOpen,
  });
  const integers = judge(integerTerm(bounds(0, 120)));
  for (let x = -200; x <= 2_000; x++) expect(integers.test(String(x)), String(x)).toBe(x >= 0 && x <= 120);
  const degrees = judge(integerTerm(bounds(-180, 180)));
  for (let x = -2_000; x <= 2_000; x++)
    expect(degrees.test(String(x)), String(x)).toBe(x >= -180 && x <= 180);
  expect(judge(integerTerm(bounds(-Infinity, -5))).test('-01')).toBe(false);
  expect(judge(numberTerm(bounds(1.5, 2.5))).test('2')).toBe(true);
  expect(judge(numberTerm(bounds(0, 0.5, true))).test('0')).toBe(false);
  expect(judge(numberTerm(bounds(0, 0.5, true))).test('0.0')).toBe(false);
  expect(judge(numberTerm(bounds(-Infinity, Infinity))).test('-0.5')).toBe(true);
  expect(judge(numberTerm(bounds(-Infinity, Infinity))).test('-0')).toBe(false);
  expect(judge(numberTerm(bounds(2, 1))).test('1')).toBe(false);
  expect(judge(integerTerm(bounds(0.5, 0.7))).test('1')).toBe(false);
});

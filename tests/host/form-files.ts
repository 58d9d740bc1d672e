// Schemas kept as data, a JSON line each: the public test suite's, and those as people write them.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Case, Random } from './form-judges.ts';

/** @param file a name in this folder. Lines without a name tell where the others are from. */
export function casesOf(file: string): Case[] {
  const lines = readFileSync(path.join(import.meta.dirname, file), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as Case).filter(({ name }) => name !== undefined);
}

const OTHERS: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  7,
  0.5,
  1e9,
  '',
  'x',
  'ñandú "1"',
  [],
  [1],
  {},
  { a: 1 },
];
const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(random() * list.length)]!;

/** A value with one change somewhere: what a judge who knows the schema may find valid or not. */
export function mutated(value: unknown, random: Random): unknown {
  if (random() < 0.15) return pick(OTHERS, random);
  switch (typeof value) {
    case 'number':
      return pick(
        [value + 1, value - 1, -value, value * 10, value + 0.5, Math.round(value), String(value)],
        random,
      );
    case 'boolean':
      return !value;
    case 'string': {
      const chars = Array.from(value);
      const at = Math.floor(random() * (chars.length + 1));
      const changed = [
        ...chars.slice(0, at),
        pick(['a', 'Z', '9', ' ', 'ñ', '"', '\\', '\n', '.', '-'], random),
      ];
      return pick(
        [
          [...changed, ...chars.slice(at)].join(''),
          [...changed, ...chars.slice(at + 1)].join(''),
          [...chars.slice(0, at), ...chars.slice(at + 1)].join(''),
          value.toUpperCase(),
          value + value,
        ],
        random,
      );
    }
    default:
  }
  if (Array.isArray(value)) {
    const at = Math.floor(random() * value.length);
    const list = value as unknown[];
    if (list.length === 0 || random() < 0.2) return [...list, pick([...list, ...OTHERS], random)];
    if (random() < 0.3) return list.filter((_, i) => i !== at);
    return list.map((part, i) => (i === at ? mutated(part, random) : part));
  }
  if (typeof value !== 'object' || value === null) return pick(OTHERS, random);
  const entries = Object.entries(value);
  if (entries.length === 0 || random() < 0.15) return { ...value, extra: pick(OTHERS, random) };
  const at = Math.floor(random() * entries.length);
  if (random() < 0.25) return Object.fromEntries(entries.filter((_, i) => i !== at));
  if (random() < 0.15) return Object.fromEntries([...entries].reverse());
  return Object.fromEntries(
    entries.map(([name, part], i) => [name, i === at ? mutated(part, random) : part]),
  );
}

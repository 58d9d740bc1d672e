// The project's own set: form, balance, and nothing a person cannot check.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseEvaluationSet, type ChoiceQuestion } from './evaluation-set.ts';

const folder = path.join(import.meta.dirname, '../../public/sets');
const items = parseEvaluationSet(
  readFileSync(path.join(folder, 'latinoamerica-2026.jsonl'), 'utf8'),
  'set',
) as ChoiceQuestion[];
const COUNTRIES = 'AR BO BR CL CO CR CU DO EC GT HN HT MX NI PA PE PR PY SV UY VE'.split(' ');
const plain = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\d]+/gu, ' ')
    .trim();

test('200 questions, 100 a language, every country in both, five topics', () => {
  expect(items).toHaveLength(200);
  for (const language of ['es', 'pt']) {
    const ours = items.filter((item) => item.language === language);
    expect(ours).toHaveLength(100);
    expect(new Set(ours.map(({ topic }) => topic))).toEqual(
      new Set(['history', 'geography', 'science', 'culture', 'civics']),
    );
  }
  expect([...new Set(items.map(({ country }) => country))].sort()).toEqual(COUNTRIES);
  // 40 more are held back.
  expect(
    JSON.parse(readFileSync(path.join(folder, 'latinoamerica-2026-reserva.enc.json'), 'utf8')),
  ).toMatchObject({ questions: 40 });
});

test('four choices that differ, a source, a question mark', () => {
  for (const { id, question, choices, source } of items) {
    expect(choices, id).toHaveLength(4);
    expect(new Set(choices.map(plain)).size, id).toBe(4);
    expect(source?.length ?? 0, id).toBeGreaterThan(5);
    expect(question, id).toMatch(/\?$/);
  }
});

test('no question stands twice', () => {
  expect(new Set(items.map(({ question }) => plain(question))).size).toBe(items.length);
});

test('the key gives nothing away: its place is balanced, and it is the longest no more often than chance and a bit', () => {
  for (let place = 0; place < 4; place++) {
    expect(items.filter(({ answer }) => answer === place).length).toBe(50);
  }
  const longest = items.filter(({ choices, answer }) =>
    choices.every((choice, i) => i === answer || choice.length < (choices[answer]?.length ?? 0)),
  );
  expect(longest.length).toBeLessThanOrEqual(80);
});

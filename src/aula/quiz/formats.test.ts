// What is written is read back by an independent parser and by our own reader.

import { parse } from 'gift-pegjs';
import { expect, test } from 'vitest';
import { readAiken, writeAiken } from './aiken.ts';
import { readGift, writeGift } from './gift.ts';
import type { ChoiceItem, Item } from './item.ts';
import { clozeParts, sheetOf } from './item.ts';
import { writeMoodleXml } from './moodle-xml.ts';
import { csvOf, csvRows, kahootRows, readCsvBank, rowsOfCsv, waygroundRows } from './sheets.ts';

/** Everything that breaks a quiz file: accents, LaTeX, quotes, braces, marks of the formats, breaks. */
const TORTURE = [
  'Año, niño, ação: “¿cuál?” — …',
  'Resuelve \\(x \\neq 2\\) y \\[\\frac{1}{2}\\nu\\]',
  'Un {conjunto} = {a, b} ~ # : :: //',
  '"comillas" y \'simples\' <b>no es HTML</b> & más ]]> fin',
  'Dos\nlíneas, y C:\\notas\\nuevo',
  '😀 = 50 %',
  '//parece un comentario',
  '$CATEGORY: no',
  '=1+1',
];
const choice = (question: string, i: number): ChoiceItem => ({
  kind: 'choice',
  id: `q${i}`,
  question,
  correct: `${question} sí`,
  wrong: [`no ${question}`, 'ñ', '{}'],
  feedback: `Porque ${question}`,
});
const items: Item[] = [
  ...TORTURE.map(choice),
  { kind: 'truefalse', id: 'v', statement: 'El hielo: flota = sí', isTrue: true },
  { kind: 'truefalse', id: 'f', statement: 'El sol es frío', isTrue: false },
  { kind: 'short', id: 's', question: '¿Capital de Colombia?', answers: ['Bogotá', 'Bogota'] },
  { kind: 'numeric', id: 'n', question: 'Pi con dos decimales', answer: 3.14, tolerance: 0.01 },
  {
    kind: 'matching',
    id: 'm',
    question: 'Une',
    pairs: [
      { left: 'Chile', right: 'Santiago' },
      { left: 'Perú', right: 'Lima' },
      { left: 'a=b', right: 'c:d' },
    ],
  },
  { kind: 'ordering', id: 'o', question: 'Ordena', steps: ['nace', 'crece', 'muere'] },
  { kind: 'cloze', id: 'c', sentence: 'La capital de Perú es Lima.', gap: 'Lima' },
];
const text = (part: { text: string }): string => part.text;

test('GIFT: an independent parser reads the same questions', () => {
  const read = parse(writeGift(items, 'Ciencias 5/Unidad 1')).filter(({ type }) => type !== 'Category');
  expect(read.map(({ type }) => type)).toEqual([
    ...TORTURE.map(() => 'MC'),
    'TF',
    'TF',
    'Short',
    'Numerical',
    'Matching',
    'Matching',
    'Short',
  ]);
  items.slice(0, TORTURE.length).forEach((item, i) => {
    const got = read[i] as unknown as {
      stem: { text: string };
      choices: { isCorrect: boolean; text: { text: string } }[];
    };
    const want = item as ChoiceItem;
    expect(text(got.stem)).toBe(want.question);
    expect(got.choices.filter(({ isCorrect }) => isCorrect).map((c) => text(c.text))).toEqual([want.correct]);
    expect(got.choices.filter(({ isCorrect }) => !isCorrect).map((c) => text(c.text))).toEqual(want.wrong);
  });
});

test('GIFT: an arrow inside an option makes no pair of it', () => {
  const [read] = parse(writeGift([{ ...choice('a -> b', 1), feedback: '' }])) as unknown as [
    { type: string; choices: { text: { text: string } }[] },
  ];
  expect([read.type, text(read.choices[0]!.text)]).toEqual(['MC', 'a → b sí']);
});

test('GIFT: our own reader gives back what was written', () => {
  const { items: read, unread } = readGift(writeGift(items));
  expect(unread).toEqual([]);
  const again = items.map((item): Item => {
    if (item.kind !== 'ordering') return item;
    return {
      kind: 'matching',
      id: item.id,
      question: item.question,
      pairs: item.steps.map((right, i) => ({ left: `${i + 1}.º`, right })),
    };
  });
  expect(read).toEqual(again);
});

test('GIFT of other people: names, weights, feedback, comments; what is not taken is named', () => {
  const bank = readGift(`// banco
$CATEGORY: $course$/top/X

::Agua 1::[html]¿Qué porcentaje es agua dulce? {=3 %#Bien. ~30 %#Es menos. ~97 %#Esa es salada. ####Fuente\\: texto 1}

::Varias::Marca los estados. {~%50%sólido ~%50%gas ~%-100%madera}

::Pesos::Uno. {~%100%sí ~%0%no}

VF {FALSE#mal#bien}

{#1822:0} ¿no?

¿Año? {#3.13..3.15}

Ensayo {}

Solo texto`);
  expect(bank.items).toEqual([
    {
      kind: 'choice',
      id: 'g1',
      question: '¿Qué porcentaje es agua dulce?',
      correct: '3 %',
      wrong: ['30 %', '97 %'],
      feedback: 'Fuente: texto 1',
    },
    { kind: 'choice', id: 'g3', question: 'Uno.', correct: 'sí', wrong: ['no'] },
    { kind: 'truefalse', id: 'g4', statement: 'VF', isTrue: false },
    { kind: 'numeric', id: 'g5', question: '', answer: 1822, tolerance: 0 },
    {
      kind: 'numeric',
      id: 'g6',
      question: '¿Año?',
      answer: 3.1399999999999997,
      tolerance: 0.010000000000000009,
    },
  ]);
  expect(bank.unread.map(({ why }) => why)).toEqual(['weights', 'essay', 'description']);
});

test('Aiken: written and read, with stems that look like options, and without what it cannot hold', () => {
  const plain: Item[] = [choice('A. Machado nació en', 1), choice('¿Cuál?', 2), items.at(-1)!];
  const { text: written, left } = writeAiken(plain, 'Pregunta: ');
  expect(left).toEqual(['c']);
  const { items: read, unread } = readAiken(written);
  expect(unread).toEqual([]);
  expect(read).toMatchObject([
    { question: 'Pregunta: A. Machado nació en', correct: 'A. Machado nació en sí' },
    { question: '¿Cuál?', correct: '¿Cuál? sí', wrong: ['no ¿Cuál?', 'ñ', '{}'] },
  ]);
  const people = readAiken(
    'Una\ndos líneas\nA) sí\nB) no\nRESPUESTA: B\n\nSin clave\nA. x\nB. y\n\nOtra\nA. x\nB. y\nANSWER: D\n',
  );
  expect(people.items).toMatchObject([{ question: 'Una dos líneas', correct: 'no', wrong: ['sí'] }]);
  expect(people.unread.map(({ why, line }) => [why, line])).toEqual([
    ['no-answer', 7],
    ['no-right-answer', 11],
  ]);
});

/** A reader of XML in forty lines: tags, CDATA, entities. Written for this test from the XML specification. */
interface Node {
  name: string;
  attrs: Record<string, string>;
  children: Node[];
  text: string;
}
function parseXml(source: string): Node {
  const root: Node = { name: '', attrs: {}, children: [], text: '' };
  const stack = [root];
  const entity = (t: string) =>
    t.replace(/&(lt|gt|amp|quot);/g, (_, n: string) => ({ lt: '<', gt: '>', amp: '&', quot: '"' })[n]!);
  const token =
    /<!\[CDATA\[([\s\S]*?)\]\]>|<\?[^>]*\?>|<\/([\w-]+)>|<([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*>|([^<]+)/gy;
  let at = 0;
  for (let m = token.exec(source); m; m = token.exec(source)) {
    at = token.lastIndex;
    const top = stack.at(-1)!;
    if (m[1] !== undefined) top.text += m[1];
    else if (m[2] !== undefined) {
      expect(stack.pop()!.name).toBe(m[2]);
    } else if (m[3] !== undefined) {
      const attrs = Object.fromEntries(
        [...(m[4] ?? '').matchAll(/([\w-]+)="([^"]*)"/g)].map(([, k, v]) => [k!, entity(v!)]),
      );
      const node: Node = { name: m[3], attrs, children: [], text: '' };
      top.children.push(node);
      stack.push(node);
    } else if (m[5] !== undefined) top.text += entity(m[5]);
  }
  expect(at).toBe(source.length);
  expect(stack).toEqual([root]);
  return root;
}
const child = (node: Node, ...names: string[]): Node =>
  names.reduce((n, name) => n.children.find((c) => c.name === name)!, node);
const plain = (html: string) =>
  html
    .replaceAll('<br>', '\n')
    .replace(/&(lt|gt|amp);/g, (_, n: string) => ({ lt: '<', gt: '>', amp: '&' })[n]!);

test('Moodle XML: well-formed, and every text comes back', () => {
  const quiz = child(parseXml(writeMoodleXml(items, 'Ciencias & más')), 'quiz');
  const questions = quiz.children.slice(1);
  expect(quiz.children[0]!.attrs.type).toBe('category');
  expect(questions.map(({ attrs }) => attrs.type)).toEqual([
    ...TORTURE.map(() => 'multichoice'),
    'truefalse',
    'truefalse',
    'shortanswer',
    'numerical',
    'matching',
    'matching',
    'cloze',
  ]);
  items.slice(0, TORTURE.length).forEach((item, i) => {
    const want = item as ChoiceItem;
    const got = questions[i]!;
    expect(plain(child(got, 'questiontext', 'text').text)).toBe(want.question);
    const answers = got.children.filter(({ name }) => name === 'answer');
    expect(answers.map((a) => [a.attrs.fraction, plain(child(a, 'text').text)])).toEqual([
      ['100', want.correct],
      ...want.wrong.map((w) => ['0', w]),
    ]);
    expect(plain(child(got, 'generalfeedback', 'text').text)).toBe(want.feedback);
  });
  expect(questions.find(({ attrs }) => attrs.type === 'cloze')!.children[1]!.children[0]!.text).toBe(
    'La capital de Perú es {1:SHORTANSWER:=Lima}.',
  );
  expect(
    questions[TORTURE.length]!.children.filter(({ name }) => name === 'answer').map((a) => [
      a.attrs.fraction,
      child(a, 'text').text,
    ]),
  ).toEqual([
    ['100', 'true'],
    ['0', 'false'],
  ]);
});

test('CSV: any text comes back, formulas are disarmed, both separators are read', () => {
  for (const separator of [',', ';'] as const) {
    const written = csvOf(csvRows(items), separator);
    const { items: read, unread } = readCsvBank(written);
    expect(unread).toEqual([]);
    expect(read.slice(0, TORTURE.length)).toMatchObject(
      items
        .slice(0, TORTURE.length)
        .map((item) => ({ question: (item as ChoiceItem).question, correct: (item as ChoiceItem).correct })),
    );
    expect(written).not.toMatch(/(^|[,;])=1\+1/m);
  }
  expect(rowsOfCsv('a;b;c,d\r\n"x;""y""\nz";2')).toEqual([
    ['a', 'b', 'c,d'],
    ['x;"y"\nz', '2'],
  ]);
  expect(readCsvBank('Pregunta,Respuesta,Incorrecta 1\n¿1+1?,2,3\n,,\nSin,,x').unread).toEqual([
    { line: 3, text: 'Sin  x', why: 'no-answer' },
  ]);
});

test('Kahoot and Wayground take what fits, in a shuffled order, and name what does not', () => {
  const long = choice('x'.repeat(121), 99);
  const six: ChoiceItem = { ...choice('seis', 98), wrong: ['1', '2', '3', '4', '5'] };
  const kahoot = kahootRows([...items, long, six], 7);
  expect(kahoot.rows[7]![1]).toBe('Question - max 120 characters');
  for (const [, question, ...rest] of kahoot.rows.slice(8)) {
    const item = items.find((i) => i.kind === 'choice' && i.question === question) as ChoiceItem;
    expect(rest[Number(rest[5]) - 1]).toBe(item.correct);
  }
  expect(kahoot.left).toEqual(
    expect.arrayContaining([
      { id: 'q99', why: 'too-long' },
      { id: 'q98', why: 'too-many-options' },
      { id: 'm', why: 'kind' },
    ]),
  );
  const wayground = waygroundRows(items, 7);
  expect(new Set(wayground.rows.map((row) => row.length))).toEqual(new Set([11]));
  expect(wayground.left.map(({ id }) => id)).toEqual(['v', 'f', 'n', 'm', 'o']);
});

test('sheets A to D differ, repeat for the same seed, and their keys are right', () => {
  const sheets = ['A', 'B', 'C', 'D'].map((version) => sheetOf(items, 5, version));
  expect(new Set(sheets.map(({ questions }) => questions.map(({ item }) => item.id).join())).size).toBe(4);
  expect(sheetOf(items, 5, 'B')).toEqual(sheets[1]);
  for (const { questions } of sheets)
    for (const { item, options, key } of questions) {
      if (item.kind === 'choice') expect(options['ABCD'.indexOf(key)]).toBe(item.correct);
      if (item.kind === 'ordering')
        expect(key.split(' ').map((c) => options['ABCD'.indexOf(c)])).toEqual(item.steps);
    }
});

test('a gap is a whole word', () => {
  expect(clozeParts({ kind: 'cloze', id: 'x', sentence: 'El sol y el girasol.', gap: 'sol' })).toEqual([
    'El ',
    ' y el girasol.',
  ]);
  expect(clozeParts({ kind: 'cloze', id: 'x', sentence: 'Vale (a+b).', gap: 'a+b' })).toEqual([
    'Vale (',
    ').',
  ]);
});

// Quizzes as rows of a sheet: CSV for any program, and the columns that Kahoot and Wayground (Quizizz) import.

import type { Bank } from './gift.ts';
import { randomOf, shuffled, stemOf, type ChoiceItem, type Item } from './item.ts';

export const KAHOOT = { question: 120, answer: 75, seconds: [5, 10, 20, 30, 60, 90, 120, 240] } as const;
export const WAYGROUND = { options: 5 } as const;

export interface SheetRows {
  rows: (string | number)[][];
  /** Questions that the program cannot hold, and why. */
  left: { id: string; why: 'kind' | 'too-long' | 'too-many-options' }[];
}

/** A field that a spreadsheet would take for a formula gets a mark before it, which programs show as text. */
const unarmed = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

/** Quoted where needed; lines end in CRLF (RFC 4180). @param separator ";" opens right where the comma is the decimal mark */
export function csvOf(rows: readonly (readonly (string | number)[])[], separator: ',' | ';' = ','): string {
  const field = (value: string | number): string => {
    const text = typeof value === 'number' ? String(value) : unarmed(value);
    return /["\r\n,;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => `${row.map(field).join(separator)}\r\n`).join('');
}

/** RFC 4180 with either separator. Throws nothing: an unclosed quote runs to the end. */
export function rowsOfCsv(text: string): string[][] {
  const source = text.replace(/^\u{FEFF}/u, '');
  const head = source.slice(0, source.search(/[\r\n]|$/));
  const separator =
    [...head].filter((c) => c === ';').length > [...head].filter((c) => c === ',').length ? ';' : ',';
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const end = (): void => {
    row.push(field);
    field = '';
  };
  for (let i = 0; i < source.length; i++) {
    const c = source.charAt(i);
    if (quoted) {
      if (c === '"' && source.charAt(i + 1) === '"') field += source.charAt(i++);
      else if (c === '"') quoted = false;
      else field += c;
    } else if (c === '"' && field === '') quoted = true;
    else if (c === separator) end();
    else if (c === '\n') {
      end();
      rows.push(row);
      row = [];
    } else if (c !== '\r') field += c;
  }
  if (field !== '' || row.length > 0) {
    end();
    rows.push(row);
  }
  return rows.filter((cells) => cells.some((cell) => cell.trim() !== ''));
}

const HEAD = ['id', 'kind', 'question', 'correct', 'wrong 1', 'wrong 2', 'wrong 3', 'feedback'];

/** All kinds in one plain table, which `readCsvBank` reads back where they are choices or short answers. */
export function csvRows(items: readonly Item[]): (string | number)[][] {
  const cells = (item: Item): (string | number)[] => {
    switch (item.kind) {
      case 'choice':
        return [item.correct, ...item.wrong];
      case 'truefalse':
        return [item.isTrue ? 'TRUE' : 'FALSE'];
      case 'short':
        return [item.answers.join(' | ')];
      case 'numeric':
        return [`${item.answer}${item.tolerance > 0 ? ` ± ${item.tolerance}` : ''}`];
      case 'matching':
        return [item.pairs.map(({ left, right }) => `${left} -> ${right}`).join(' | ')];
      case 'ordering':
        return [item.steps.join(' | ')];
      case 'cloze':
        return [item.gap];
    }
  };
  return [
    HEAD,
    ...items.map((item) => {
      const row = [item.id, item.kind, stemOf(item), ...cells(item)];
      while (row.length < HEAD.length - 1) row.push('');
      return [...row, item.feedback ?? ''];
    }),
  ];
}

const QUESTION = /^(?:question(?: text)?|pregunta|pergunta|enunciado)$/i;
const CORRECT =
  /^(?:correct(?: answer)?|correcta|respuesta(?: correcta)?|correta|resposta(?: correta)?|answer)$/i;
const WRONG = /^(?:wrong|incorrect(?: answer)?|incorrecta|incorreta|distractor|distrator)(?: ?\d+)?$/i;

/** A table with a head that names question, right answer and wrong ones, in any of the three languages. */
export function readCsvBank(text: string): Bank {
  const [head = [], ...rows] = rowsOfCsv(text);
  const names = head.map((name) => name.trim());
  const at = (match: RegExp): number => names.findIndex((name) => match.test(name));
  const [question, correct] = [at(QUESTION), at(CORRECT)];
  const wrong = names.flatMap((name, i) => (WRONG.test(name) ? [i] : []));
  const bank: Bank = { items: [], unread: [] };
  const cell = (row: string[], i: number): string => (row[i] ?? '').trim().replace(/^'(?=[=+\-@])/, '');
  rows.forEach((row, i) => {
    const stem = question < 0 ? '' : cell(row, question);
    const right = correct < 0 ? '' : cell(row, correct);
    if (stem === '' || right === '') {
      bank.unread.push({
        line: i + 2,
        text: row.join(' ').slice(0, 80),
        why: stem === '' ? 'shape' : 'no-answer',
      });
      return;
    }
    const others = wrong.map((column) => cell(row, column)).filter((words) => words !== '');
    const id = `c${i + 1}`;
    bank.items.push(
      others.length > 0
        ? { kind: 'choice', id, question: stem, correct: right, wrong: others }
        : { kind: 'short', id, question: stem, answers: right.split(' | ') },
    );
  });
  return bank;
}

/** Options in an order of their own, with the number (from 1) of the right one. */
function numbered(item: ChoiceItem, random: () => number): { options: string[]; key: number } {
  const options = shuffled([item.correct, ...item.wrong], random);
  return { options, key: options.indexOf(item.correct) + 1 };
}

/** Kahoot's template has its head in row 8 and its first column empty but for the numbers. */
export function kahootRows(items: readonly Item[], seed: number, seconds = 30): SheetRows {
  const random = randomOf(seed);
  const limit = KAHOOT.seconds.find((value) => value >= seconds) ?? 240;
  const out: SheetRows = {
    rows: [
      ...Array.from({ length: 7 }, () => [] as string[]),
      [
        '',
        'Question - max 120 characters',
        'Answer 1 - max 75 characters',
        'Answer 2 - max 75 characters',
        'Answer 3 - max 75 characters',
        'Answer 4 - max 75 characters',
        'Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs',
        'Correct answer(s) - choose at least one',
      ],
    ],
    left: [],
  };
  for (const item of items) {
    if (item.kind !== 'choice') out.left.push({ id: item.id, why: 'kind' });
    else if (item.wrong.length > 3) out.left.push({ id: item.id, why: 'too-many-options' });
    else if (
      item.question.length > KAHOOT.question ||
      [item.correct, ...item.wrong].some((text) => text.length > KAHOOT.answer)
    )
      out.left.push({ id: item.id, why: 'too-long' });
    else {
      const { options, key } = numbered(item, random);
      const four = [...options, '', '', ''].slice(0, 4);
      out.rows.push([out.rows.length - 7, item.question, ...four, limit, key]);
    }
  }
  return out;
}

export function waygroundRows(items: readonly Item[], seed: number, seconds = 30): SheetRows {
  const random = randomOf(seed);
  const out: SheetRows = {
    rows: [
      [
        'Question Text',
        'Question Type',
        'Option 1',
        'Option 2',
        'Option 3',
        'Option 4',
        'Option 5',
        'Correct Answer',
        'Time in seconds',
        'Image Link',
        'Answer explanation',
      ],
    ],
    left: [],
  };
  const row = (item: Item, type: string, options: string[], key: number | ''): void => {
    const five = [...options, '', '', '', ''].slice(0, WAYGROUND.options);
    out.rows.push([stemOf(item), type, ...five, key, seconds, '', item.feedback ?? '']);
  };
  for (const item of items) {
    if (item.kind === 'choice' && item.wrong.length < WAYGROUND.options) {
      const { options, key } = numbered(item, random);
      row(item, 'Multiple Choice', options, key);
    } else if (item.kind === 'choice') out.left.push({ id: item.id, why: 'too-many-options' });
    else if (item.kind === 'short') row(item, 'Fill-in-the-Blank', [item.answers[0] ?? ''], '');
    else if (item.kind === 'cloze') row(item, 'Fill-in-the-Blank', [item.gap], '');
    else out.left.push({ id: item.id, why: 'kind' });
  }
  return out;
}

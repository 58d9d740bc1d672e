// GIFT, Moodle's text format, written and read : Moodle's question/format/gift says what each sign means.

import { clozeParts, stemOf, type Item } from './item.ts';

/** In this order: the backslash first, or the others' would be doubled. A break inside a text is the two characters \n. */
export function escapeGift(text: string): string {
  return text
    .replaceAll('\r', '')
    .replaceAll('\\', '\\\\')
    .replace(/[#=~{}:]/g, '\\$&')
    .replaceAll('\n', '\\n');
}

/** Inside an answer an arrow would make it a pair to match. */
const inAnswer = (text: string): string => escapeGift(text.replaceAll('->', '→'));

/** A dot, whatever the language: with a comma Moodle takes any answer as right. */
const dotted = (value: number): string => String(value);

const general = (item: Item): string => (item.feedback ? ` ####${escapeGift(item.feedback)}` : '');

/** An option's text with a position of its own, so that an order can be asked by matching. */
function answersOf(item: Item): string {
  switch (item.kind) {
    case 'choice':
      return [`=${inAnswer(item.correct)}`, ...item.wrong.map((text) => `~${inAnswer(text)}`)].join(' ');
    case 'truefalse':
      return item.isTrue ? 'TRUE' : 'FALSE';
    case 'short':
      return item.answers.map((text) => `=${inAnswer(text)}`).join(' ');
    case 'numeric':
      return `#${dotted(item.answer)}:${dotted(item.tolerance)}`;
    case 'matching':
      return item.pairs.map(({ left, right }) => `=${inAnswer(left)} -> ${inAnswer(right)}`).join(' ');
    case 'ordering':
      return item.steps.map((step, i) => `=${i + 1}.º -> ${inAnswer(step)}`).join(' ');
    case 'cloze':
      return `=${inAnswer(item.gap)}`;
  }
}

function blockOf(item: Item, number: number): string {
  const name = `::${escapeGift(`${number} ${stemOf(item).replace(/\s+/g, ' ').slice(0, 50).trim()}`)}::`;
  const answers = `{${answersOf(item)}${general(item)}}`;
  const comment = `// [id:${item.id}]\n`;
  if (item.kind === 'cloze') {
    const [before, after] = clozeParts(item);
    return `${comment}${name}${escapeGift(before)}${answers}${escapeGift(after)}`;
  }
  return `${comment}${name}${escapeGift(stemOf(item))} ${answers}`;
}

/** @param category e.g. "Ciencias 5": slashes make levels. UTF-8 without a mark at its start. */
export function writeGift(items: readonly Item[], category?: string): string {
  const head = category ? [`$CATEGORY: $course$/top/${category.replace(/[\r\n]+/g, ' ')}`] : [];
  return [...head, ...items.map((item, i) => blockOf(item, i + 1)), ''].join('\n\n');
}

export interface Unread {
  /** First line of the block, counted from 1. */
  line: number;
  /** Its beginning, to find it by. */
  text: string;
  why: 'no-answer' | 'no-right-answer' | 'essay' | 'description' | 'weights' | 'shape';
}
export interface Bank {
  items: Item[];
  /** What the file holds and is not taken, one by one. */
  unread: Unread[];
}

const HIDDEN: Readonly<Record<string, string>> = {
  '\\\\': '\u{E000}',
  '\\:': '\u{E001}',
  '\\#': '\u{E002}',
  '\\=': '\u{E003}',
  '\\{': '\u{E004}',
  '\\}': '\u{E005}',
  '\\~': '\u{E006}',
  '\\n': '\u{E007}',
};
const SHOWN: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(HIDDEN).map(([escaped, mark]) => [mark, escaped === '\\n' ? '\n' : escaped.charAt(1)]),
);
const hide = (text: string): string => text.replace(/\\[\\:#={}~n]/g, (found) => HIDDEN[found] ?? found);
const show = (text: string): string =>
  text.replace(/[\u{E000}-\u{E007}]/gu, (mark) => SHOWN[mark] ?? mark).trim();
/** `[html]`, `[markdown]`, `[plain]`, `[moodle]` at the start say how a text is marked up. */
const unmarked = (text: string): string => text.replace(/^\s*\[(?:html|markdown|plain|moodle)\]/, '');

interface Option {
  right: boolean;
  text: string;
  weight: number | undefined;
}
function optionsOf(answers: string): Option[] {
  return [...answers.matchAll(/([=~])\s*(?:%(-?\d{1,3}(?:\.\d{1,5})?)%)?([^=~#]*)(?:#[^=~]*)?/g)].map(
    ([, sign, weight, text = '']) => ({
      right: sign === '=',
      text: show(unmarked(text)),
      weight: weight === undefined ? undefined : Number(weight),
    }),
  );
}

function numericOf(id: string, question: string, answers: string): Item | Unread['why'] {
  const text = answers.replace(/^#/, '').replace(/^\s*=/, '').split('#')[0]?.trim() ?? '';
  const range = /^(-?[\d.]+(?:e-?\d+)?)\s*\.\.\s*(-?[\d.]+(?:e-?\d+)?)$/i.exec(text);
  const plain = /^(-?[\d.]+(?:e-?\d+)?)(?::([\d.]+))?$/i.exec(text);
  const [low, high] = [Number(range?.[1]), Number(range?.[2])];
  const [answer, tolerance] = range
    ? [(low + high) / 2, Math.abs(high - low) / 2]
    : [Number(plain?.[1]), Number(plain?.[2] ?? 0)];
  if (!Number.isFinite(answer) || !Number.isFinite(tolerance)) return 'shape';
  return { kind: 'numeric', id, question, answer, tolerance };
}

/** Moodle's order of guesses: empty, numeric, multiple choice, matching, true or false, short answer. */
function itemOf(id: string, before: string, answers: string, after: string): Item | Unread['why'] {
  const question = show(unmarked(before));
  const trimmed = answers.trim();
  if (trimmed === '') return 'essay';
  if (trimmed.startsWith('#')) return numericOf(id, question, trimmed);
  if (trimmed.includes('~')) {
    const options = optionsOf(trimmed);
    const right = options.filter((option) => option.right || (option.weight ?? 0) >= 100);
    const rest = options.filter((option) => !right.includes(option));
    if (rest.some(({ weight }) => (weight ?? 0) > 0)) return 'weights';
    if (right.length !== 1 || rest.length === 0) return 'no-right-answer';
    return { kind: 'choice', id, question, correct: right[0]!.text, wrong: rest.map(({ text }) => text) };
  }
  if (trimmed.includes('=') && trimmed.includes('->')) {
    const pairs = optionsOf(trimmed).map(({ text }) => {
      const [left = '', right = ''] = text.split('->', 2);
      return { left: left.trim(), right: right.trim() };
    });
    return pairs.length >= 2 ? { kind: 'matching', id, question, pairs } : 'shape';
  }
  const truth = /^(T|TRUE|F|FALSE)\s*(?:#.*)?$/s.exec(trimmed)?.[1];
  if (truth) return { kind: 'truefalse', id, statement: question, isTrue: truth.startsWith('T') };
  const texts = optionsOf(trimmed.startsWith('=') ? trimmed : `=${trimmed}`).filter(
    ({ weight }) => (weight ?? 100) >= 100,
  );
  if (texts.length === 0 || texts.some(({ text }) => text === '')) return 'no-answer';
  const words = texts.map(({ text }) => text);
  if (show(after) !== '') {
    const sentence = `${show(unmarked(before).trimEnd())} ${words[0]} ${show(after)}`.replace(
      / ([.,;:!?])/g,
      '$1',
    );
    return { kind: 'cloze', id, sentence, gap: words[0]! };
  }
  return { kind: 'short', id, question, answers: words };
}

/** Reads a bank that people have. What is not taken is named, and nothing is taken half. */
export function readGift(text: string): Bank {
  const bank: Bank = { items: [], unread: [] };
  const lines = text.replace(/^\u{FEFF}/u, '').split(/\r?\n/);
  let block: string[] = [];
  let first = 0;
  let id: string | undefined;
  const end = (): void => {
    const whole = hide(block.join('\n'));
    const number = bank.items.length + bank.unread.length + 1;
    block = [];
    if (whole.trim() === '' || /^\s*\$CATEGORY:/.test(whole)) return;
    const unnamed = whole.replace(/^\s*::[\s\S]*?::/, '');
    const found = /^([^{]*)\{([^}]*)\}([\s\S]*)$/.exec(unnamed);
    const feedback = found?.[2]?.includes('####') ? show(found[2].split('####')[1] ?? '') : '';
    const made = found
      ? itemOf(id ?? `g${number}`, found[1] ?? '', (found[2] ?? '').split('####')[0] ?? '', found[3] ?? '')
      : 'description';
    id = undefined;
    if (typeof made === 'string')
      bank.unread.push({ line: first, text: show(unnamed).slice(0, 80), why: made });
    else bank.items.push(feedback === '' ? made : { ...made, feedback });
  };
  lines.forEach((line, i) => {
    if (line.trim() === '') return end();
    if (line.trimStart().startsWith('//')) {
      id = /\[id:([^\]]+)\]/.exec(line)?.[1] ?? id;
      return;
    }
    if (block.length === 0) first = i + 1;
    block.push(line);
  });
  end();
  return bank;
}

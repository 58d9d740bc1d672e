// Aiken, the plainest of quiz formats: multiple choice with one right option; nothing else fits into it.

import type { Bank, Unread } from './gift.ts';
import type { ChoiceItem, Item } from './item.ts';

const LETTERS = 'ABCDEFGHIJ';
/** A stem that begins so would be taken for an option. */
const LIKE_AN_OPTION = /^[A-Z][).]/;

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();

export interface Written {
  text: string;
  /** Ids of the questions that the format cannot hold. */
  left: string[];
}

/** @param prefix put before a stem that begins like an option: "Pregunta: ", "Pergunta: " @param order of the options of an item */
export function writeAiken(
  items: readonly Item[],
  prefix: string,
  order: (item: ChoiceItem) => string[] = (item) => [item.correct, ...item.wrong],
): Written {
  const choices = items.filter((item) => item.kind === 'choice');
  const blocks = choices.map((item) => {
    const stem = oneLine(item.question);
    const options = order(item);
    return [
      LIKE_AN_OPTION.test(stem) ? `${prefix}${stem}` : stem,
      ...options.map((text, i) => `${LETTERS.charAt(i)}. ${oneLine(text)}`),
      `ANSWER: ${LETTERS.charAt(options.indexOf(item.correct))}`,
    ].join('\n');
  });
  const kept = new Set<Item>(choices);
  return {
    text: `${blocks.join('\n\n')}\n`,
    left: items.filter((item) => !kept.has(item)).map(({ id }) => id),
  };
}

export function readAiken(text: string): Bank {
  const bank: Bank = { items: [], unread: [] };
  let stem = '';
  let first = 0;
  let options = new Map<string, string>();
  const refuse = (why: Unread['why']): void => {
    if (stem !== '') bank.unread.push({ line: first, text: stem.slice(0, 80), why });
  };
  const begin = (line: string, number: number): void => {
    stem = line;
    first = number;
    options = new Map();
  };
  text
    .replace(/^\u{FEFF}/u, '')
    .split(/\r?\n/)
    .forEach((raw, i) => {
      const line = raw.trim();
      if (line === '') return;
      const option = /^([A-Z])[).]\s*(.+)$/.exec(line);
      const answer = /^(?:ANSWER|RESPUESTA|RESPOSTA)\s*:\s*([A-Za-z])/i.exec(line)?.[1]?.toUpperCase();
      if (answer !== undefined) {
        const correct = options.get(answer);
        if (correct === undefined || options.size < 2) refuse('no-right-answer');
        else {
          const wrong = [...options].filter(([letter]) => letter !== answer).map(([, words]) => words);
          bank.items.push({
            kind: 'choice',
            id: `a${bank.items.length + 1}`,
            question: stem,
            correct,
            wrong,
          });
        }
        begin('', i + 2);
      } else if (option && stem !== '') options.set(option[1]!, option[2]!);
      else if (options.size > 0) {
        // A new stem came before the answer of the last one.
        refuse('no-answer');
        begin(line, i + 1);
      } else if (stem === '') begin(line, i + 1);
      else stem = `${stem} ${line}`;
    });
  refuse('no-answer');
  return bank;
}

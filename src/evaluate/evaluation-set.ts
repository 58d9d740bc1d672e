// A set of questions as JSON Lines: {"id", "question", "choices", "answer"} or {"id", "text"}; untrusted input with named limits.

import { EngineError } from '../failures.ts';

export const MAX_SET_BYTES = 64 * 2 ** 20;
export const MAX_ITEMS = 100_000;
export const MAX_CHOICES = 26;
/** Characters of one text, choice or question. */
export const MAX_TEXT = 200_000;

interface Labels {
  id: string;
  language?: string;
  country?: string;
  topic?: string;
  /** Where a person can check the answer. */
  source?: string;
}
export interface ChoiceQuestion extends Labels {
  kind: 'choices';
  question: string;
  choices: string[];
  /** Index into `choices`. */
  answer: number;
}
export interface PlainText extends Labels {
  kind: 'text';
  text: string;
}
export type SetItem = ChoiceQuestion | PlainText;

/** @param line from 1 */
function refuse(file: string, line: number, what: string): never {
  throw new EngineError('json-invalid', `${file}, line ${line}: ${what}`, {
    file,
    actual: `${line}: ${what}`,
  });
}

function itemOf(json: unknown, file: string, line: number): SetItem {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) refuse(file, line, 'is no object');
  const fields = json as Record<string, unknown>;
  const text = (name: string): string => {
    const value = fields[name];
    if (typeof value !== 'string') return refuse(file, line, `"${name}" is no text`);
    if (value.length > MAX_TEXT) refuse(file, line, `"${name}" is longer than ${MAX_TEXT} characters`);
    return value;
  };
  const labels: Labels = { id: typeof fields['id'] === 'number' ? String(fields['id']) : text('id') };
  for (const name of ['language', 'country', 'topic', 'source'] as const)
    if (fields[name] !== undefined) labels[name] = text(name);
  if (fields['choices'] === undefined) return { kind: 'text', ...labels, text: text('text') };
  const choices = fields['choices'];
  if (!Array.isArray(choices) || !choices.every((choice) => typeof choice === 'string' && choice !== ''))
    return refuse(file, line, '"choices" is no list of texts');
  if (choices.length < 2 || choices.length > MAX_CHOICES)
    refuse(file, line, `has ${choices.length} choices (2 to ${MAX_CHOICES} are read)`);
  const answer = fields['answer'];
  if (typeof answer !== 'number' || !Number.isInteger(answer) || answer < 0 || answer >= choices.length)
    return refuse(file, line, `"answer" is no index of a choice (0 to ${choices.length - 1})`);
  return { kind: 'choices', ...labels, question: text('question'), choices: choices as string[], answer };
}

/** Throws "json-invalid" with the line, "limit-exceeded". Blank lines are skipped; ids must differ. */
export function parseEvaluationSet(text: string, file: string): SetItem[] {
  const items: SetItem[] = [];
  const seen = new Set<string>();
  text
    .replace(/^\u{FEFF}/u, '')
    .split('\n')
    .forEach((line, i) => {
      if (line.trim() === '') return;
      let json: unknown;
      try {
        json = JSON.parse(line);
      } catch {
        refuse(file, i + 1, 'is no JSON');
      }
      const item = itemOf(json, file, i + 1);
      if (seen.has(item.id)) refuse(file, i + 1, `the id "${item.id}" was there before`);
      if (items.length === MAX_ITEMS) refuse(file, i + 1, `more than ${MAX_ITEMS} questions`);
      seen.add(item.id);
      items.push(item);
    });
  if (items.length === 0) refuse(file, 1, 'no question is in it');
  return items;
}

// What callers hand in, checked before anything begins: each refusal names the option, what it should be and what it is.

import { EngineError } from '../failures.ts';

/** Whether anything was given: OpenAI's clients send null for what they leave out. */
export const given = (value: unknown): boolean => value !== undefined && value !== null;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Any value in a few characters; never throws. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value).slice(0, 40);
  return Array.isArray(value) ? `a list of ${value.length}` : 'an object';
}

export function refuse(option: string, expected: string, actual: unknown): EngineError {
  const is = shown(actual);
  return new EngineError('option-invalid', `${option} should be ${expected}, is ${is}`, {
    option,
    expected,
    actual: is,
  });
}

export const unsupported = (option: string, why = 'is not supported'): EngineError =>
  new EngineError('option-unsupported', `${option} ${why}`, { option, engine: 'Yupana' });

/** Throws "option-invalid" unless the value is what `name` takes. Only asked of values that were given. */
export type Check = (value: unknown, name: string) => void;

export const check =
  (right: (value: unknown) => boolean, expected: string): Check =>
  (value, name) => {
    if (!right(value)) throw refuse(name, expected, value);
  };

export const isText = (value: unknown): value is string => typeof value === 'string';
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

export const bool = check((value) => typeof value === 'boolean', 'true or false');
export const text = check((value) => isText(value) && value !== '', 'a text that is not empty');
export const count = check(isCount, 'a whole number, 0 or more');
export const whole = check((value) => Number.isSafeInteger(value), 'a whole number');

/** @param expected in words, as `right` judges a finite number */
export const number = (right: (value: number) => boolean, expected: string): Check =>
  check(
    (value) => typeof value === 'number' && Number.isFinite(value) && right(value),
    `a number ${expected}`,
  );

/** Neutral values of something that is not done: asking for nothing is no request for it. */
export type Neutral = (value: unknown) => boolean;

/**
 * Every field of `value` is known and right, or refused by name. Throws "option-invalid", "option-unsupported".
 * @param neutral what is not done, and which values of it ask for nothing
 * @param prefix of the names in refusals ("messages[2].")
 */
export function checkFields(
  value: Record<string, unknown>,
  known: Readonly<Record<string, Check>>,
  neutral: Readonly<Record<string, Neutral>> = {},
  prefix = '',
): void {
  for (const [name, field] of Object.entries(value)) {
    if (!given(field)) continue;
    const right = Object.hasOwn(known, name) ? known[name] : undefined;
    if (right) right(field, prefix + name);
    else if (!(Object.hasOwn(neutral, name) && neutral[name]?.(field))) throw unsupported(prefix + name);
  }
}

/** A copy that can be posted to a worker. Throws "option-invalid" for what is no JSON. */
export function jsonCopy(value: unknown, name: string): unknown {
  try {
    return JSON.parse(JSON.stringify(value)) as unknown;
  } catch {
    throw refuse(name, 'JSON', value);
  }
}

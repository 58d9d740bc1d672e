// Small checks that turn anything into data of a known shape, or say where it is not. What no check names is dropped.

import { EngineError, type Counted } from '../../failures.ts';

/** @param at where the value is, e.g. "conversations[3].title" */
export type Check<T> = (value: unknown, at: string) => T;

export function invalid(at: string, expected: string): EngineError {
  return new EngineError('import-invalid', `${at}: expected ${expected}`, { where: at, expected });
}

export function tooLarge(what: Counted, limit: number, at: string): EngineError {
  return new EngineError('import-too-large', `${at}: more than ${limit} ${what}`, { what, limit, where: at });
}

export const text =
  (limit: number): Check<string> =>
  (value, at) => {
    if (typeof value !== 'string') throw invalid(at, 'text');
    if (value.length > limit) throw tooLarge('characters', limit, at);
    return value;
  };

/** Finite, within both bounds. */
export const number =
  (min: number, max: number, whole = false): Check<number> =>
  (value, at) => {
    if (typeof value !== 'number' || !(value >= min && value <= max) || (whole && !Number.isInteger(value))) {
      throw invalid(at, `${whole ? 'a whole number' : 'a number'} from ${min} to ${max}`);
    }
    return value;
  };

export const flag: Check<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw invalid(at, 'true or false');
  return value;
};

export const oneOf =
  <const T extends string | number>(...values: readonly T[]): Check<T> =>
  (value, at) => {
    const found = values.find((each) => each === value);
    if (found === undefined) throw invalid(at, values.join(' or '));
    return found;
  };

export const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value, at) =>
    value === null ? null : check(value, at);

/** Names that every object answers to ("constructor", "__proto__"): as an id they would find what nobody stored. */
const reserved = (id: string): boolean => id in {};

/** What the app makes as ids, and nothing that could mean more in an address or as a key. */
export const id: Check<string> = (value, at) => {
  if (typeof value !== 'string' || !/^[\w-]{1,64}$/.test(value) || reserved(value))
    throw invalid(at, 'an id');
  return value;
};

export const list =
  <T>(check: Check<T>, limit: number, what: Counted): Check<T[]> =>
  (value, at) => {
    if (!Array.isArray(value)) throw invalid(at, 'a list');
    if (value.length > limit) throw tooLarge(what, limit, at);
    return value.map((each, i) => check(each, `${at}[${i}]`));
  };

export function record(value: unknown, at: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(at, 'an object');
  return value as Record<string, unknown>;
}

/** A check for each field of T, so that a field added to T asks for one. */
export type Shape<T> = { [K in keyof T]-?: Check<Exclude<T[K], undefined>> };

/** An object with the fields of `shape`; those named in `optional` may be missing. Others are dropped. */
export const object =
  <T>(shape: Shape<T>, optional: readonly (keyof T & string)[] = []): Check<T> =>
  (value, at) => {
    const given = record(value, at);
    const out: Record<string, unknown> = {};
    for (const [key, check] of Object.entries<Check<unknown>>(shape)) {
      const field = Object.hasOwn(given, key) ? given[key] : undefined;
      if (field === undefined) {
        if (!optional.some((name) => name === key)) throw invalid(`${at}.${key}`, 'a value');
      } else out[key] = check(field, `${at}.${key}`);
    }
    return out as T;
  };

/** Brackets open at once anywhere in a JSON text: met before a parser meets them. */
export function jsonDepth(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < json.length; i++) {
    switch (json.charCodeAt(i)) {
      case 0x22: // a string: on to the quote that ends it
        for (i++; i < json.length && json.charCodeAt(i) !== 0x22; i++) if (json.charCodeAt(i) === 0x5c) i++;
        break;
      case 0x5b:
      case 0x7b:
        deepest = Math.max(deepest, ++depth);
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
    }
  }
  return deepest;
}

/** Equal as data: a field that is missing equals one that is undefined. */
export function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => sameData(left[key], right[key]));
}

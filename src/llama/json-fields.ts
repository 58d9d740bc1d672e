// Reading fields of JSON that someone else wrote: each number meets a named limit before anything believes it.

import { EngineError } from '../failures.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Where a value came from, for error messages: the file, and the fields on the way. */
export interface Place {
  file: string;
  path: string;
}

export interface NumberRule {
  min: number;
  max: number;
  integer: boolean;
}

function nameOf(place: Place, key: string): string {
  return place.path === '' ? key : `${place.path}.${key}`;
}

/** What a value is, in a word or short quote: error details must not carry a whole file. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value;
}

export function invalid(place: Place, key: string, expected: string, value: unknown): EngineError {
  const field = nameOf(place, key);
  return new EngineError(
    'config-invalid',
    `${place.file}: ${field} should be ${expected}, is ${describe(value)}`,
    {
      file: place.file,
      field,
      expected,
      actual: describe(value),
    },
  );
}

export function asObject(value: unknown, place: Place): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(place, '(root)', 'an object', value);
  }
  return value as JsonObject;
}

/** The number at `key`, or `fallback` where the field is absent or null. Throws "config-invalid", "limit-exceeded". */
export function numberField(
  object: JsonObject,
  key: string,
  rule: NumberRule,
  place: Place,
  fallback?: number,
): number {
  const value = object[key];
  if ((value === undefined || value === null) && fallback !== undefined) return fallback;
  const kind = rule.integer ? 'an integer' : 'a number';
  if (typeof value !== 'number' || !Number.isFinite(value) || (rule.integer && !Number.isInteger(value))) {
    throw invalid(place, key, kind, value);
  }
  if (value < rule.min || value > rule.max) {
    const field = nameOf(place, key);
    throw new EngineError(
      'limit-exceeded',
      `${place.file}: ${field} is ${value}, outside ${rule.min} to ${rule.max}`,
      {
        file: place.file,
        field,
        what: 'value',
        limit: value < rule.min ? rule.min : rule.max,
        actual: value,
      },
    );
  }
  return value;
}

export function booleanField(object: JsonObject, key: string, place: Place, fallback: boolean): boolean {
  const value = object[key];
  if (value === undefined || value === null) return fallback;
  if (typeof value !== 'boolean') throw invalid(place, key, 'true or false', value);
  return value;
}

export function stringField(object: JsonObject, key: string, maxLength: number, place: Place): string {
  const value = object[key];
  if (typeof value !== 'string') throw invalid(place, key, 'a string', value);
  if (value.length > maxLength) {
    const field = nameOf(place, key);
    throw new EngineError('limit-exceeded', `${place.file}: ${field} is ${value.length} characters long`, {
      file: place.file,
      field,
      what: 'characters',
      limit: maxLength,
      actual: value.length,
    });
  }
  return value;
}

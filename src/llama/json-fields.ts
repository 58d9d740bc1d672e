// Reading fields of JSON that someone else wrote: each number meets a named limit before anything believes it.

import { EngineError } from '../failures.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Where a value came from, for error messages: the file, and the fields on the way. */
export interface JsonLocation {
  file: string;
  path: string;
}

export interface NumberRule {
  min: number;
  max: number;
  integer: boolean;
}

function nameOf(where: JsonLocation, key: string): string {
  return where.path === '' ? key : `${where.path}.${key}`;
}

/** What a value is, in a word or short quote: error details must not carry a whole file. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value;
}

export function invalid(where: JsonLocation, key: string, expected: string, value: unknown): EngineError {
  const field = nameOf(where, key);
  return new EngineError(
    'config-invalid',
    `${where.file}: ${field} should be ${expected}, is ${describe(value)}`,
    {
      file: where.file,
      field,
      expected,
      actual: describe(value),
    },
  );
}

export function asObject(value: unknown, where: JsonLocation): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(where, '(root)', 'an object', value);
  }
  return value as JsonObject;
}

/** The number at `key`, or `fallback` where the field is absent or null. Throws "config-invalid", "limit-exceeded". */
export function numberField(
  object: JsonObject,
  key: string,
  rule: NumberRule,
  where: JsonLocation,
  fallback?: number,
): number {
  const value = object[key];
  if ((value === undefined || value === null) && fallback !== undefined) return fallback;
  const kind = rule.integer ? 'an integer' : 'a number';
  if (typeof value !== 'number' || !Number.isFinite(value) || (rule.integer && !Number.isInteger(value))) {
    throw invalid(where, key, kind, value);
  }
  if (value < rule.min || value > rule.max) {
    const field = nameOf(where, key);
    throw new EngineError(
      'limit-exceeded',
      `${where.file}: ${field} is ${value}, outside ${rule.min} to ${rule.max}`,
      {
        file: where.file,
        field,
        what: 'value',
        limit: value < rule.min ? rule.min : rule.max,
        actual: value,
      },
    );
  }
  return value;
}

export function booleanField(
  object: JsonObject,
  key: string,
  where: JsonLocation,
  fallback: boolean,
): boolean {
  const value = object[key];
  if (value === undefined || value === null) return fallback;
  if (typeof value !== 'boolean') throw invalid(where, key, 'true or false', value);
  return value;
}

export function stringField(object: JsonObject, key: string, maxLength: number, where: JsonLocation): string {
  const value = object[key];
  if (typeof value !== 'string') throw invalid(where, key, 'a string', value);
  if (value.length > maxLength) {
    const field = nameOf(where, key);
    throw new EngineError('limit-exceeded', `${where.file}: ${field} is ${value.length} characters long`, {
      file: where.file,
      field,
      what: 'characters',
      limit: maxLength,
      actual: value.length,
    });
  }
  return value;
}

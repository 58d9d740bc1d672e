// A JSON schema's parts with the place each stands at, and what is said about those that are not held to.

import { EngineError } from '../../../failures.ts';

export type SchemaObject = Record<string, unknown>;
/** A schema that a value is to satisfy. */
export interface Item {
  schema: SchemaObject | boolean;
  /** JSON pointer. */
  at: string;
}

export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** Held to, but some of the values that the schema allows cannot be written. */
export interface Narrowing {
  keyword: string;
  /** JSON pointer of the schema that has the keyword. */
  pointer: string;
  how: string;
}

export const isObject = (value: unknown): value is SchemaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const pointerTo = (at: string, ...steps: readonly (string | number)[]): string =>
  steps.reduce<string>(
    (path, step) => `${path}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`,
    at,
  );

/** @param instead what to write in its place */
export function refusal(keyword: string, at: string, why: string, instead: string): EngineError {
  const where = at === '' ? 'the root' : at;
  return new EngineError('schema-unsupported', `JSON schema, ${keyword} at ${where}: ${why}; ${instead}`, {
    keyword,
    pointer: at,
    why,
    instead,
  });
}

export function malformed(keyword: string, at: string, expected: string): EngineError {
  return refusal(keyword, at, `is not ${expected}`, `write ${expected}`);
}

export const sub = (schema: unknown, at: string, keyword: string): Item => {
  if (typeof schema === 'boolean' || isObject(schema)) return { schema, at };
  throw malformed(keyword, at, 'a schema: an object, true or false');
};

export function listOf(parent: SchemaObject, at: string, keyword: string): Item[] {
  const value = parent[keyword];
  if (!Array.isArray(value) || value.length === 0) throw malformed(keyword, at, 'a list of schemas');
  return value.map((part, i) => sub(part, pointerTo(at, keyword, i), keyword));
}

export function mapOf(parent: SchemaObject, at: string, keyword: string): Map<string, Item> {
  const value = parent[keyword];
  if (value === undefined) return new Map();
  if (!isObject(value)) throw malformed(keyword, at, 'an object of schemas');
  return new Map(
    Object.entries(value).map(([name, part]) => [name, sub(part, pointerTo(at, keyword, name), keyword)]),
  );
}

export function countOf(parent: SchemaObject, at: string, keyword: string): number | undefined {
  const value = parent[keyword];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw malformed(keyword, at, 'a whole number from 0 on');
}

export function numberOf(parent: SchemaObject, at: string, keyword: string): number | undefined {
  const value = parent[keyword];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw malformed(keyword, at, 'a number');
}

export function namesOf(parent: SchemaObject, at: string, keyword: string): string[] {
  const value = parent[keyword];
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value as string[];
  throw malformed(keyword, at, 'a list of names');
}

/** Equal as JSON: 1 and 1.0, and objects whatever the order of their names. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (isObject(value)) {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
  }
  return JSON.stringify(value === 0 ? 0 : value);
}

// A JSON schema's parts with the place each stands at, and what is said about those that are not held to.

import { EngineError } from '../../../failures.ts';
import type { Narrowing, NarrowingFault, SchemaFault, SchemaPart } from '../../../form-faults.ts';
import { narrowingWords, refusalWords } from './words.ts';

export type SchemaObject = Record<string, unknown>;
/** A schema that a value is to satisfy. */
export interface Item {
  schema: SchemaObject | boolean;
  /** JSON pointer. */
  at: string;
}

export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

export const isObject = (value: unknown): value is SchemaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const pointerTo = (at: string, ...steps: readonly (string | number)[]): string =>
  steps.reduce<string>(
    (path, step) => `${path}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`,
    at,
  );

export function refusal(keyword: string, at: string, fault: SchemaFault): EngineError {
  const [why, instead] = refusalWords(fault);
  const where = at === '' ? 'the root' : at;
  return new EngineError('schema-unsupported', `JSON schema, ${keyword} at ${where}: ${why}; ${instead}`, {
    keyword,
    pointer: at,
    ...fault,
  });
}

export const malformed = (keyword: string, at: string, expected: SchemaPart): EngineError =>
  refusal(keyword, at, { why: 'malformed', expected });

export const narrowing = (keyword: string, pointer: string, fault: NarrowingFault): Narrowing => ({
  ...fault,
  keyword,
  pointer,
  how: narrowingWords(fault),
});

export const sub = (schema: unknown, at: string, keyword: string): Item => {
  if (typeof schema === 'boolean' || isObject(schema)) return { schema, at };
  throw malformed(keyword, at, 'schema');
};

export function listOf(parent: SchemaObject, at: string, keyword: string): Item[] {
  const value = parent[keyword];
  if (!Array.isArray(value) || value.length === 0) throw malformed(keyword, at, 'schemas');
  return value.map((part, i) => sub(part, pointerTo(at, keyword, i), keyword));
}

export function mapOf(parent: SchemaObject, at: string, keyword: string): Map<string, Item> {
  const value = parent[keyword];
  if (value === undefined) return new Map();
  if (!isObject(value)) throw malformed(keyword, at, 'schema-map');
  return new Map(
    Object.entries(value).map(([name, part]) => [name, sub(part, pointerTo(at, keyword, name), keyword)]),
  );
}

export function countOf(parent: SchemaObject, at: string, keyword: string): number | undefined {
  const value = parent[keyword];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw malformed(keyword, at, 'count');
}

export function numberOf(parent: SchemaObject, at: string, keyword: string): number | undefined {
  const value = parent[keyword];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw malformed(keyword, at, 'number');
}

export function namesOf(parent: SchemaObject, at: string, keyword: string): string[] {
  const value = parent[keyword];
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value as string[];
  throw malformed(keyword, at, 'names');
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

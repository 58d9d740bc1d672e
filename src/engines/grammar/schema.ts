// A JSON schema as @mlc-ai/web-xgrammar is to read it. What it ignores or gets wrong is mended here or refused by name: an answer that
// only seems to follow its schema would be worse than none.

import { EngineError } from '../../engine.ts';

/** Schemas in use have some hundred nodes; deeper ones would compile for minutes. */
const MAX_NODES = 2_000;
const MAX_DEPTH = 64;
/** Of a string's length, where there is one: longer repetitions make grammars that take minutes and gigabytes. */
const MAX_REPEAT = 4_096;

/** What xgrammar 0.1 holds an answer to. */
const UNDERSTOOD = new Set([
  'type',
  'enum',
  'const',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'anyOf',
  '$ref',
  '$defs',
  'definitions',
]);
/** What says nothing about which values are valid. */
const TELLING = new Set([
  'title',
  'description',
  'default',
  'examples',
  '$schema',
  '$id',
  '$comment',
  'deprecated',
]);

/** A character of a JSON string that needs no escape: xgrammar's own bounded strings let a raw tab through. */
const PLAIN = '[^"\\\\\\x00-\\x1f]';

type Schema = Record<string, unknown>;
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function refuse(keyword: string, why: string): EngineError {
  return new EngineError('schema-unsupported', `JSON schema: ${keyword} ${why}`, { keyword });
}

const without = (schema: Schema, ...keywords: string[]): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)));

const count = (schema: Schema, keyword: string): number | undefined => {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_REPEAT) return value;
  throw refuse(keyword, `is no count to ${MAX_REPEAT}`);
};

function strings(schema: Schema): Schema {
  const [least, most] = [count(schema, 'minLength'), count(schema, 'maxLength')];
  if (least === undefined && most === undefined) return schema;
  if (schema['pattern'] !== undefined) throw refuse('maxLength', 'and pattern cannot be held together');
  if (most !== undefined && most < (least ?? 0)) throw refuse('maxLength', 'is below minLength');
  return { ...without(schema, 'minLength', 'maxLength'), pattern: `^${PLAIN}{${least ?? 0},${most ?? ''}}$` };
}

/** JSON's numbers have no end, JavaScript's have: 1e999 is none. */
function numbers(schema: Schema, type: string): Schema {
  const bound = type === 'integer' ? Number.MAX_SAFE_INTEGER : 1e15;
  const below = schema['minimum'] === undefined && schema['exclusiveMinimum'] === undefined;
  const above = schema['maximum'] === undefined && schema['exclusiveMaximum'] === undefined;
  return { ...schema, ...(below ? { minimum: -bound } : {}), ...(above ? { maximum: bound } : {}) };
}

const tooLarge = (what: 'entries' | 'levels', limit: number): EngineError =>
  new EngineError('limit-exceeded', `JSON schema: more than ${limit} ${what}`, { what, limit });

/**
 * The schema to compile. Throws "schema-unsupported" (details: keyword) for what could not be held to, "limit-exceeded" for one that
 * is too large.
 */
export function preparedSchema(schema: unknown): Schema | true {
  let nodes = 0;
  const visit = (node: unknown, depth: number): unknown => {
    if (node === true) return true;
    if (!isSchema(node)) throw refuse('schema', 'is no object');
    if (++nodes > MAX_NODES) throw tooLarge('entries', MAX_NODES);
    if (depth > MAX_DEPTH) throw tooLarge('levels', MAX_DEPTH);
    let out: Schema = {};
    for (const [keyword, value] of Object.entries(node)) {
      if (TELLING.has(keyword)) continue;
      if (!UNDERSTOOD.has(keyword)) throw refuse(keyword, 'is not held to by the grammar');
      out[keyword] = value;
    }
    for (const keyword of ['properties', '$defs', 'definitions']) {
      const group = out[keyword];
      if (group === undefined) continue;
      if (!isSchema(group)) throw refuse(keyword, 'is no object');
      out[keyword] = Object.fromEntries(
        Object.entries(group).map(([name, part]) => [name, visit(part, depth + 1)]),
      );
    }
    for (const keyword of ['anyOf', 'prefixItems']) {
      const list = out[keyword];
      if (list === undefined) continue;
      if (!Array.isArray(list) || list.length === 0) throw refuse(keyword, 'is no list');
      out[keyword] = list.map((part) => visit(part, depth + 1));
    }
    for (const keyword of ['items', 'additionalProperties']) {
      if (out[keyword] !== undefined && out[keyword] !== false) out[keyword] = visit(out[keyword], depth + 1);
    }
    count(out, 'minItems');
    count(out, 'maxItems');
    const types = out['type'] === undefined ? [] : [out['type']].flat();
    if (types.length > 1) {
      if (Object.keys(out).length > 1) throw refuse('type', 'as a list stands alone: use anyOf');
      return { anyOf: types.map((type) => visit({ type }, depth + 1)) };
    }
    const [type] = types;
    if (type === undefined && ('minLength' in out || 'maxLength' in out || 'pattern' in out)) {
      throw refuse('type', 'is missing beside a bound');
    }
    if (type === 'string') out = strings(out);
    if ((type === 'integer' || type === 'number') && !('enum' in out) && !('const' in out)) {
      out = numbers(out, type);
    }
    return out;
  };
  return visit(schema, 0) as Schema | true;
}

// Whether a value is valid by a schema: what stands beside "enum" and "const" chooses among their values.

import { FORMATS } from './formats.ts';
import { NOT_PATTERN, typeOf } from './keywords.ts';
import {
  canonical,
  countOf,
  isObject,
  listOf,
  mapOf,
  namesOf,
  numberOf,
  pointerTo,
  refusal,
  sub,
} from './node.ts';
import type { Item, SchemaObject } from './node.ts';
import type { Refs } from './refs.ts';

/** References followed without a step into the value: more of them lead in a circle. */
const MAX_DEPTH = 200;

export function createAccepts(refs: Refs): (item: Item, value: unknown) => boolean {
  const accepts = ({ schema, at }: Item, value: unknown, depth: number): boolean => {
    if (typeof schema === 'boolean') return schema;
    if (depth > MAX_DEPTH) throw refusal('$ref', at, { why: 'circular' });
    const one = (item: Item, of: unknown = value): boolean => accepts(item, of, depth + 1);
    const part = (keyword: string): Item => sub(schema[keyword], pointerTo(at, keyword), keyword);
    const given = (keyword: string): boolean => schema[keyword] !== undefined;

    if (given('$ref') && !one(refs.target(schema['$ref'], at))) return false;
    if (given('allOf') && !listOf(schema, at, 'allOf').every((item) => one(item))) return false;
    if (given('anyOf') && !listOf(schema, at, 'anyOf').some((item) => one(item))) return false;
    if (given('oneOf') && listOf(schema, at, 'oneOf').filter((item) => one(item)).length !== 1) return false;
    if (given('not') && one(part('not'))) return false;
    if (given('if')) {
      const branch = one(part('if')) ? 'then' : 'else';
      if (given(branch) && !one(part(branch))) return false;
    }
    if (given('const') && canonical(schema['const']) !== canonical(value)) return false;
    if (given('enum')) {
      const wanted = canonical(value);
      if (!(schema['enum'] as unknown[]).some((each) => canonical(each) === wanted)) return false;
    }
    if (given('type') || schema['nullable'] === true) {
      const types = typesOf(schema);
      const type = typeOf(value);
      if (
        types &&
        !types.has(type) &&
        !(type === 'number' && types.has('integer') && Number.isInteger(value))
      ) {
        return false;
      }
    }
    if (typeof value === 'string') return acceptsString(schema, at, value);
    if (typeof value === 'number') return acceptsNumber(schema, at, value);
    if (Array.isArray(value)) {
      const tuple = given('prefixItems')
        ? 'prefixItems'
        : Array.isArray(schema['items'])
          ? 'items'
          : undefined;
      const first = tuple === undefined ? [] : listOf(schema, at, tuple);
      const rest = ['additionalItems', 'unevaluatedItems'];
      const others = tuple === 'items' || !given('items') ? rest.find(given) : 'items';
      const most = countOf(schema, at, 'maxItems') ?? Infinity;
      if (value.length < (countOf(schema, at, 'minItems') ?? 0) || value.length > most) return false;
      const each = value.every((element, i) => {
        const item = first[i] ?? (others === undefined ? undefined : part(others));
        return item === undefined || one(item, element);
      });
      if (!each) return false;
      if (schema['uniqueItems'] === true && new Set(value.map(canonical)).size < value.length) return false;
      if (!given('contains')) return true;
      const found = value.filter((element) => one(part('contains'), element)).length;
      return (
        found >= (countOf(schema, at, 'minContains') ?? 1) &&
        found <= (countOf(schema, at, 'maxContains') ?? Infinity)
      );
    }
    if (isObject(value)) {
      const names = Object.keys(value);
      if (names.length < (countOf(schema, at, 'minProperties') ?? 0)) return false;
      if (names.length > (countOf(schema, at, 'maxProperties') ?? Infinity)) return false;
      if (!namesOf(schema, at, 'required').every((name) => Object.hasOwn(value, name))) return false;
      if (given('propertyNames') && !names.every((name) => one(part('propertyNames'), name))) return false;
      for (const keyword of ['dependentRequired', 'dependencies']) {
        for (const [name, needs] of Object.entries((schema[keyword] ?? {}) as SchemaObject)) {
          if (!Object.hasOwn(value, name) || !Array.isArray(needs)) continue;
          if (!needs.every((need) => Object.hasOwn(value, String(need)))) return false;
        }
      }
      for (const keyword of ['dependentSchemas', 'dependencies']) {
        for (const [name, needs] of Object.entries((schema[keyword] ?? {}) as SchemaObject)) {
          if (!Object.hasOwn(value, name) || Array.isArray(needs)) continue;
          if (!one(sub(needs, pointerTo(at, keyword, name), keyword))) return false;
        }
      }
      const properties = mapOf(schema, at, 'properties');
      const patterns = mapOf(schema, at, 'patternProperties');
      const additional = ['additionalProperties', 'unevaluatedProperties'].find(given);
      return names.every((name) => {
        const items = [...patterns].filter(([p]) => new RegExp(p, 'u').test(name)).map(([, item]) => item);
        const own = properties.get(name);
        if (own) items.push(own);
        if (items.length === 0 && additional !== undefined) items.push(part(additional));
        return items.every((item) => one(item, value[name]));
      });
    }
    return true;
  };
  return (item, value) => accepts(item, value, 0);
}

/** The types a schema names, with "integer" and OpenAPI's "nullable"; undefined where it names none. */
export function typesOf(schema: SchemaObject): Set<string> | undefined {
  if (schema['type'] === undefined) return undefined;
  const types = new Set([schema['type']].flat() as string[]);
  if (schema['nullable'] === true) types.add('null');
  return types;
}

function acceptsString(schema: SchemaObject, at: string, value: string): boolean {
  const length = Array.from(value).length;
  if (length < (countOf(schema, at, 'minLength') ?? 0)) return false;
  if (length > (countOf(schema, at, 'maxLength') ?? Infinity)) return false;
  const matches = (pattern: unknown): boolean => new RegExp(String(pattern), 'u').test(value);
  if (schema['pattern'] !== undefined && !matches(schema['pattern'])) return false;
  if (schema[NOT_PATTERN] !== undefined && matches(schema[NOT_PATTERN])) return false;
  const format = FORMATS[String(schema['format'])];
  return format === undefined || new RegExp(`^(?:${format})$`, 'u').test(value);
}

function acceptsNumber(schema: SchemaObject, at: string, value: number): boolean {
  const multiple = numberOf(schema, at, 'multipleOf');
  const above = numberOf(schema, at, 'exclusiveMinimum');
  const below = numberOf(schema, at, 'exclusiveMaximum');
  return (
    value >= (numberOf(schema, at, 'minimum') ?? -Infinity) &&
    value <= (numberOf(schema, at, 'maximum') ?? Infinity) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below) &&
    (multiple === undefined || Number.isInteger(value / multiple))
  );
}

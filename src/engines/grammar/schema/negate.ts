// "not" as alternatives of plain schemas: one way to break each keyword. What has no such way is refused by name.

import type { Narrowing } from '../../../form-faults.ts';
import { NOT_PATTERN, TYPES, isTelling } from './keywords.ts';
import { isObject, listOf, mapOf, namesOf, narrowing, pointerTo, refusal, sub } from './node.ts';
import type { Item, SchemaObject } from './node.ts';
import type { Refs } from './refs.ts';

export interface Negation {
  /** A value that the schema forbids satisfies all items of one of these. */
  negated(item: Item): readonly (readonly Item[])[];
}

export function createNegation(refs: Refs, note: (narrowing: Narrowing) => void): Negation {
  const known = new WeakMap<SchemaObject, readonly (readonly Item[])[]>();

  function waysOf(schema: SchemaObject, at: string, keyword: string): Item[][] {
    const value = schema[keyword];
    const here = pointerTo(at, keyword);
    const way = (...schemas: SchemaObject[]): Item[] => schemas.map((each) => ({ schema: each, at: here }));
    const number = (other: string): Item[][] => [way({ type: 'number', [other]: value })];
    const count = (type: string, other: string, by: number): Item[][] => {
      const limit = Number(value) + by;
      return limit < 0 ? [] : [way({ type, [other]: limit })];
    };
    switch (keyword) {
      case 'type': {
        const types = [value].flat() as string[];
        if (types.includes('integer') && !types.includes('number')) {
          note(narrowing('not', at, { why: 'no-fractions' }));
        }
        const others = TYPES.filter(
          (type) => !types.includes(type) && !(type === 'number' && types.includes('integer')),
        );
        return others.length === 0 ? [] : [way({ type: others })];
      }
      case 'const':
      case 'enum': {
        const values = keyword === 'const' ? [value] : (value as unknown[]);
        return [way(...values.map(except(at)))];
      }
      case 'minimum':
        return number('exclusiveMaximum');
      case 'maximum':
        return number('exclusiveMinimum');
      case 'exclusiveMinimum':
        return number('maximum');
      case 'exclusiveMaximum':
        return number('minimum');
      case 'minLength':
        return count('string', 'maxLength', -1);
      case 'maxLength':
        return count('string', 'minLength', 1);
      case 'minItems':
        return count('array', 'maxItems', -1);
      case 'maxItems':
        return count('array', 'minItems', 1);
      case 'minProperties':
        return count('object', 'maxProperties', -1);
      case 'maxProperties':
        return count('object', 'minProperties', 1);
      case 'pattern':
        return [way({ type: 'string', [NOT_PATTERN]: value })];
      case 'required':
        return namesOf(schema, at, keyword).map((name) =>
          way({ type: 'object', properties: { [name]: false } }),
        );
      case 'properties':
        return [...mapOf(schema, at, keyword)].map(([name, item]) =>
          way({ type: 'object', required: [name], properties: { [name]: { not: item.schema } } }),
        );
      case 'prefixItems':
        return listOf(schema, at, keyword).map((item, i) =>
          way({
            type: 'array',
            minItems: i + 1,
            prefixItems: [...Array.from({ length: i }, () => true), { not: item.schema }],
          }),
        );
      case 'items':
        if (schema['prefixItems'] !== undefined || Array.isArray(value)) break;
        return [way({ type: 'array', contains: { not: value } })];
      case 'anyOf':
        return [listOf(schema, at, keyword).map((item) => ({ schema: notOf(item.schema), at: item.at }))];
      case 'allOf':
        return listOf(schema, at, keyword).map((item) => [{ schema: notOf(item.schema), at: item.at }]);
      case 'not':
        return [[sub(value, here, keyword)]];
      case '$ref':
        return [[{ schema: notOf(refs.target(value, at).schema), at: here }]];
      default:
    }
    throw refusal('not', at.replace(/\/not$/, ''), { why: 'no-opposite', of: keyword });
  }

  const nots = new WeakMap<object, SchemaObject>();
  function notOf(schema: SchemaObject | boolean): SchemaObject | boolean {
    if (typeof schema === 'boolean') return !schema;
    let made = nots.get(schema);
    if (!made) nots.set(schema, (made = { not: schema }));
    return made;
  }

  /** A schema of all that is not one value. */
  const except =
    (at: string) =>
    (value: unknown): SchemaObject => {
      const others = (type: string): SchemaObject => ({ type: TYPES.filter((each) => each !== type) });
      if (value === null) return others('null');
      if (typeof value === 'boolean') return { anyOf: [others('boolean'), { const: !value }] };
      if (typeof value === 'number') {
        return {
          anyOf: [
            others('number'),
            { type: 'number', exclusiveMaximum: value },
            { type: 'number', exclusiveMinimum: value },
          ],
        };
      }
      if (typeof value === 'string') {
        const pattern = `^${value.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}$`;
        return { anyOf: [others('string'), { type: 'string', [NOT_PATTERN]: pattern }] };
      }
      const type = Array.isArray(value) ? 'array' : 'object';
      note(narrowing('not', at, { why: 'none-of-type', type }));
      return others(type);
    };

  return {
    negated({ schema, at }) {
      if (typeof schema === 'boolean') return schema ? [] : [[]];
      let ways = known.get(schema);
      if (!ways) {
        const keywords = Object.keys(schema).filter((keyword) => !isTelling(keyword));
        if (keywords.includes('if') || keywords.some((keyword) => keyword === 'then' || keyword === 'else')) {
          throw refusal('not', at.replace(/\/not$/, ''), { why: 'no-opposite', of: 'if' });
        }
        ways = keywords.flatMap((keyword) => waysOf(schema, at, keyword));
        known.set(schema, ways);
      }
      return ways;
    },
  };
}

export const isFalse = ({ schema }: Item): boolean =>
  schema === false || (isObject(schema) && schema['not'] === true);

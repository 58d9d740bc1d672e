// What applies to one value, as alternatives of plain schemas that hold together: $ref, allOf, anyOf, oneOf, not, if and the
// dependent ones resolved. Every place sees what stands beside it.

import { EngineError } from '../../../failures.ts';
import { typesOf } from './accepts.ts';
import { TYPES, isKnown } from './keywords.ts';
import type { JsonType } from './keywords.ts';
import { isObject, listOf, malformed, namesOf, pointerTo, refusal, sub } from './node.ts';
import type { Item, SchemaObject } from './node.ts';
import type { Negation } from './negate.ts';
import type { Refs } from './refs.ts';

const MAX_WAYS = 512;
const MAX_NODES = 20_000;

/** Plain schemas, all of which a value is to satisfy. */
export interface Way {
  nodes: readonly (Item & { schema: SchemaObject })[];
  types: ReadonlySet<JsonType>;
  /** Numbers are to be integers. */
  integer: boolean;
}

export interface Expansion {
  ways(items: readonly Item[]): Way[];
}

export function createExpansion(
  refs: Refs,
  negation: Negation,
  empty: (items: readonly Item[]) => boolean,
): Expansion {
  const checked = new WeakSet<object>();
  let visited = 0;

  function check(schema: SchemaObject, at: string): void {
    if (checked.has(schema)) return;
    checked.add(schema);
    for (const keyword of Object.keys(schema)) {
      if (!isKnown(keyword)) {
        throw refusal(keyword, at, { why: 'keyword-unknown' });
      }
    }
    if (at !== '' && schema['$id'] !== undefined) {
      throw refusal('$id', at, { why: 'own-address' });
    }
    const types = typesOf(schema);
    for (const type of types ?? []) {
      if (type !== 'integer' && !TYPES.includes(type as JsonType)) {
        throw malformed('type', at, 'types');
      }
    }
    if (schema['nullable'] === true && !types) {
      throw refusal('nullable', at, { why: 'type-missing' });
    }
    if (schema['enum'] !== undefined && !Array.isArray(schema['enum'])) throw malformed('enum', at, 'values');
  }

  const typed = (way: readonly Item[]): Pick<Way, 'types' | 'integer'> => {
    const types = new Set(TYPES);
    let integer = false;
    for (const { schema } of way) {
      const named = isObject(schema) ? typesOf(schema) : undefined;
      if (!named) continue;
      if (!named.has('number')) {
        if (named.has('integer')) integer = true;
        else types.delete('number');
      }
      for (const type of TYPES) if (type !== 'number' && !named.has(type)) types.delete(type);
    }
    return { types, integer };
  };

  /** Alternatives that a schema offers, each a list of schemas; one entry for each keyword that offers some. */
  function choicesOf(
    schema: SchemaObject,
    at: string,
    types: ReadonlySet<JsonType>,
  ): (readonly (readonly Item[])[])[] {
    const choices: (readonly (readonly Item[])[])[] = [];
    const part = (keyword: string): Item => sub(schema[keyword], pointerTo(at, keyword), keyword);
    if (schema['anyOf'] !== undefined) choices.push(listOf(schema, at, 'anyOf').map((item) => [item]));
    if (schema['oneOf'] !== undefined) choices.push(exactlyOne(listOf(schema, at, 'oneOf'), types, at));
    if (schema['not'] !== undefined) choices.push(negation.negated(part('not')));
    if (schema['if'] !== undefined) {
      const beside = (keyword: string): Item[] => (schema[keyword] === undefined ? [] : [part(keyword)]);
      if (schema['then'] !== undefined || schema['else'] !== undefined) {
        choices.push([
          [part('if'), ...beside('then')],
          ...negation.negated(part('if')).map((way) => [...way, ...beside('else')]),
        ]);
      }
    }
    for (const keyword of ['dependentRequired', 'dependentSchemas', 'dependencies']) {
      const group = schema[keyword];
      if (group === undefined) continue;
      if (!isObject(group)) throw malformed(keyword, at, 'schema-map');
      for (const [name, needs] of Object.entries(group)) {
        const here = pointerTo(at, keyword, name);
        const list = Array.isArray(needs) ? namesOf(group, pointerTo(at, keyword), name) : undefined;
        const then: Item = list
          ? { schema: { required: [name, ...list] }, at: here }
          : sub(needs, here, keyword);
        if (keyword === 'dependentRequired' && !list) throw malformed(keyword, at, 'names-map');
        choices.push([
          [{ schema: { properties: { [name]: false } }, at: here }],
          [{ schema: { type: 'object', required: [name] }, at: here }, then],
        ]);
      }
    }
    return choices;
  }

  function exactlyOne(items: readonly Item[], types: ReadonlySet<JsonType>, at: string): Item[][] {
    const among: Item = { schema: { type: [...types] }, at };
    return items.map((item, i) => {
      const others = items.filter((other, j) => j !== i && !empty([among, item, other]));
      try {
        // Asked now, so that what has no opposite is said of the "oneOf".
        for (const other of others) negation.negated(other);
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        throw refusal('oneOf', at, { why: 'overlapping' });
      }
      return [item, ...others.map((other): Item => ({ schema: notOf(other.schema), at: other.at }))];
    });
  }

  const nots = new WeakMap<object, SchemaObject>();
  function notOf(schema: SchemaObject | boolean): SchemaObject | boolean {
    if (typeof schema === 'boolean') return !schema;
    let made = nots.get(schema);
    if (!made) nots.set(schema, (made = { not: schema }));
    return made;
  }

  function ways(items: readonly Item[]): Way[] {
    const found: Way[] = [];
    const go = (
      queue: readonly Item[],
      before: ReadonlyMap<SchemaObject, Item & { schema: SchemaObject }>,
      pending: (readonly (readonly Item[])[])[],
    ): void => {
      const nodes = new Map(before);
      const open = [...queue];
      const fresh: (Item & { schema: SchemaObject })[] = [];
      for (let item = open.shift(); item; item = open.shift()) {
        const { schema, at } = item;
        if (schema === true) continue;
        if (schema === false) return;
        if (nodes.has(schema)) continue;
        if (++visited > MAX_NODES) {
          throw new EngineError('limit-exceeded', `JSON schema: more than ${MAX_NODES} parts to look at`, {
            what: 'entries',
            limit: MAX_NODES,
            actual: visited,
          });
        }
        check(schema, at);
        const node = { schema, at };
        nodes.set(schema, node);
        fresh.push(node);
        if (schema['$ref'] !== undefined) open.push(refs.target(schema['$ref'], at));
        if (schema['allOf'] !== undefined) open.push(...listOf(schema, at, 'allOf'));
      }
      const { types, integer } = typed([...nodes.values()]);
      if (types.size === 0) return;
      const choices = [...pending, ...fresh.flatMap(({ schema, at }) => choicesOf(schema, at, types))];
      const [next, ...rest] = choices;
      if (!next) {
        if (found.length >= MAX_WAYS) {
          throw new EngineError(
            'limit-exceeded',
            `JSON schema: more than ${MAX_WAYS} alternatives at one place`,
            { what: 'entries', limit: MAX_WAYS, actual: found.length },
          );
        }
        found.push({ nodes: [...nodes.values()], types, integer });
        return;
      }
      for (const way of next) go(way, nodes, rest);
    };
    go(items, new Map(), []);
    return found;
  }
  return { ways };
}

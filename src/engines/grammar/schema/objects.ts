// Objects: a state for each set of names that were written already, so that they may come in any order; from some names on in the
// schema's order, which is told.

import { automaton } from '../automaton.ts';
import { jsonChars } from '../rules.ts';
import { ANYTHING, EMPTY, NEVER, and, cat, literal, not, optional, or } from '../term.ts';
import type { Term } from '../term.ts';
import { COMMA, checkAlone } from './arrays.ts';
import type { Compiling } from './compiling.ts';
import type { Way } from './expand.ts';
import { countOf, mapOf, namesOf, narrowing, pointerTo, refusal, sub } from './node.ts';
import type { Item } from './node.ts';
import { keyPattern } from './scalars.ts';

/** Names that may come in any order: each set of them is a state. */
const MAX_ANY_ORDER = 5;
const MAX_STATES = 2_000;
const MAX_PATTERNS = 4;

const COLON = cat(literal(':'), optional(literal(' ')));

interface Node {
  properties: Map<string, Item>;
  patterns: Map<string, Item>;
  additional: Item | undefined;
}

export interface Members {
  names: string[];
  required: ReadonlySet<string>;
  /** What applies to the value of a name. */
  of(name: string): Item[];
  min: number;
  max: number;
  nodes: readonly Node[];
  nameSchemas: readonly Item[];
}

export function membersOf({ nodes }: Pick<Way, 'nodes'>, accepts: Compiling['accepts']): Members {
  let [min, max] = [0, Infinity];
  const required = new Set<string>();
  const declared = new Set<string>();
  const nameSchemas: Item[] = [];
  const parts = nodes.map(({ schema, at }): Node => {
    min = Math.max(min, countOf(schema, at, 'minProperties') ?? 0);
    max = Math.min(max, countOf(schema, at, 'maxProperties') ?? Infinity);
    const properties = mapOf(schema, at, 'properties');
    for (const name of properties.keys()) declared.add(name);
    for (const name of namesOf(schema, at, 'required')) required.add(name);
    if (schema['propertyNames'] !== undefined) {
      nameSchemas.push(sub(schema['propertyNames'], pointerTo(at, 'propertyNames'), 'propertyNames'));
    }
    let rest = 'additionalProperties';
    if (schema[rest] === undefined && schema['unevaluatedProperties'] !== undefined) {
      rest = 'unevaluatedProperties';
      checkAlone(schema, at, rest);
    }
    const additional = schema[rest] === undefined ? undefined : sub(schema[rest], pointerTo(at, rest), rest);
    return { properties, patterns: mapOf(schema, at, 'patternProperties'), additional };
  });
  for (const [i, { patterns }] of parts.entries()) {
    for (const source of patterns.keys()) keyPattern(source, nodes[i]?.at ?? '');
  }
  const names = [...declared, ...[...required].filter((name) => !declared.has(name))];
  const of = (name: string): Item[] => {
    const items = parts.flatMap(({ properties, patterns, additional }) => {
      const own = properties.get(name);
      const some = [...patterns]
        .filter(([source]) => new RegExp(source, 'u').test(name))
        .map(([, item]) => item);
      if (own) some.unshift(own);
      return some.length === 0 && additional ? [additional] : some;
    });
    return nameSchemas.every((item) => accepts(item, name)) ? items : [{ schema: false, at: '' }];
  };
  return { names, required, of, min, max, nodes: parts, nameSchemas };
}

/** Names that the schema does not give, by what applies to their values. */
function others(members: Members, compiling: Compiling): Term {
  const { names, nodes, nameSchemas } = members;
  const sources = [...new Set(nodes.flatMap(({ patterns }) => [...patterns.keys()]))];
  const place = [
    ...(nodes.flatMap(({ patterns }) => [...patterns.values()])[0]?.at ?? '').split('/').slice(0, -2),
  ].join('/');
  if (sources.length > MAX_PATTERNS) {
    throw refusal('patternProperties', place, { why: 'over-limit', limit: MAX_PATTERNS, unit: 'patterns' });
  }
  const known = or(...names.map(literal));
  const allowed = and(
    known === NEVER ? ANYTHING : not(known),
    ...nameSchemas.map((item) => compiling.language([item])),
  );
  const ways: Term[] = [];
  for (let mask = 0; mask < 2 ** sources.length; mask++) {
    const matched = sources.filter((_, k) => (mask >> k) & 1);
    const items = nodes.flatMap(({ patterns, additional }) => {
      const own = matched.flatMap((source) => patterns.get(source) ?? []);
      return own.length === 0 && additional ? [additional] : own;
    });
    if (items.some(({ schema }) => schema === false)) continue;
    const key = and(
      allowed,
      ...sources.map((source, k) =>
        (mask >> k) & 1 ? keyPattern(source, place) : not(keyPattern(source, place)),
      ),
    );
    if (key !== ANYTHING && automaton(key)?.length === 0) continue;
    ways.push(cat(literal('"'), compiling.text(key, place), literal('"'), COLON, compiling.compile(items)));
  }
  return or(...ways);
}

export function objectTerm(way: Way, compiling: Compiling): Term {
  const { compile, note, rule, refuseLarge, accepts, anyOrder } = compiling;
  const members = membersOf(way, accepts);
  const { required, of, min, max } = members;
  const at = way.nodes.find(({ schema }) => schema['properties'] !== undefined)?.at ?? way.nodes[0]?.at ?? '';
  const names = members.names.filter((name) => {
    const possible = of(name).every(({ schema }) => schema !== false);
    return possible || required.has(name);
  });
  const pairs = names.map((name) => cat(literal(`${JSON.stringify(name)}`), COLON, compile(of(name))));
  const other = others(members, compiling);
  const open = other !== NEVER;
  const countPlace = (keyword: string): string =>
    way.nodes.find(({ schema }) => schema[keyword] !== undefined)?.at ?? at;

  if (open && min > Math.max(1, required.size)) {
    if (min > names.length + 1) {
      throw refusal('minProperties', countPlace('minProperties'), { why: 'names-uncounted' });
    }
    note(narrowing('minProperties', countPlace('minProperties'), { why: 'counted-as-one' }));
  }
  const free = anyOrder && names.length <= MAX_ANY_ORDER;
  if (!free && names.length + (open ? 1 : 0) > 1) {
    note(narrowing('properties', at, { why: 'in-order' }));
  }
  const all = 2 ** names.length - 1;
  const needed = names.reduce((mask, name, i) => mask | (required.has(name) ? 1 << i : 0), 0);
  /** Counted only as far as a bound asks. */
  const top = Math.max(min, max === Infinity ? 1 : max + 1);
  const id = way.nodes.map((node) => refuseLarge.id(node.schema)).join();
  let states = 0;
  const made = (state: string, make: () => Term): Term =>
    rule(`object ${id} ${free ? 'any' : 'declared'} ${state}`, () => {
      if (++states > MAX_STATES) {
        throw refusal('properties', at, { why: 'too-large' });
      }
      return make();
    });
  const CLOSE = literal('}');
  const separated = (count: number): Term => (count === 0 ? EMPTY : COMMA);
  /** Once other names were written, they count as one: two of them may be the same. */
  const plus = (count: number): number => Math.min(count + 1, top);

  /** @param done names, as bits; @param some whether other names were written; @param count names and pairs, to compare with bounds */
  const anywhere = (done: number, some: boolean, count: number): Term =>
    made(`${done} ${some} ${count}`, () => {
      const least = popcount(done) + (some ? 1 : 0);
      const ways: Term[] = (done & needed) === needed && least >= min ? [CLOSE] : [];
      if (count < max) {
        pairs.forEach((pair, i) => {
          if (!((done >> i) & 1))
            ways.push(cat(separated(count), pair, anywhere(done | (1 << i), some, plus(count))));
        });
        if (open) ways.push(cat(separated(count), other, anywhere(done, true, plus(count))));
      }
      return or(...ways);
    });
  /** @param sure names that differ for certain */
  const inOrder = (index: number, some: boolean, count: number, sure: number): Term =>
    made(`${index} ${some} ${count} ${sure}`, () => {
      const next = (taken: number): number => Math.min(sure + taken, min);
      if (index < names.length) {
        const skip = required.has(names[index]!) ? NEVER : inOrder(index + 1, some, count, sure);
        const take = cat(separated(count), pairs[index]!, inOrder(index + 1, some, plus(count), next(1)));
        return or(count < max ? take : NEVER, skip);
      }
      const ways: Term[] = sure >= min ? [CLOSE] : [];
      if (open && count < max)
        ways.push(cat(separated(count), other, inOrder(index, true, plus(count), some ? sure : next(1))));
      return or(...ways);
    });
  void all;
  return cat(literal('{'), free ? anywhere(0, false, 0) : inOrder(0, false, 0, 0));
}

function popcount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest > 0; rest &= rest - 1) count++;
  return count;
}

export { jsonChars };

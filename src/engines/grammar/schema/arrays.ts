// Arrays: what stands at each place, how many there may be, what they must contain, and small sets without repetition.

import { EMPTY, NEVER, cat, literal, or, rep } from '../term.ts';
import type { Term } from '../term.ts';
import type { Compiling } from './compiling.ts';
import type { Way } from './expand.ts';
import { canonical, countOf, listOf, narrowing, pointerTo, refusal, sub } from './node.ts';
import type { Item, JsonValue } from './node.ts';

/** Places that are counted one by one. */
const MAX_COUNTED = 1_000;
const MAX_STATES = 600;
/** Values that a set without repetition may be taken from: each subset is a state. */
const MAX_DISTINCT = 8;

export interface Places {
  /** What applies at a place; from `first` on it is the same. */
  at(index: number): Item[];
  first: number;
  min: number;
  max: number;
}

export function placesOf({ nodes }: Pick<Way, 'nodes'>): Places {
  let [min, max, first] = [0, Infinity, 0];
  const parts = nodes.map(({ schema, at }) => {
    const tuple =
      schema['prefixItems'] !== undefined
        ? 'prefixItems'
        : Array.isArray(schema['items'])
          ? 'items'
          : undefined;
    const prefix =
      tuple === undefined || (schema[tuple] as unknown[]).length === 0 ? [] : listOf(schema, at, tuple);
    first = Math.max(first, prefix.length);
    min = Math.max(min, countOf(schema, at, 'minItems') ?? 0);
    max = Math.min(max, countOf(schema, at, 'maxItems') ?? Infinity);
    // Draft 7's tuple has its rest in "additionalItems"; without a tuple that keyword says nothing.
    let rest = tuple === 'items' ? 'additionalItems' : 'items';
    if (schema[rest] === undefined && schema['unevaluatedItems'] !== undefined) {
      rest = 'unevaluatedItems';
      checkAlone(schema, at, rest);
    }
    const others = schema[rest] === undefined ? undefined : sub(schema[rest], pointerTo(at, rest), rest);
    return (index: number): Item | undefined => prefix[index] ?? others;
  });
  return { first, min, max, at: (index) => parts.flatMap((part) => part(index) ?? []) };
}

/** Which parts another schema has looked at is not followed. */
export function checkAlone(schema: object, at: string, keyword: string): void {
  const beside = ['$ref', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'dependentSchemas', 'contains'].find(
    (each) => each in schema,
  );
  if (beside === undefined) return;
  const other = keyword.replace('unevaluated', 'additional').replace('additionalItems', 'items');
  throw refusal(keyword, at, { why: 'beside', beside, other });
}

/** After a comma a space may follow: as JSON.stringify writes, or as people do. */
export const COMMA = cat(literal(','), rep(literal(' '), 0, 1));

export function arrayTerm(way: Way, { compile, values, note, refuseLarge, accepts, rule }: Compiling): Term {
  const { nodes } = way;
  const places = placesOf(way);
  const { first, min } = places;
  let { max } = places;
  const at =
    nodes.find(({ schema }) => schema['minItems'] !== undefined || schema['maxItems'] !== undefined)?.at ??
    '';
  if (min > max) return NEVER;
  if (min > MAX_COUNTED)
    throw refusal('minItems', at, { why: 'over-limit', limit: MAX_COUNTED, unit: 'items' });
  if (max !== Infinity && max > MAX_COUNTED) {
    note(narrowing('maxItems', at, { why: 'at-most', limit: MAX_COUNTED, unit: 'items' }));
    max = MAX_COUNTED;
  }
  const unique = nodes.find(({ schema }) => schema['uniqueItems'] === true);
  const contains = nodes.flatMap(({ schema, at }) => {
    if (schema['contains'] === undefined) return [];
    return {
      item: sub(schema['contains'], pointerTo(at, 'contains'), 'contains'),
      min: countOf(schema, at, 'minContains') ?? 1,
      max: countOf(schema, at, 'maxContains') ?? Infinity,
      at,
    };
  });
  const whole = (inner: Term): Term => cat(literal('['), inner);
  const CLOSE = literal(']');

  if ((!unique || max <= 1) && contains.length === 0) {
    const rest = (index: number): Term => {
      const comma = index === 0 ? EMPTY : COMMA;
      if (index >= max) return EMPTY;
      if (index < first) {
        const more = cat(comma, compile(places.at(index)), rest(index + 1));
        return index < min ? more : or(EMPTY, more);
      }
      const item = compile(places.at(first));
      const [least, most] = [Math.max(0, min - index), max - index];
      if (index > 0) return rep(cat(comma, item), least, most);
      const some = cat(item, rep(cat(COMMA, item), Math.max(0, least - 1), most - 1));
      return least === 0 ? or(EMPTY, some) : some;
    };
    return cat(whole(rest(0)), CLOSE);
  }

  // State by state: how many there are, which values were used, how many of each kind were found.
  const options = (index: number): JsonValue[] | undefined => values(places.at(Math.min(index, first)));
  const distinct: string[] = [];
  if (unique) {
    for (let index = 0; index <= Math.min(first, max); index++) {
      const some = options(index);
      if (!some || some.length > MAX_DISTINCT) {
        throw refusal('uniqueItems', unique.at, { why: 'over-limit', limit: MAX_DISTINCT, unit: 'values' });
      }
      for (const value of some) if (!distinct.includes(canonical(value))) distinct.push(canonical(value));
    }
    if (distinct.length > MAX_DISTINCT) {
      throw refusal('uniqueItems', unique.at, { why: 'over-limit', limit: MAX_DISTINCT, unit: 'values' });
    }
  }
  const counted = Math.max(1, first, min, max === Infinity ? 0 : max);
  if (contains.some(({ min: least }) => least > MAX_COUNTED)) {
    throw refusal('minContains', contains[0]?.at ?? '', {
      why: 'over-limit',
      limit: MAX_COUNTED,
      unit: 'items',
    });
  }
  let states = 0;
  const step = (index: number, used: number, found: readonly number[]): Term => {
    const key = `array ${nodes.map(({ at: place }) => place).join()} ${nodes.map((node) => refuseLarge.id(node.schema)).join()} ${index} ${used} ${found.join()}`;
    return rule(key, () => {
      if (++states > MAX_STATES) {
        const keyword = unique ? 'uniqueItems' : 'contains';
        throw refusal(keyword, (unique ?? contains[0])?.at ?? '', { why: 'too-large' });
      }
      const ends = index >= min && contains.every(({ min: least }, k) => (found[k] ?? 0) >= least);
      const ways: Term[] = ends ? [CLOSE] : [];
      if (index >= max && max !== Infinity) return or(...ways);
      const comma = index === 0 ? EMPTY : COMMA;
      const items = places.at(Math.min(index, first));
      const next = Math.min(index + 1, counted);
      // Each kind of "contains" is found here, or may be and is not counted.
      for (let mask = 0; mask < 2 ** contains.length; mask++) {
        const now = found.map((count, k) => {
          const { min: least, max: most } = contains[k]!;
          const limit = most === Infinity ? least : most + 1;
          return (mask >> k) & 1 ? Math.min(count + 1, limit) : count;
        });
        if (contains.some(({ max: most }, k) => (now[k] ?? 0) > most)) continue;
        const extra = contains.flatMap(({ item, max: most }, k): Item[] => {
          if ((mask >> k) & 1) return [item];
          return most === Infinity ? [] : [refuseLarge.not(item)];
        });
        const all = [...items, ...extra];
        if (!unique) {
          ways.push(cat(comma, compile(all), step(next, used, now)));
          continue;
        }
        for (const value of options(index) ?? []) {
          const bit = distinct.indexOf(canonical(value));
          if ((used >> bit) & 1 || !extra.every((item) => accepts(item, value))) continue;
          const one: Item = { schema: { const: value }, at: unique.at };
          ways.push(cat(comma, compile([one]), step(next, used | (1 << bit), now)));
        }
      }
      return or(...ways);
    });
  };
  return whole(
    step(
      0,
      0,
      contains.map(() => 0),
    ),
  );
}

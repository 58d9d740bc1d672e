// Schemas for the judges of forms: each kind of keyword with what is valid and what is not, schemas as people and generators write
// them, and random ones.

import type { Case, Random } from './form-judges.ts';

const kind = (
  name: string,
  schema: unknown,
  valid: readonly unknown[],
  invalid: readonly unknown[],
): Case => ({
  ...{ name, schema, valid, invalid },
});
const closed = (properties: object, required = Object.keys(properties)): object => ({
  ...{ type: 'object', properties, required, additionalProperties: false },
});
const text = { type: 'string' };
const whole = { type: 'integer' };

/** In the shape of the public test suite (draft 2020-12), by us. */
export const KINDS: readonly Case[] = [
  kind('integer bounds', { type: 'integer', minimum: 0, maximum: 120 }, [0, 1, 99, 100, 120], [-1, 121, 129, 1.5, '1']),
  kind('negative bounds', { type: 'integer', minimum: -180, maximum: 180 }, [-180, -1, 0, 180], [-189, -181, 181]),
  kind('number bounds', { type: 'number', minimum: 0, maximum: 1 }, [0, 1, 0.5, 1e-7], [1.5, -0.5, 2]),
  kind('exclusive', { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, [0.5, 0.999], [0, 1]),
  kind('halves', { type: 'number', minimum: 1.5, maximum: 2.5 }, [2, 1.5, 2.5], [1.4, 2.6, 1, 3]),
  kind('any number', { type: 'number' }, [-0.5, 0, 1e21, 5e-324, -1e300], ['1', null]),
  kind('bounds without type', { minimum: 5 }, [5, 'a', null, [1], { a: 1 }], [4, 4.9]),
  kind('multipleOf', { type: 'integer', multipleOf: 7, minimum: -50, maximum: 50 }, [0, 7, -49, 49], [1, 50, -48]),
  kind('multiple of half', { type: 'number', multipleOf: 0.5, minimum: -3, maximum: 3 }, [0.5, -2.5, 3], [0.25, 3.5]),
  kind('required without properties', { required: ['a'] }, [{ a: 1 }, { a: 1, b: 2 }, 7, 'x'], [{}, { b: 1 }]),
  kind('required not declared', { type: 'object', properties: { a: whole }, required: ['b'] }, [{ b: 'x' }, { a: 1, b: null }], [{ a: 1 }, { a: 'x', b: 1 }]),
  kind('beside enum', { enum: [1, 'a', null, 12], type: 'integer', minimum: 2 }, [12], [1, 'a', null]),
  kind('beside const', { const: 'abc', minLength: 2 }, ['abc'], ['ab', 'abcd']),
  kind('beside $ref', { $ref: '#/$defs/n', maximum: 9, $defs: { n: { type: 'integer', minimum: 0 } } }, [0, 9], [-1, 10]),
  kind('beside anyOf', { type: 'integer', anyOf: [{ minimum: 5 }, { maximum: -5 }], maximum: 10 }, [-5, 5, 10], [0, 11]),
  kind('allOf', { allOf: [{ type: 'object', properties: { a: whole }, required: ['a'] }, { properties: { b: text }, required: ['b'] }] }, [{ a: 1, b: 'x' }, { b: 'x', a: 1 }], [{ a: 1 }, { b: 'x' }]),
  kind('oneOf by const', { oneOf: [closed({ t: { const: 'a' }, x: whole }), closed({ t: { const: 'b' }, y: text })] }, [{ t: 'a', x: 1 }, { t: 'b', y: '' }], [{ t: 'a', y: '' }, { t: 'c' }]),
  kind('oneOf overlapping', { type: 'integer', oneOf: [{ minimum: 0 }, { maximum: 5 }] }, [-1, 6], [0, 5]),
  kind('not', { type: 'string', not: { enum: ['no', 'never'] } }, ['', 'nope', 'yes'], ['no', 'never', 1]),
  kind('not required', { type: 'object', not: { required: ['a'] } }, [{}, { b: 1 }], [{ a: 1 }]),
  kind('if', { if: { properties: { k: { const: 1 } }, required: ['k'] }, then: { required: ['v'] }, else: { required: ['w'] }, type: 'object' }, [{ k: 1, v: 2 }, { k: 2, w: 1 }, { w: 1 }], [{ k: 1 }, { k: 2, v: 1 }]),
  kind('dependentRequired', { type: 'object', dependentRequired: { a: ['b'] } }, [{}, { b: 1 }, { a: 1, b: 2 }], [{ a: 1 }]),
  kind('dependentSchemas', { type: 'object', dependentSchemas: { a: { properties: { b: whole } } } }, [{ b: 'x' }, { a: 1, b: 2 }], [{ a: 1, b: 'x' }]),
  kind('nullable list', { type: ['string', 'null'], maxLength: 3 }, [null, 'abc', ''], ['abcd', 1]),
  kind('lengths', { type: 'string', minLength: 2, maxLength: 3 }, ['ab', '😀ñ\n', 'a"\\'], ['a', 'abcd']),
  kind('an e-mail pattern', { type: 'string', pattern: '^[^@\\s]+@[^@\\s]+\\.[a-z]{2,}$' }, ['a@b.co', 'ñ"@\\.es'], ['a@b', 'a b@c.de']),
  kind('accents', { type: 'string', pattern: '^[A-Za-zÁÉÍÓÚáéíóúñÑ ]{1,8}$' }, ['Ñandú', 'a b'], ['', 'ö', 'a1']),
  kind('a search', { type: 'string', pattern: 'ab' }, ['ab', 'xxabyy', 'ab\n'], ['a', 'ba', '']),
  kind('look-ahead', { type: 'string', pattern: '^(?!\\.)[a-z.]{1,5}$' }, ['a', 'a.b'], ['.a', '']),
  kind('letters', { type: 'string', pattern: '^\\p{L}{1,4}$' }, ['añ', 'Ωж'], ['1', 'a b']),
  kind('word edge', { type: 'string', pattern: '\\bsol\\b' }, ['sol', 'el sol.'], ['solo', 'girasol']),
  kind('pattern and lengths', { type: 'string', pattern: '^[a-z]+$', minLength: 2, maxLength: 4 }, ['ab', 'abcd'], ['a', 'abcde', 'A1']),
  kind('arrays without items', { type: 'array', minItems: 1, maxItems: 2 }, [[1], ['a', null]], [[], [1, 2, 3]]),
  kind('prefixItems', { type: 'array', prefixItems: [whole, text], items: false }, [[], [1], [1, 'a']], [['a'], [1, 'a', 2]]),
  kind('a tuple of draft 7', { type: 'array', items: [whole, text], additionalItems: { type: 'null' } }, [[1, 'a', null]], [[1, 'a', 1]]),
  kind('uniqueItems', { type: 'array', items: { enum: ['a', 'b', 'c'] }, uniqueItems: true, minItems: 1 }, [['a'], ['c', 'a', 'b']], [[], ['a', 'a']]),
  kind('contains', { type: 'array', items: whole, contains: { minimum: 10 }, minContains: 2 }, [[10, 11], [1, 10, 2, 12]], [[10], [1, 2]]),
  kind('maxContains', { type: 'array', contains: { const: 1 }, maxContains: 1 }, [[1], [2, 1]], [[1, 1], []]),
  kind('names that need escapes', closed({ 'a"b': whole, 'c\\d': text, 'ñ\n': { type: 'null' } }), [{ 'a"b': 1, 'c\\d': '', 'ñ\n': null }], [{ 'a"b': 1 }]),
  kind('any order', closed({ a: whole, b: whole, c: whole }, ['a']), [{ c: 1, a: 2 }, { a: 1 }, { b: 1, c: 2, a: 3 }], [{}, { b: 1 }, { a: 1, d: 2 }]),
  kind('open objects', { type: 'object', properties: { a: whole } }, [{}, { a: 1 }, { z: [1], a: 2 }], [{ a: 'x' }]),
  kind('additionalProperties by schema', { type: 'object', properties: { a: whole }, additionalProperties: { type: 'boolean' } }, [{ b: true }, { a: 1, c: false }], [{ b: 1 }, { a: true }]),
  kind('patternProperties', { type: 'object', patternProperties: { '^n_': whole }, additionalProperties: false }, [{}, { n_a: 1 }], [{ n_a: 'x' }, { a: 1 }]),
  kind('propertyNames', { type: 'object', propertyNames: { pattern: '^[a-z]{1,3}$' } }, [{ ab: 1 }, {}], [{ AB: 1 }, { abcd: 1 }]),
  kind('counted properties', { ...closed({ a: whole, b: whole, c: whole }, []), minProperties: 1, maxProperties: 2 }, [{ a: 1 }, { c: 1, b: 2 }], [{}, { a: 1, b: 2, c: 3 }]),
  kind('recursive', { $ref: '#/$defs/t', $defs: { t: closed({ v: whole, n: { type: 'array', items: { $ref: '#/$defs/t' } } }) } }, [{ v: 1, n: [{ n: [], v: 2 }] }], [{ v: 1 }, { v: 1, n: [1] }]),
  kind('an anchor', { $ref: '#x', $defs: { a: { $anchor: 'x', type: 'null' } } }, [null], [1]),
  kind('a constant object', { const: { a: [1, 'x'], b: null } }, [{ a: [1, 'x'], b: null }, { b: null, a: [1, 'x'] }], [{ a: [1], b: null }, {}]),
  kind('true', true, [1, 'a', [], { a: [null] }], []),
  kind('a date', { type: 'string', format: 'date' }, [], ['2025-02-29', '2024-13-01', 'x']),
  kind('a moment', { type: 'string', format: 'date-time' }, [], ['2025-01-01', '2025-01-01T25:00:00Z']),
  kind('an address of the web, short and long', { type: 'array', prefixItems: [{ format: 'uri', maxLength: 40 }, { format: 'uri', minLength: 1, maxLength: 2083 }] }, [], [['x'], ['https://x.org/' + 'a'.repeat(40)]]),
  kind('uuid', { type: 'string', format: 'uuid' }, [], ['x']),
  kind('addresses', { type: 'array', prefixItems: [{ format: 'email' }, { format: 'ipv4' }, { format: 'ipv6' }, { format: 'hostname' }] }, [], [['x']]),
]; // prettier-ignore

/** Keyword and place of what is refused. */
export const REFUSED: readonly (readonly [name: string, schema: unknown, keyword: string, pointer: string])[] = [
  ['a reference elsewhere', { properties: { a: { $ref: 'https://example.org/a.json' } } }, '$ref', '/properties/a'],
  ['a reference to nothing', { items: { $ref: '#/$defs/x' } }, '$ref', '/items'],
  ['repetitions', { type: 'array', items: { type: 'string' }, uniqueItems: true }, 'uniqueItems', ''],
  ['cents', { properties: { p: { type: 'number', multipleOf: 0.01 } } }, 'multipleOf', '/properties/p'],
  ['a back-reference', { type: 'string', pattern: '^(a)\\1$' }, 'pattern', ''],
  ['a look-behind', { type: 'string', pattern: '(?<=a)b' }, 'pattern', ''],
  ['a format nobody knows', { format: 'shoe-size' }, 'format', ''],
  ['a slip of the pen', { type: 'string', minLenght: 3 }, 'minLenght', ''],
  ['unevaluated', { allOf: [{ properties: { a: true } }], unevaluatedProperties: false }, 'unevaluatedProperties', ''],
  ['nothing at all', { allOf: [{ type: 'string' }, { type: 'null' }] }, 'schema', ''],
  ['a type nobody knows', { 'type': 'str' }, 'type', ''],
  ['a count that is none', { minItems: -1, type: 'array' }, 'minItems', ''],
  ['not of a format', { not: { format: 'date' } }, 'not', ''],
  ['no schema', 7, 'schema', ''],
  ['a name with a slash', { properties: { 'a/b~': { pattern: '(' } } }, 'pattern', '/properties/a~1b~0'],
]; // prettier-ignore

const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(random() * list.length)]!;
const NAMES = [
  'nombre',
  'edad',
  'país',
  'título',
  'x',
  'y',
  'tags',
  'ok',
  'nota "b"',
  'fecha',
  'id',
  'total',
];

/** A part as people write it. */
function leaf(random: Random): object | boolean {
  const n = Math.floor(random() * 10);
  switch (Math.floor(random() * 16)) {
    case 0:
      return { type: 'integer', minimum: n, maximum: n + Math.floor(random() * 200) };
    case 1:
      return { type: 'integer' };
    case 2:
      return { type: 'number', minimum: -n, maximum: n + random() };
    case 3:
      return { type: 'number', exclusiveMinimum: 0 };
    case 4:
      return { type: 'string', minLength: 1, maxLength: 5 + n };
    case 5:
      return { type: 'string' };
    case 6:
      return { enum: ['sí', 'no', 'tal vez'].slice(0, 1 + (n % 3)) };
    case 7:
      return { type: ['string', 'null'] };
    case 8:
      return { type: 'boolean', description: 'verdad' };
    case 9:
      return {
        type: 'string',
        pattern: pick(['^[A-Z]{2,4}$', '^\\d{4}-\\d{2}$', '[áéí]', '^(a|b)+$', '^[^,;]{1,6}$'], random),
      };
    case 10:
      return { anyOf: [{ type: 'integer', minimum: n }, { type: 'null' }], default: null };
    case 11:
      return { const: pick(['a', 1, null, true], random) };
    case 12:
      return { type: 'integer', multipleOf: 1 + n, minimum: 0, maximum: 100 };
    case 13:
      return { type: 'string', format: pick(['date', 'email', 'uuid', 'time'], random) };
    case 14:
      return { type: 'string', not: { const: 'x' }, maxLength: 4 };
    default:
      return { type: 'null' };
  }
}

/** A random schema of objects, lists and alternatives. */
export function randomSchema(random: Random, depth = 3): object | boolean {
  const below = (): object | boolean => randomSchema(random, depth - 1);
  if (depth === 0) return leaf(random);
  switch (Math.floor(random() * 8)) {
    case 0:
    case 1:
    case 2: {
      const names = [...NAMES].sort(() => random() - 0.5).slice(0, 1 + Math.floor(random() * 4));
      const properties = Object.fromEntries(names.map((name) => [name, below()]));
      const required = names.filter(() => random() < 0.7);
      const rest = pick(
        [
          { additionalProperties: false },
          { additionalProperties: false },
          {},
          { additionalProperties: leaf(random) },
        ],
        random,
      );
      return { type: 'object', properties, ...(required.length > 0 ? { required } : {}), ...rest };
    }
    case 3:
      return {
        type: 'array',
        items: below(),
        minItems: Math.floor(random() * 2),
        maxItems: 1 + Math.floor(random() * 3),
      };
    case 4:
      return { type: 'array', prefixItems: [below(), leaf(random)], minItems: 2, items: false };
    case 5:
      return { anyOf: [below(), leaf(random)] };
    case 6:
      return {
        oneOf: [0, 1].map((k) => ({
          type: 'object',
          properties: { kind: { const: `k${k}` }, v: below() },
          required: ['kind', 'v'],
          additionalProperties: false,
        })),
      };
    default:
      return leaf(random);
  }
}

/** A value near a schema, valid or not: the judge by whom both are known tells. */
export function randomValue(random: Random, schema: unknown, depth = 4): unknown {
  const node = (typeof schema === 'object' && schema !== null ? schema : {}) as Record<string, unknown>;
  const list = (node['anyOf'] ?? node['oneOf']) as unknown[] | undefined;
  if (list) return randomValue(random, pick(list, random), depth);
  if (node['const'] !== undefined) return node['const'];
  if (Array.isArray(node['enum'])) return pick(node['enum'] as unknown[], random);
  const type = pick([node['type'] ?? pick(['string', 'integer', 'null'], random)].flat() as string[], random);
  const [low, high] = [
    Number(node['minimum'] ?? node['exclusiveMinimum'] ?? -20),
    Number(node['maximum'] ?? 120),
  ];
  switch (type) {
    case 'integer':
      return Math.round(low + random() * (high - low + 2) - 1);
    case 'number':
      return low + random() * (high - low) * 1.1;
    case 'boolean':
      return random() < 0.5;
    case 'null':
      return null;
    case 'array': {
      const prefix = (node['prefixItems'] ?? []) as unknown[];
      const length = prefix.length > 0 ? prefix.length : Math.floor(random() * 4);
      return Array.from({ length: depth > 0 ? length : 0 }, (_, i) =>
        randomValue(random, prefix[i] ?? node['items'], depth - 1),
      );
    }
    case 'object': {
      const entries = Object.entries((node['properties'] ?? {}) as object)
        .filter(([name]) => ((node['required'] ?? []) as string[]).includes(name) || random() < 0.5)
        .map(([name, part]) => [name, randomValue(random, part, depth - 1)] as const);
      if (random() < 0.1) entries.push(['otro', 1]);
      return Object.fromEntries(random() < 0.3 ? entries.reverse() : entries);
    }
    default:
      return pick(
        [
          '',
          'a',
          'ab',
          'AB',
          'ABC',
          '2024-05',
          'ñandú',
          'x',
          'aba',
          'á"b',
          'texto largo de verdad',
          '2024-02-29',
          'a\n',
        ],
        random,
      );
  }
}

// A JSON schema (draft 2020-12, and what generators of older drafts write) as a grammar. Three outcomes, before anything is drawn: held
// exactly; held, with what is left out said; refused by keyword and place.

import type { Narrowing } from '../../../form-faults.ts';
import { automaton } from '../automaton.ts';
import { createBuilder, jsonChars } from '../rules.ts';
import type { Rules } from '../rules.ts';
import { NEVER, cat, forgetTerms, literal, or } from '../term.ts';
import type { Term } from '../term.ts';
import { createAccepts } from './accepts.ts';
import { arrayTerm, placesOf } from './arrays.ts';
import type { Compiling } from './compiling.ts';
import { createExpansion } from './expand.ts';
import type { Way } from './expand.ts';
import { createNegation } from './negate.ts';
import { canonical, isObject, narrowing, refusal, sub } from './node.ts';
import type { Item, JsonValue, SchemaObject } from './node.ts';
import { membersOf, objectTerm } from './objects.ts';
import { createRefs } from './refs.ts';
import { numbersTerm, stringTerm } from './scalars.ts';

export interface CompiledSchema {
  rules: Rules;
  /** What is left out; none: every valid value can be written. */
  narrower: Narrowing[];
}

/** How deep it is asked whether alternatives can hold together. */
const EMPTY_DEPTH = 4;
/** Those whose keywords mean what they mean here. */
const DIALECTS =
  /^https?:\/\/json-schema\.org\/(draft-0[67]\/schema|draft\/20(19-09|20-12)\/schema|schema)#?$/;

export interface CompileOptions {
  /** Few names in any order, as JSON allows; else always as the schema has them. Default "any". */
  order?: 'any' | 'declared';
}

/** Throws EngineError "schema-unsupported" with {keyword, pointer}, or "limit-exceeded". */
export function compileSchema(schema: unknown, { order = 'any' }: CompileOptions = {}): CompiledSchema {
  forgetTerms();
  const narrower = new Map<string, Narrowing>();
  const note = (narrowing: Narrowing): void => {
    narrower.set(`${narrowing.keyword} ${narrowing.pointer}`, narrowing);
  };
  const silently = { depth: 0 };
  const told = (narrowing: Narrowing): void => {
    if (silently.depth === 0) note(narrowing);
  };
  const refs = createRefs(schema);
  const accepts = createAccepts(refs);
  const negation = createNegation(refs, told);
  const expansion = createExpansion(refs, negation, (items) => isEmpty(items, EMPTY_DEPTH));
  const builder = createBuilder();

  const ids = new WeakMap<object, number>();
  let nextId = 0;
  const idOf = (part: object): number => {
    let id = ids.get(part);
    if (id === undefined) ids.set(part, (id = nextId++));
    return id;
  };
  const nots = new WeakMap<object, SchemaObject>();
  const notItem = ({ schema: body, at }: Item): Item => {
    if (typeof body === 'boolean') return { schema: !body, at };
    let made = nots.get(body);
    if (!made) nots.set(body, (made = { not: body }));
    return { schema: made, at };
  };
  /** Values' own schemas, one for each value however often it is met. */
  const consts = new Map<string, SchemaObject>();

  /** Values that "enum" and "const" list, as far as all else allows them; undefined where nothing lists them. */
  function listed({ nodes }: Way): JsonValue[] | undefined {
    const lists = nodes.flatMap(({ schema: part }) => {
      const list = part['const'] !== undefined ? [part['const']] : (part['enum'] as JsonValue[] | undefined);
      return list ? [list as JsonValue[]] : [];
    });
    const [first] = lists.sort((a, b) => a.length - b.length);
    if (!first) return undefined;
    const seen = new Set<string>();
    return first.filter((value) => {
      const key = canonical(value);
      if (seen.has(key) || !nodes.every((node) => accepts(node, value))) return false;
      seen.add(key);
      return true;
    });
  }

  function valueTerm(value: JsonValue, at: string): Term {
    if (Array.isArray(value) || isObject(value)) {
      const key = canonical(value);
      let made = consts.get(key);
      if (!made) {
        made = Array.isArray(value)
          ? {
              type: 'array',
              prefixItems: value.map((part) => ({ const: part })),
              minItems: value.length,
              maxItems: value.length,
            }
          : {
              type: 'object',
              properties: Object.fromEntries(
                Object.entries(value).map(([name, part]) => [name, { const: part }]),
              ),
              required: Object.keys(value),
              additionalProperties: false,
            };
        if (Array.isArray(value) && value.length === 0) made = { type: 'array', maxItems: 0 };
        consts.set(key, made);
      }
      return compile([{ schema: made, at }]);
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw refusal('const', at, { why: 'number-too-large' });
    }
    if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) {
      throw refusal('const', at, { why: 'half-character' });
    }
    return literal(JSON.stringify(value === 0 ? 0 : value));
  }

  function text(term: Term, at: string): Term {
    const made = builder.text(term, jsonChars);
    if (made) return made;
    throw refusal('pattern', at, { why: 'pattern', feature: 'too-large', text: '' });
  }

  function wayTerm(way: Way): Term {
    const at = way.nodes[0]?.at ?? '';
    const values = listed(way);
    if (values) return or(...values.map((value) => valueTerm(value, at)));
    const parts = [...way.types].map((type): Term => {
      switch (type) {
        case 'null':
          return literal('null');
        case 'boolean':
          return or(literal('true'), literal('false'));
        case 'number': {
          const made = builder.text(numbersTerm(way, told));
          if (made) return made;
          throw refusal('multipleOf', at, { why: 'too-large' });
        }
        case 'string':
          return cat(literal('"'), text(stringTerm(way, told), at), literal('"'));
        case 'array':
          return arrayTerm(way, compiling);
        case 'object':
          return objectTerm(way, compiling);
      }
    });
    return or(...parts);
  }

  function compile(items: readonly Item[]): Term {
    if (items.some((item) => item.schema === false)) return NEVER;
    const parts = items.filter((item) => item.schema !== true);
    const key = `value ${[...new Set(parts.map((item) => idOf(item.schema as object)))].sort((a, b) => a - b).join()}`;
    return builder.rule(key, () => or(...expansion.ways(parts).map(wayTerm)));
  }

  /** Whether it is certain that no value satisfies all items. */
  function isEmpty(items: readonly Item[], depth: number): boolean {
    if (items.some((item) => item.schema === false)) return true;
    if (depth === 0) return false;
    silently.depth++;
    try {
      return expansion.ways(items).every((way) => {
        const values = listed(way);
        if (values) return values.length === 0;
        return [...way.types].every((type) => {
          switch (type) {
            case 'number':
              return numbersTerm(way, told) === NEVER;
            case 'string':
              return automaton(stringTerm(way, told))?.length === 0;
            case 'array': {
              const { min, max, at } = placesOf(way);
              return (
                min > max ||
                Array.from({ length: Math.min(min, 8) }, (_, i) => at(i)).some((each) =>
                  isEmpty(each, depth - 1),
                )
              );
            }
            case 'object': {
              const { required, of, min, max } = membersOf(way, accepts);
              return min > max || [...required].some((name) => isEmpty(of(name), depth - 1));
            }
            default:
              return false;
          }
        });
      });
    } finally {
      silently.depth--;
    }
  }

  function language(items: readonly Item[]): Term {
    const parts = items.filter((item) => item.schema !== true);
    return or(
      ...expansion.ways(parts).map((way) => {
        const values = listed(way);
        if (values) return or(...values.filter((value) => typeof value === 'string').map(literal));
        return way.types.has('string') ? stringTerm(way, told) : NEVER;
      }),
    );
  }

  function values(items: readonly Item[]): JsonValue[] | undefined {
    const found = new Map<string, JsonValue>();
    for (const way of expansion.ways(items)) {
      const some = listed(way) ?? shortTypes(way);
      if (!some) return undefined;
      for (const value of some) found.set(canonical(value), value);
    }
    return [...found.values()];
  }
  const shortTypes = ({ types }: Way): JsonValue[] | undefined => {
    const all = [...types].map((type) =>
      type === 'null' ? [null] : type === 'boolean' ? [true, false] : undefined,
    );
    return all.every((some) => some !== undefined) ? all.flat() : undefined;
  };

  const compiling: Compiling = {
    compile,
    rule: (key, make) => builder.rule(key, make),
    text,
    language,
    values,
    accepts,
    note: told,
    refuseLarge: { id: idOf, not: notItem },
    anyOrder: order === 'any',
  };
  const dialect = isObject(schema) ? schema['$schema'] : undefined;
  if (dialect !== undefined && !DIALECTS.test(String(dialect))) {
    note(narrowing('$schema', '', { why: 'dialect', dialect: String(dialect) }));
  }
  const rules = builder.finish(compile([sub(schema, '', 'schema')]));
  if (!rules) throw refusal('schema', '', { why: 'contradiction' });
  return { rules, narrower: [...narrower.values()] };
}

// "$ref" within one schema: by JSON pointer, by "$anchor", or by the root's own address.

import { isObject, malformed, pointerTo, refusal, sub } from './node.ts';
import type { Item, SchemaObject } from './node.ts';

/** Keywords whose values are schemas by name, and those that have one or a list. */
const MAPS = new Set(['$defs', 'definitions', 'properties', 'patternProperties', 'dependentSchemas', 'dependencies']); // prettier-ignore
const PARTS = new Set([
  ...['items', 'prefixItems', 'additionalItems', 'unevaluatedItems', 'contains', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then'],
  ...['else', 'additionalProperties', 'unevaluatedProperties', 'propertyNames', 'contentSchema'],
]); // prettier-ignore

export interface Refs {
  /** Throws "schema-unsupported" for what lies outside or nowhere. */
  target(reference: unknown, at: string): Item;
}

export function createRefs(root: unknown): Refs {
  const base = isObject(root) && typeof root['$id'] === 'string' ? root['$id'].replace(/#$/, '') : '';
  let anchors: Map<string, Item> | undefined;

  return {
    target(reference, at) {
      if (typeof reference !== 'string') throw malformed('$ref', at, 'reference');
      const hash = reference.indexOf('#');
      const file = hash < 0 ? reference : reference.slice(0, hash);
      if (file !== '' && file !== base) throw refusal('$ref', at, { why: 'reference-outside', reference });
      let fragment: string;
      try {
        fragment = hash < 0 ? '' : decodeURIComponent(reference.slice(hash + 1));
      } catch {
        throw refusal('$ref', at, { why: 'reference-nowhere', reference });
      }
      if (fragment !== '' && !fragment.startsWith('/')) {
        anchors ??= anchorsOf(root);
        const found = anchors.get(fragment);
        if (found) return found;
        throw refusal('$ref', at, { why: 'reference-nowhere', reference });
      }
      let here: unknown = root;
      let place = '';
      for (const step of fragment.split('/').slice(1)) {
        const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
        const inside = Array.isArray(here) || isObject(here) ? Object.hasOwn(here, name) : false;
        if (!inside) throw refusal('$ref', at, { why: 'reference-nowhere', reference });
        if (here !== root && hasAddress(here)) {
          throw refusal('$ref', at, { why: 'reference-outside', reference });
        }
        here = (here as Record<string, unknown>)[name];
        place = pointerTo(place, name);
      }
      return sub(here, place, '$ref');
    },
  };
}

function anchorsOf(root: unknown): Map<string, Item> {
  const found = new Map<string, Item>();
  const open: Item[] = isObject(root) ? [{ schema: root, at: '' }] : [];
  for (let item = open.pop(); item; item = open.pop()) {
    const { schema, at } = item;
    if (!isObject(schema)) continue;
    if (typeof schema['$anchor'] === 'string') found.set(schema['$anchor'], { schema, at });
    // What has an address of its own has anchors of its own.
    open.push(...schemasIn(schema, at).filter((each) => !hasAddress(each.schema)));
  }
  return found;
}

const hasAddress = (schema: unknown): boolean => isObject(schema) && typeof schema['$id'] === 'string';

/** Schemas that stand in a schema: never what its values, names or unknown keywords look like. */
function schemasIn(schema: SchemaObject, at: string): Item[] {
  return Object.entries(schema).flatMap(([keyword, value]): Item[] => {
    const here = pointerTo(at, keyword);
    if (MAPS.has(keyword) && isObject(value)) {
      return Object.entries(value).flatMap(([name, part]) =>
        isObject(part) ? [{ schema: part, at: pointerTo(here, name) }] : [],
      );
    }
    if (!PARTS.has(keyword)) return [];
    if (!Array.isArray(value)) return isObject(value) ? [{ schema: value, at: here }] : [];
    return value.flatMap((part, i) => (isObject(part) ? [{ schema: part, at: pointerTo(here, i) }] : []));
  });
}

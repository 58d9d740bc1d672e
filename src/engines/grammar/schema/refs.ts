// "$ref" within one schema: by JSON pointer, by "$anchor", or by the root's own address.

import { isObject, pointerTo, refusal, sub } from './node.ts';
import type { Item } from './node.ts';

const INSIDE = 'put what it names into $defs and write "#/$defs/name"';

export interface Refs {
  /** Throws "schema-unsupported" for what lies outside or nowhere. */
  target(reference: unknown, at: string): Item;
}

export function createRefs(root: unknown): Refs {
  const base = isObject(root) && typeof root['$id'] === 'string' ? root['$id'].replace(/#$/, '') : '';
  let anchors: Map<string, Item> | undefined;

  return {
    target(reference, at) {
      if (typeof reference !== 'string') throw refusal('$ref', at, 'is no text', INSIDE);
      const hash = reference.indexOf('#');
      const file = hash < 0 ? reference : reference.slice(0, hash);
      if (file !== '' && file !== base)
        throw refusal('$ref', at, `"${reference}" is not in this schema`, INSIDE);
      let fragment: string;
      try {
        fragment = hash < 0 ? '' : decodeURIComponent(reference.slice(hash + 1));
      } catch {
        throw refusal('$ref', at, `"${reference}" cannot be read`, INSIDE);
      }
      if (fragment !== '' && !fragment.startsWith('/')) {
        anchors ??= anchorsOf(root);
        const found = anchors.get(fragment);
        if (found) return found;
        throw refusal('$ref', at, `there is no $anchor "${fragment}"`, INSIDE);
      }
      let here: unknown = root;
      let place = '';
      for (const step of fragment.split('/').slice(1)) {
        const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
        const inside = Array.isArray(here) || isObject(here) ? Object.hasOwn(here, name) : false;
        if (!inside) throw refusal('$ref', at, `"${reference}" names nothing`, INSIDE);
        here = (here as Record<string, unknown>)[name];
        place = pointerTo(place, name);
      }
      return sub(here, place, '$ref');
    },
  };
}

function anchorsOf(root: unknown): Map<string, Item> {
  const found = new Map<string, Item>();
  const open: [unknown, string][] = [[root, '']];
  for (let next = open.pop(); next; next = open.pop()) {
    const [value, at] = next;
    if (isObject(value) && typeof value['$anchor'] === 'string')
      found.set(value['$anchor'], { schema: value, at });
    if (typeof value === 'object' && value !== null) {
      for (const [name, part] of Object.entries(value)) open.push([part, pointerTo(at, name)]);
    }
  }
  return found;
}

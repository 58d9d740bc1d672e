// `tojson` as transformers defines it: Python's json.dumps without ASCII escapes and without HTML escapes.

import { fault, Float, floatText, itemsOf, typeName, type Meter, type Value } from './values.ts';

export interface JsonStyle {
  indent: string | null;
  separators: [item: string, key: string];
  sortKeys: boolean;
  ascii: boolean;
}

function textOf(text: string, ascii: boolean): string {
  // JSON.stringify also escapes lone surrogates, which Python would not; no text here has any.
  const quoted = JSON.stringify(text);
  return ascii
    ? quoted.replace(/[\x7f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : quoted;
}

function keyText(key: Value): string {
  if (typeof key === 'string') return key;
  if (key === null) return 'null';
  if (typeof key === 'boolean' || typeof key === 'number') return String(key);
  return key instanceof Float ? floatText(key.value) : fault(`keys must be str, not ${typeName(key)}`);
}

export function dumped(value: Value, style: JsonStyle, meter: Meter, depth = 0): string {
  meter.work(1);
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (value instanceof Float) return floatText(value.value).replace('inf', 'Infinity').replace('nan', 'NaN');
  if (typeof value === 'string') return textOf(value, style.ascii);
  const [comma, colon] = style.separators;
  const wrap = (open: string, close: string, parts: Iterable<string>): string => {
    let inner = '';
    for (const part of parts) {
      const line = style.indent === null ? '' : `\n${style.indent.repeat(depth + 1)}`;
      inner += `${inner === '' ? '' : comma}${line}${part}`;
      meter.text(inner.length);
    }
    if (inner === '') return open + close;
    return `${open}${inner}${style.indent === null ? '' : `\n${style.indent.repeat(depth)}`}${close}`;
  };
  const items = itemsOf(value);
  if (items)
    return wrap(
      '[',
      ']',
      lazily(items, (item) => dumped(item, style, meter, depth + 1)),
    );
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => [keyText(key), item] as const);
    if (style.sortKeys) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return wrap(
      '{',
      '}',
      lazily(
        entries,
        ([key, item]) => textOf(key, style.ascii) + colon + dumped(item, style, meter, depth + 1),
      ),
    );
  }
  return fault(`Object of type ${typeName(value)} is not JSON serializable`);
}

function* lazily<T>(items: readonly T[], show: (item: T) => string): Generator<string> {
  for (const item of items) yield show(item);
}

/** From the filter's arguments: `indent`, `separators`, `sort_keys`, `ensure_ascii`. */
export function jsonStyle(args: Value[], named: ReadonlyMap<string, Value>, meter: Meter): JsonStyle {
  // transformers: tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False)
  const at = (i: number, name: string): Value | undefined => args[i] ?? named.get(name);
  const ascii = at(0, 'ensure_ascii') === true;
  const indent = at(1, 'indent') ?? null;
  if (typeof indent === 'number') meter.text(indent);
  const separators = itemsOf(at(2, 'separators') ?? null);
  const [item, key] = separators ?? [];
  return {
    indent:
      typeof indent === 'number'
        ? ' '.repeat(Math.max(0, indent))
        : typeof indent === 'string'
          ? indent
          : null,
    separators:
      typeof item === 'string' && typeof key === 'string'
        ? [item, key]
        : [indent === null ? ', ' : ',', ': '],
    sortKeys: at(3, 'sort_keys') === true,
    ascii,
  };
}

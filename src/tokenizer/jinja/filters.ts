// Jinja's built-in filters and tests, as far as templates of conversations may need them.

import { dumped, jsonStyle } from './json.ts';
import { capitalized, replaced, stripped } from './strings.ts';
import {
  Callable,
  compare,
  equal,
  fault,
  Float,
  isNumber,
  isTrue,
  itemsOf,
  Namespace,
  numberOf,
  printed,
  Tuple,
  typeName,
  Undefined,
  type Meter,
  type Value,
} from './values.ts';

export interface Call {
  args: Value[];
  named: ReadonlyMap<string, Value>;
  meter: Meter;
  /** `obj.name` and `obj[name]` as the template itself would read it. */
  attribute: (object: Value, name: string) => Value;
}

export type Filter = (value: Value, call: Call) => Value;
export type Test = (value: Value, call: Call) => boolean;

/** What a `for`, a `join` or a `list` goes through. Undefined holds nothing; None is an error, as in Python. */
export function iterated(value: Value, meter: Meter): readonly Value[] {
  const items = itemsOf(value);
  if (items) return items;
  if (typeof value === 'string') {
    meter.work(value.length / 64);
    return [...value];
  }
  if (value instanceof Map) return [...value.keys()];
  if (value instanceof Undefined) return [];
  return fault(`'${typeName(value)}' object is not iterable`);
}

const argument = ({ args, named }: Call, i: number, name: string): Value | undefined =>
  args[i] ?? named.get(name);
const text = (value: Value, { meter }: Call): string => printed(value, meter);
const flag = (call: Call, i: number, name: string): boolean => isTrue(argument(call, i, name) ?? false);
function whole(call: Call, i: number, name: string, otherwise: number): number {
  const value = argument(call, i, name);
  if (value === undefined || value === null) return otherwise;
  return numberOf(value) ?? fault(`'${typeName(value)}' object cannot be interpreted as an integer`);
}

/** `attribute="a.b"`, an index, or nothing. */
function reader(call: Call, attribute: Value | undefined, otherwise?: Value): (item: Value) => Value {
  if (attribute === undefined || attribute === null) return (item) => item;
  const parts = typeof attribute === 'number' ? [String(attribute)] : text(attribute, call).split('.');
  return (item) => {
    const found = parts.reduce<Value>((object, part) => call.attribute(object, part), item);
    return found instanceof Undefined && otherwise !== undefined ? otherwise : found;
  };
}

const folded = (value: Value, caseSensitive: boolean): Value =>
  typeof value === 'string' && !caseSensitive ? value.toLowerCase() : value;

function sorted(
  items: readonly Value[],
  key: (item: Value) => Value,
  reverse: boolean,
  meter: Meter,
): Value[] {
  const keyed = items.map((item) => ({ item, key: key(item) }));
  keyed.sort((a, b) => (reverse ? compare(b.key, a.key, meter) : compare(a.key, b.key, meter)));
  return keyed.map(({ item }) => item);
}

function extreme(sign: 1 | -1): Filter {
  return (value, call) => {
    const items = iterated(value, call.meter);
    const read = reader(call, argument(call, 1, 'attribute'));
    const key = (item: Value): Value => folded(read(item), flag(call, 0, 'case_sensitive'));
    return items.length === 0
      ? new Undefined('No aggregated item, sequence was empty.')
      : items.reduce((best, item) => (sign * compare(key(item), key(best), call.meter) > 0 ? item : best));
  };
}

/** `select`, `reject` and their kin on attributes. */
function chosen(keep: boolean, byAttribute: boolean): Filter {
  return (value, call) => {
    const [first, ...more] = call.args;
    const read = byAttribute
      ? reader(call, first ?? fault('missing attribute'))
      : (item: Value): Value => item;
    const [name, ...args] = byAttribute ? more : call.args;
    const test = name === undefined ? isTrue : testNamed(text(name, call));
    return iterated(value, call.meter).filter((item) => {
      call.meter.work(1);
      return test(read(item), { ...call, args }) === keep;
    });
  };
}

const digits = (value: string): number | undefined =>
  /^\s*[+-]?\d[\d_]*\s*$/.test(value) ? Number(value.replaceAll('_', '')) : undefined;
const decimal = (value: string): number | undefined =>
  /^\s*[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(value)
    ? Number(value.replaceAll('_', ''))
    : undefined;

const toInt: Filter = (value, call) => {
  const otherwise = argument(call, 0, 'default') ?? 0;
  if (typeof value === 'string') {
    const number = digits(value) ?? decimal(value);
    return number === undefined ? otherwise : Math.trunc(number);
  }
  const number = numberOf(value);
  return number === undefined || !Number.isFinite(number) ? otherwise : Math.trunc(number);
};
const toFloat: Filter = (value, call) => {
  const number = typeof value === 'string' ? decimal(value) : numberOf(value);
  return number === undefined ? (argument(call, 0, 'default') ?? new Float(0)) : new Float(number);
};

const escaped = (value: string): string =>
  value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll("'", '&#39;')
    .replaceAll('"', '&#34;');

function indented(value: Value, call: Call): Value {
  const given = argument(call, 0, 'width') ?? 4;
  const spaces = numberOf(given) ?? 4;
  call.meter.text(spaces);
  const width = typeof given === 'string' ? given : ' '.repeat(Math.max(0, spaces));
  const [first, blank] = [flag(call, 1, 'first'), flag(call, 2, 'blank')];
  const lines = `${text(value, call)}\n`.split('\n').slice(0, -1);
  call.meter.text(lines.length * width.length + text(value, call).length);
  return lines
    .map((line, i) => ((i === 0 && !first) || (line === '' && !blank && i > 0) ? line : width + line))
    .join('\n');
}

function rounded(value: Value, call: Call): Value {
  const number = numberOf(value) ?? fault(`type ${typeName(value)} doesn't define __round__ method`);
  const scale = 10 ** whole(call, 0, 'precision', 0);
  const how = argument(call, 1, 'method') ?? 'common';
  if (how === 'ceil') return new Float(Math.ceil(number * scale) / scale);
  if (how === 'floor') return new Float(Math.floor(number * scale) / scale);
  // Python rounds halves to even.
  const scaled = number * scale;
  const low = Math.floor(scaled);
  const half = scaled - low === 0.5;
  const nearest = half ? (low % 2 === 0 ? low : low + 1) : Math.round(scaled);
  return new Float(nearest / scale);
}

function batched(value: Value, call: Call): Value {
  const size = Math.max(1, whole(call, 0, 'linecount', 1));
  const fill = argument(call, 1, 'fill_with');
  const items = iterated(value, call.meter);
  const rows: Value[][] = [];
  for (let i = 0; i < items.length; i += size) rows.push(items.slice(i, i + size));
  const last = rows.at(-1);
  while (last && fill !== undefined && fill !== null && last.length < size) last.push(fill);
  return rows;
}

function truncated(value: Value, call: Call): Value {
  const all = [...text(value, call)];
  const length = whole(call, 0, 'length', 255);
  const end = text(argument(call, 2, 'end') ?? '...', call);
  const leeway = whole(call, 3, 'leeway', 5);
  if (all.length <= length + leeway) return all.join('');
  const cut = all.slice(0, Math.max(0, length - end.length)).join('');
  if (flag(call, 1, 'killwords')) return cut + end;
  const space = cut.lastIndexOf(' ');
  return (space < 0 ? cut : cut.slice(0, space)) + end;
}

const length: Filter = (value, { meter }) => {
  if (typeof value === 'string') return [...value].length;
  if (value instanceof Map) return value.size;
  if (value instanceof Undefined) return 0;
  const items = itemsOf(value);
  meter.work(1);
  return items ? items.length : fault(`object of type '${typeName(value)}' has no len()`);
};

const otherwise: Filter = (value, call) => {
  const wanted = argument(call, 0, 'default_value') ?? '';
  return value instanceof Undefined || (flag(call, 1, 'boolean') && !isTrue(value)) ? wanted : value;
};

function mappedOver(value: Value, call: Call): Value {
  const items = iterated(value, call.meter);
  if (call.named.has('attribute'))
    return items.map(reader(call, call.named.get('attribute'), call.named.get('default')));
  const [name, ...args] = call.args;
  const filter = filterNamed(text(name ?? fault('map requires a filter argument'), call));
  return items.map((item) => filter(item, { ...call, args }));
}

function total(value: Value, call: Call): Value {
  const read = reader(call, argument(call, 0, 'attribute'));
  const start = argument(call, 1, 'start') ?? 0;
  const numbers = [start, ...iterated(value, call.meter).map(read)];
  const sum = numbers.reduce<number>(
    (a, item) => a + (numberOf(item) ?? fault(`unsupported operand type(s) for +: '${typeName(item)}'`)),
    0,
  );
  return numbers.some((item) => item instanceof Float) ? new Float(sum) : sum;
}

const FILTERS: Readonly<Record<string, Filter>> = {
  abs: (value) => {
    const number = numberOf(value) ?? fault(`bad operand type for abs(): '${typeName(value)}'`);
    return value instanceof Float ? new Float(Math.abs(number)) : Math.abs(number);
  },
  attr: (value, call) => call.attribute(value, text(call.args[0] ?? '', call)),
  batch: batched,
  capitalize: (value, call) => capitalized(text(value, call)),
  count: length,
  d: otherwise,
  default: otherwise,
  dictsort: (value, call) => {
    if (!(value instanceof Map)) return fault(`'${typeName(value)}' object has no attribute 'items'`);
    const by = argument(call, 1, 'by') === 'value' ? 1 : 0;
    const pairs = [...value].map((pair) => new Tuple(pair));
    const key = (pair: Value): Value =>
      folded((pair as Tuple).items[by] ?? null, flag(call, 0, 'case_sensitive'));
    return sorted(pairs, key, flag(call, 2, 'reverse'), call.meter);
  },
  e: (value, call) => escaped(text(value, call)),
  escape: (value, call) => escaped(text(value, call)),
  first: (value, { meter }) =>
    iterated(value, meter)[0] ?? new Undefined('No first item, sequence was empty.'),
  float: toFloat,
  forceescape: (value, call) => escaped(text(value, call)),
  groupby: (value, call) => {
    const read = reader(call, argument(call, 0, 'attribute'), argument(call, 1, 'default'));
    const key = (item: Value): Value => folded(read(item), flag(call, 2, 'case_sensitive'));
    const groups: { key: Value; name: Value; items: Value[] }[] = [];
    for (const item of sorted(iterated(value, call.meter), key, false, call.meter)) {
      const last = groups.at(-1);
      if (last && equal(last.key, key(item), call.meter)) last.items.push(item);
      else groups.push({ key: key(item), name: read(item), items: [item] });
    }
    return groups.map(({ name, items }) => new Tuple([name, items]));
  },
  indent: indented,
  int: toInt,
  items: (value) => {
    if (value instanceof Undefined) return [];
    return value instanceof Map
      ? [...value].map((pair) => new Tuple(pair))
      : fault('Can only get item pairs from a mapping.');
  },
  join: (value, call) => {
    const separator = text(argument(call, 0, 'd') ?? '', call);
    const read = reader(call, argument(call, 1, 'attribute'));
    let joined = '';
    iterated(value, call.meter).forEach((item, i) => {
      joined += (i === 0 ? '' : separator) + text(read(item), call);
      call.meter.text(joined.length);
    });
    return joined;
  },
  last: (value, { meter }) =>
    iterated(value, meter).at(-1) ?? new Undefined('No last item, sequence was empty.'),
  length,
  list: (value, { meter }) => [...iterated(value, meter)],
  lower: (value, call) => text(value, call).toLowerCase(),
  map: mappedOver,
  max: extreme(1),
  min: extreme(-1),
  reject: chosen(false, false),
  rejectattr: chosen(false, true),
  replace: (value, call) =>
    replaced(
      text(value, call),
      text(call.args[0] ?? '', call),
      text(call.args[1] ?? '', call),
      whole(call, 2, 'count', -1),
      call.meter,
    ),
  reverse: (value, { meter }) =>
    typeof value === 'string' ? [...value].reverse().join('') : [...iterated(value, meter)].reverse(),
  round: rounded,
  safe: (value) => value,
  select: chosen(true, false),
  selectattr: chosen(true, true),
  sort: (value, call) => {
    const read = reader(call, argument(call, 2, 'attribute'));
    const key = (item: Value): Value => folded(read(item), flag(call, 1, 'case_sensitive'));
    return sorted(iterated(value, call.meter), key, flag(call, 0, 'reverse'), call.meter);
  },
  string: (value, call) => text(value, call),
  sum: total,
  // The filter begins a word after white space, hyphens and brackets alone; str.title() after anything that is no letter.
  title: (value, call) =>
    text(value, call)
      .split(/([-\s({[<]+)/)
      .map(capitalized)
      .join(''),
  tojson: (value, call) => dumped(value, jsonStyle(call.args, call.named, call.meter), call.meter),
  trim: (value, call) => {
    const characters = argument(call, 0, 'chars') ?? null;
    return stripped(text(value, call), 'both', typeof characters === 'string' ? characters : undefined);
  },
  truncate: truncated,
  unique: (value, call) => {
    const read = reader(call, argument(call, 1, 'attribute'));
    const seen: Value[] = [];
    return iterated(value, call.meter).filter((item) => {
      const key = folded(read(item), flag(call, 0, 'case_sensitive'));
      if (seen.some((other) => equal(other, key, call.meter))) return false;
      seen.push(key);
      return true;
    });
  },
  upper: (value, call) => text(value, call).toUpperCase(),
  urlencode: (value, call) =>
    encodeURIComponent(text(value, call))
      .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%2F', '/'),
  wordcount: (value, call) => (text(value, call).match(/[\p{L}\p{N}_]+/gu) ?? []).length,
};

export function filterNamed(name: string): Filter {
  return (Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined) ?? fault(`No filter named '${name}'.`);
}

const ordered =
  (test: (order: number) => boolean): Test =>
  (value, call) =>
    test(compare(value, call.args[0] ?? null, call.meter));
const same: Test = (value, call) => equal(value, call.args[0] ?? null, call.meter);
const isInteger = (value: Value): value is number => typeof value === 'number';

/** `in`. */
export function contains(container: Value, item: Value, meter: Meter): boolean {
  if (typeof container === 'string') {
    if (typeof item !== 'string')
      return fault(`'in <string>' requires string as left operand, not ${typeName(item)}`);
    meter.work(container.length / 256);
    return container.includes(item);
  }
  if (container instanceof Map) return container.has(item);
  return iterated(container, meter).some((other) => equal(other, item, meter));
}

const TESTS: Readonly<Record<string, Test>> = {
  boolean: (value) => typeof value === 'boolean',
  callable: (value) => value instanceof Callable,
  defined: (value) => !(value instanceof Undefined),
  divisibleby: (value, call) => {
    const by = numberOf(call.args[0] ?? null) ?? 0;
    return by === 0 ? fault('integer modulo by zero') : (numberOf(value) ?? 0) % by === 0;
  },
  eq: same,
  equalto: same,
  '==': same,
  even: (value) => (numberOf(value) ?? fault(`not a number: '${typeName(value)}'`)) % 2 === 0,
  false: (value) => value === false,
  float: (value) => value instanceof Float,
  ge: ordered((order) => order >= 0),
  gt: ordered((order) => order > 0),
  greaterthan: ordered((order) => order > 0),
  in: (value, call) => contains(call.args[0] ?? null, value, call.meter),
  integer: isInteger,
  iterable: (value) =>
    typeof value === 'string' ||
    value instanceof Map ||
    itemsOf(value) !== undefined ||
    value instanceof Undefined,
  le: ordered((order) => order <= 0),
  lessthan: ordered((order) => order < 0),
  lower: (value, call) =>
    text(value, call) === text(value, call).toLowerCase() && /\p{Ll}/u.test(text(value, call)),
  lt: ordered((order) => order < 0),
  mapping: (value) => value instanceof Map,
  ne: (value, call) => !same(value, call),
  none: (value) => value === null,
  number: (value) => isNumber(value),
  odd: (value) => Math.abs((numberOf(value) ?? fault(`not a number: '${typeName(value)}'`)) % 2) === 1,
  sameas: (value, call) => value === (call.args[0] ?? null),
  sequence: (value) =>
    typeof value === 'string' ||
    value instanceof Map ||
    itemsOf(value) !== undefined ||
    value instanceof Undefined,
  string: (value) => typeof value === 'string',
  true: (value) => value === true,
  undefined: (value) => value instanceof Undefined,
  upper: (value, call) =>
    text(value, call) === text(value, call).toUpperCase() && /\p{Lu}/u.test(text(value, call)),
};

export function testNamed(name: string): Test {
  return (Object.hasOwn(TESTS, name) ? TESTS[name] : undefined) ?? fault(`No test named '${name}'.`);
}

/** Whether a value has attributes of its own apart from its methods. */
export const fieldsOf = (value: Value): Map<string, Value> | undefined =>
  value instanceof Namespace ? value.fields : undefined;

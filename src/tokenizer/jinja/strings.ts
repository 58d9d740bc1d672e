// Methods of Python's str, list and dict that a sandboxed template may call: none of them changes anything.

import {
  Callable,
  equal,
  fault,
  itemsOf,
  Tuple,
  typeName,
  type Dict,
  type Meter,
  type Value,
} from './values.ts';

type Side = 'both' | 'left' | 'right';

/** Unicode white space as Python has it. */
// eslint-disable-next-line no-control-regex -- Python counts these as white space
const isSpace = (c: string): boolean => /^[\s\x1c-\x1f\x85]$/u.test(c) && c !== '\uFEFF';

/** `characters` undefined: white space. Linear in the text, whatever it holds. */
export function stripped(text: string, side: Side, characters?: string): string {
  const drop = characters === undefined ? undefined : new Set(characters);
  const all = [...text];
  const goes = (c: string | undefined): boolean => c !== undefined && (drop ? drop.has(c) : isSpace(c));
  let [from, to] = [0, all.length];
  if (side !== 'right') while (from < to && goes(all[from])) from++;
  if (side !== 'left') while (to > from && goes(all[to - 1])) to--;
  return from === 0 && to === all.length ? text : all.slice(from, to).join('');
}

export const capitalized = (text: string): string => {
  const [first = '', ...rest] = [...text];
  return first.toUpperCase() + rest.join('').toLowerCase();
};

/** Python's `str.title`: a letter after anything that is no letter. */
export const titled = (text: string): string =>
  text.replace(/\p{L}[\p{L}\p{M}]*/gu, (word) => capitalized(word));

function words(text: string, most: number): string[] {
  const parts: string[] = [];
  let rest = stripped(text, 'left');
  while (rest !== '') {
    if (parts.length === most) {
      parts.push(stripped(rest, 'right'));
      break;
    }
    let end = 0;
    while (end < rest.length && !isSpace(rest.charAt(end))) end++;
    parts.push(rest.slice(0, end));
    rest = stripped(rest.slice(end), 'left');
  }
  return parts;
}

function splitFromRight(text: string, separator: string, most: number): string[] {
  const all = text.split(separator);
  if (most < 0 || all.length <= most + 1) return all;
  return [all.slice(0, all.length - most).join(separator), ...all.slice(all.length - most)];
}

function split(text: string, separator: Value, most: number, fromRight: boolean): string[] {
  if (separator === null) {
    if (!fromRight || most < 0) return words(text, most < 0 ? Infinity : most);
    const all = words(text, Infinity);
    if (all.length <= most + 1) return all;
    const at = rightStart(text, most);
    return [stripped(text.slice(0, at), 'both'), ...all.slice(all.length - most)];
  }
  if (typeof separator !== 'string') return fault(`must be str or None, not ${typeName(separator)}`);
  if (separator === '') return fault('empty separator');
  if (fromRight) return splitFromRight(text, separator, most);
  const all = text.split(separator);
  return most < 0 || all.length <= most + 1 ? all : [...all.slice(0, most), all.slice(most).join(separator)];
}

/** Where the last `count` words of a text begin. */
function rightStart(text: string, count: number): number {
  let at = text.length;
  for (let i = 0; i < count; i++) {
    while (at > 0 && isSpace(text.charAt(at - 1))) at--;
    while (at > 0 && !isSpace(text.charAt(at - 1))) at--;
  }
  return at;
}

/** Replaces at most `most` times (negative: all). The result is measured before it is built. */
export function replaced(text: string, old: string, fresh: string, most: number, meter: Meter): string {
  const count = old === '' ? [...text].length + 1 : text.split(old).length - 1;
  const times = most < 0 ? count : Math.min(most, count);
  meter.text(text.length + times * Math.max(0, fresh.length - old.length));
  if (old === '') {
    const all = [...text];
    return all.map((c, i) => (i < times ? fresh + c : c)).join('') + (times > all.length ? fresh : '');
  }
  const parts = text.split(old);
  return (
    parts.slice(0, times + 1).join(fresh) +
    (parts.length > times + 1 ? old + parts.slice(times + 1).join(old) : '')
  );
}

type Method = (text: string, args: Value[], named: ReadonlyMap<string, Value>, meter: Meter) => Value;

const textAt = (args: Value[], i: number): string => {
  const value = args[i];
  return typeof value === 'string' ? value : fault(`must be str, not ${typeName(value ?? null)}`);
};
const intAt = (args: Value[], i: number, otherwise: number): number => {
  const value = args[i];
  if (value === undefined) return otherwise;
  return typeof value === 'number'
    ? value
    : fault(`'${typeName(value)}' object cannot be interpreted as an integer`);
};
const cleaned =
  (side: Side): Method =>
  (text, [characters]) =>
    stripped(text, side, typeof characters === 'string' ? characters : undefined);
const edge =
  (test: (text: string, part: string) => boolean): Method =>
  (text, args) => {
    const parts = args[0] instanceof Tuple ? args[0].items : [args[0] ?? null];
    return parts.some((part) =>
      typeof part === 'string'
        ? test(text, part)
        : fault(`must be str or a tuple of str, not ${typeName(part)}`),
    );
  };
const every =
  (match: RegExp): Method =>
  (text) =>
    match.test(text);
const divided =
  (fromRight: boolean): Method =>
  (text, args) => {
    const mark = textAt(args, 0);
    const at = fromRight ? text.lastIndexOf(mark) : text.indexOf(mark);
    if (at < 0) return new Tuple(fromRight ? ['', '', text] : [text, '', '']);
    return new Tuple([text.slice(0, at), mark, text.slice(at + mark.length)]);
  };
const padded =
  (place: 'left' | 'right' | 'both' | 'zero'): Method =>
  (text, args, _, meter) => {
    const width = intAt(args, 0, 0);
    const fill = place === 'zero' ? '0' : typeof args[1] === 'string' ? args[1] : ' ';
    const lack = Math.max(0, width - [...text].length);
    meter.text(text.length + lack);
    if (place === 'zero')
      return /^[+-]/.test(text)
        ? text.charAt(0) + fill.repeat(lack) + text.slice(1)
        : fill.repeat(lack) + text;
    if (place === 'left') return text + fill.repeat(lack);
    if (place === 'right') return fill.repeat(lack) + text;
    const left = Math.floor(lack / 2) + (lack & width & 1);
    return fill.repeat(left) + text + fill.repeat(lack - left);
  };

const STR: Readonly<Record<string, Method>> = {
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  casefold: (text) => text.toLowerCase(),
  capitalize: capitalized,
  title: titled,
  swapcase: (text) =>
    text.replace(/\p{L}/gu, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())),
  strip: cleaned('both'),
  lstrip: cleaned('left'),
  rstrip: cleaned('right'),
  startswith: edge((text, part) => text.startsWith(part)),
  endswith: edge((text, part) => text.endsWith(part)),
  removeprefix: (text, args) =>
    text.startsWith(textAt(args, 0)) ? text.slice(textAt(args, 0).length) : text,
  removesuffix: (text, args) => {
    const end = textAt(args, 0);
    return end !== '' && text.endsWith(end) ? text.slice(0, -end.length) : text;
  },
  split: (text, args, named) =>
    split(
      text,
      args[0] ?? named.get('sep') ?? null,
      intAt([args[1] ?? named.get('maxsplit') ?? -1], 0, -1),
      false,
    ),
  rsplit: (text, args, named) =>
    split(
      text,
      args[0] ?? named.get('sep') ?? null,
      intAt([args[1] ?? named.get('maxsplit') ?? -1], 0, -1),
      true,
    ),
  splitlines: (text, args) => {
    const lines =
      // eslint-disable-next-line no-control-regex -- Python ends lines at these too
      text.match(/[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|$)/gu) ??
      [];
    const kept = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
    return args[0] === true
      ? kept
      : // eslint-disable-next-line no-control-regex -- Python ends lines at these too
        kept.map((line) => line.replace(/(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])$/u, ''));
  },
  partition: divided(false),
  rpartition: divided(true),
  replace: (text, args, named, meter) =>
    replaced(
      text,
      textAt(args, 0),
      textAt(args, 1),
      intAt([args[2] ?? named.get('count') ?? -1], 0, -1),
      meter,
    ),
  join: (text, args, _, meter) => {
    const parts = typeof args[0] === 'string' ? [...args[0]] : itemsOf(args[0] ?? null);
    if (!parts) return fault('can only join an iterable');
    meter.text(
      parts.reduce<number>(
        (sum, part) => sum + (typeof part === 'string' ? part.length : 0) + text.length,
        0,
      ),
    );
    return parts
      .map((part) =>
        typeof part === 'string' ? part : fault(`expected str instance, ${typeName(part)} found`),
      )
      .join(text);
  },
  find: (text, args) => codePoints(text, text.indexOf(textAt(args, 0))),
  rfind: (text, args) => codePoints(text, text.lastIndexOf(textAt(args, 0))),
  index: (text, args) => {
    const at = text.indexOf(textAt(args, 0));
    return at < 0 ? fault('substring not found') : codePoints(text, at);
  },
  count: (text, args) =>
    textAt(args, 0) === '' ? [...text].length + 1 : text.split(textAt(args, 0)).length - 1,
  isdigit: every(/^\p{Nd}+$/u),
  isdecimal: every(/^\p{Nd}+$/u),
  isnumeric: every(/^\p{N}+$/u),
  isalpha: every(/^\p{L}+$/u),
  isalnum: every(/^[\p{L}\p{N}]+$/u),
  isspace: (text) => text !== '' && [...text].every(isSpace),
  isupper: (text) => text === text.toUpperCase() && text !== text.toLowerCase(),
  islower: (text) => text === text.toLowerCase() && text !== text.toUpperCase(),
  istitle: (text) => text !== '' && text === titled(text) && text !== text.toLowerCase(),
  ljust: padded('left'),
  rjust: padded('right'),
  center: padded('both'),
  zfill: padded('zero'),
};

/** An index of UTF-16 units as one of code points. */
const codePoints = (text: string, at: number): number => (at < 0 ? -1 : [...text.slice(0, at)].length);

/** A method of a text, list or dict, bound to it; undefined where there is none that a template may call. */
export function methodOf(object: Value, name: string, meter: Meter): Callable | undefined {
  if (typeof object === 'string') {
    const method = Object.hasOwn(STR, name) ? STR[name] : undefined;
    return method && new Callable((args, named) => method(object, args, named, meter));
  }
  if (object instanceof Map) return dictMethod(object, name);
  const items = itemsOf(object);
  if (!items) return undefined;
  switch (name) {
    case 'count':
      return new Callable(([wanted = null]) => items.filter((item) => equal(item, wanted, meter)).length);
    case 'index':
      return new Callable(([wanted = null]) => {
        const at = items.findIndex((item) => equal(item, wanted, meter));
        return at < 0 ? fault('the element is not in list') : at;
      });
    case 'copy':
      return Array.isArray(object) ? new Callable(() => [...items]) : undefined;
    case 'append':
    case 'clear':
    case 'extend':
    case 'insert':
    case 'pop':
    case 'remove':
    case 'reverse':
    case 'sort':
      return Array.isArray(object)
        ? fault(`access to attribute '${name}' of 'list' object is unsafe: templates change nothing`)
        : undefined;
    default:
      return undefined;
  }
}

function dictMethod(dict: Dict, name: string): Callable | undefined {
  switch (name) {
    case 'get':
      return new Callable(([key = null, otherwise = null]) =>
        dict.has(key) ? (dict.get(key) ?? null) : otherwise,
      );
    case 'items':
      return new Callable(() => [...dict].map((pair) => new Tuple(pair)));
    case 'keys':
      return new Callable(() => [...dict.keys()]);
    case 'values':
      return new Callable(() => [...dict.values()]);
    case 'copy':
      return new Callable(() => new Map(dict));
    case 'clear':
    case 'pop':
    case 'popitem':
    case 'setdefault':
    case 'update':
      return fault(`access to attribute '${name}' of 'dict' object is unsafe: templates change nothing`);
    default:
      return undefined;
  }
}

// Values as Python's Jinja has them: what they are called, when they are true, equal, and how they print.

/** A number written with a point, or a result of `/`: prints with one. Whole numbers are JavaScript numbers. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A name or a key that is not there: prints as nothing, holds nothing, and may not be worked with. */
export class Undefined {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export class Tuple {
  readonly items: readonly Value[];
  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** What `namespace()` gives: the one thing whose attributes a template may set. */
export class Namespace {
  readonly fields: Map<string, Value>;
  constructor(fields: Map<string, Value>) {
    this.fields = fields;
  }
}

export class Callable {
  readonly call: (args: Value[], named: ReadonlyMap<string, Value>) => Value;
  constructor(call: (args: Value[], named: ReadonlyMap<string, Value>) => Value) {
    this.call = call;
  }
}

export type Dict = Map<Value, Value>;
export type Value =
  | null
  | boolean
  | number
  | string
  | Float
  | Undefined
  | Tuple
  | Namespace
  | Callable
  | readonly Value[]
  | Dict;

export class TemplateFault extends Error {}

export const fault = (message: string): never => {
  throw new TemplateFault(message);
};

export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (value instanceof Float) return 'float';
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof Namespace) return 'Namespace';
  if (value instanceof Callable) return 'function';
  if (value instanceof Map) return 'dict';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
      return 'int';
    case 'string':
      return 'str';
    default:
      return 'list';
  }
}

/** A number's value, a truth value's too (Python's bool is an int); undefined for anything else. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof Float ? value.value : undefined;
}

export const isNumber = (value: Value): boolean => numberOf(value) !== undefined;

/** Elements of a list or tuple; undefined for anything else. */
export function itemsOf(value: Value): readonly Value[] | undefined {
  if (Array.isArray(value)) return value as readonly Value[];
  return value instanceof Tuple ? value.items : undefined;
}

export function isTrue(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false;
  if (typeof value === 'string') return value !== '';
  const number = numberOf(value);
  if (number !== undefined) return number !== 0;
  const items = itemsOf(value);
  if (items) return items.length > 0;
  return value instanceof Map ? value.size > 0 : true;
}

/** What a template's work is counted by; throws where it is too much. */
export interface Meter {
  /** @param nodes weight of what is about to be done */
  work(nodes: number): void;
  /** @param characters of one text */
  text(characters: number): void;
  /** @param elements of one list */
  list(elements: number): void;
}

export function equal(a: Value, b: Value, meter: Meter): boolean {
  meter.work(1);
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined || y !== undefined) return x === y;
  if (a instanceof Undefined || b instanceof Undefined)
    return a instanceof Undefined && b instanceof Undefined;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [itemsOf(a), itemsOf(b)];
  if (left && right)
    return left.length === right.length && left.every((item, i) => equal(item, right[i] ?? null, meter));
  if (a instanceof Map && b instanceof Map) {
    return (
      a.size === b.size && [...a].every(([key, item]) => b.has(key) && equal(item, b.get(key) ?? null, meter))
    );
  }
  return a === b;
}

/** Python's order; throws where it has none. */
export function compare(a: Value, b: Value, meter: Meter): number {
  meter.work(1);
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  const [left, right] = [itemsOf(a), itemsOf(b)];
  if (left && right && Array.isArray(a) === Array.isArray(b)) {
    for (let i = 0; i < Math.min(left.length, right.length); i++) {
      const order = compare(left[i] ?? null, right[i] ?? null, meter);
      if (order !== 0) return order;
    }
    return left.length - right.length;
  }
  return fault(`'<' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}

/** By code points, as Python; JavaScript's own order is by UTF-16 units. */
function compareTexts(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [p, q] = [x[i]?.codePointAt(0) ?? 0, y[i]?.codePointAt(0) ?? 0];
    if (p !== q) return p < q ? -1 : 1;
  }
  return x.length - y.length;
}

export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e');
    const power = Number(exponent);
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** A text in quotes as Python shows it. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = [...text]
    .map((c) => {
      if (c === '\\' || c === quote) return `\\${c}`;
      if (c === '\n') return '\\n';
      if (c === '\r') return '\\r';
      if (c === '\t') return '\\t';
      const code = c.codePointAt(0) ?? 0;
      if (code < 0x20 || (code >= 0x7f && code <= 0xa0) || code === 0xad)
        return `\\x${code.toString(16).padStart(2, '0')}`;
      return c;
    })
    .join('');
  return quote + body + quote;
}

/** `repr()`. */
export function shown(value: Value, meter: Meter): string {
  meter.work(1);
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Undefined) return 'Undefined';
  const list = (items: Iterable<string>, open: string, close: string): string => {
    let text = open;
    let first = true;
    for (const item of items) {
      text += first ? item : `, ${item}`;
      first = false;
      // Before it grows further: shared values unfold exponentially.
      meter.text(text.length);
    }
    return text + close;
  };
  if (value instanceof Tuple) {
    const items = value.items.map((item) => shown(item, meter));
    return items.length === 1 ? `(${items[0]},)` : list(items, '(', ')');
  }
  if (Array.isArray(value))
    return list(
      mapped(value as readonly Value[], (item) => shown(item, meter)),
      '[',
      ']',
    );
  if (value instanceof Map)
    return list(
      mapped([...value], ([key, item]) => `${shown(key, meter)}: ${shown(item, meter)}`),
      '{',
      '}',
    );
  return printed(value, meter);
}

function* mapped<T>(items: readonly T[], show: (item: T) => string): Generator<string> {
  for (const item of items) yield show(item);
}

/** `str()`: what a template writes for a value. */
export function printed(value: Value, meter: Meter): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (value instanceof Float) return floatText(value.value);
  if (value instanceof Undefined) return '';
  if (value instanceof Namespace) return `<Namespace ${shown(new Map(value.fields), meter)}>`;
  if (value instanceof Callable) return '<function>';
  return shown(value, meter);
}

/** A JavaScript value as a template sees it. Only own, plain data. */
export function fromJson(input: unknown): Value {
  if (input === null || typeof input === 'boolean' || typeof input === 'string') return input;
  if (input === undefined) return new Undefined('value');
  if (typeof input === 'number') return Number.isInteger(input) ? input : new Float(input);
  if (Array.isArray(input)) return input.map(fromJson);
  if (typeof input === 'object')
    return new Map(Object.entries(input).map(([key, item]) => [key, fromJson(item)]));
  return fault(`a ${typeof input} is no value of a template`);
}

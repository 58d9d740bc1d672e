// Python's operators on a template's values.

import { contains } from './filters.ts';
import {
  compare,
  equal,
  fault,
  Float,
  itemsOf,
  numberOf,
  printed,
  Tuple,
  typeName,
  Undefined,
  type Meter,
  type Value,
} from './values.ts';

const whole = (value: number): number =>
  Number.isSafeInteger(value) ? (value === 0 ? 0 : value) : fault('a whole number beyond 2^53');

function arithmetic(operator: string, a: number, b: number, float: boolean): Value {
  const made = (value: number): Value => (float ? new Float(value) : whole(value));
  switch (operator) {
    case '+':
      return made(a + b);
    case '-':
      return made(a - b);
    case '*':
      return made(a * b);
    case '/':
      return b === 0 ? fault('division by zero') : new Float(a / b);
    case '//':
      return b === 0 ? fault('integer division or modulo by zero') : made(Math.floor(a / b));
    case '%':
      // The sign is the divisor's.
      return b === 0 ? fault('integer modulo by zero') : made(a - b * Math.floor(a / b));
    case '**':
      return float || b < 0 ? new Float(a ** b) : whole(a ** b);
    default:
      return fault(`unknown operator ${operator}`);
  }
}

/** A text or a list, some times over. */
function repeated(value: string | readonly Value[], times: number, meter: Meter): Value {
  const count = Math.max(0, times);
  if (typeof value === 'string') {
    meter.text(value.length * count);
    return value.repeat(count);
  }
  meter.list(value.length * count);
  return Array.from({ length: count }, () => value).flat();
}

export function binary(operator: string, a: Value, b: Value, meter: Meter): Value {
  switch (operator) {
    case '==':
      return equal(a, b, meter);
    case '!=':
      return !equal(a, b, meter);
    case '~': {
      const joined = printed(a, meter) + printed(b, meter);
      meter.text(joined.length);
      return joined;
    }
    case 'in':
      return contains(b, a, meter);
    case 'not in':
      return !contains(b, a, meter);
  }
  for (const value of [a, b]) if (value instanceof Undefined) fault(`'${value.name}' is undefined`);
  switch (operator) {
    case '<':
      return compare(a, b, meter) < 0;
    case '<=':
      return compare(a, b, meter) <= 0;
    case '>':
      return compare(a, b, meter) > 0;
    case '>=':
      return compare(a, b, meter) >= 0;
  }
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined)
    return arithmetic(operator, x, y, a instanceof Float || b instanceof Float);
  if (operator === '+') {
    if (typeof a === 'string' && typeof b === 'string') {
      meter.text(a.length + b.length);
      return a + b;
    }
    const [left, right] = [itemsOf(a), itemsOf(b)];
    if (left && right && Array.isArray(a) === Array.isArray(b)) {
      meter.list(left.length + right.length);
      return Array.isArray(a) ? [...left, ...right] : new Tuple([...left, ...right]);
    }
  }
  if (operator === '*') {
    const list = (value: Value): string | readonly Value[] | undefined =>
      typeof value === 'string' || Array.isArray(value) ? (value as string | readonly Value[]) : undefined;
    if (list(a) !== undefined && typeof b === 'number') return repeated(list(a) ?? '', b, meter);
    if (list(b) !== undefined && typeof a === 'number') return repeated(list(b) ?? '', a, meter);
  }
  return fault(`unsupported operand type(s) for ${operator}: '${typeName(a)}' and '${typeName(b)}'`);
}

/** `value[start:stop:step]`. */
export function sliced(value: Value, bounds: readonly (Value | undefined)[], meter: Meter): Value {
  const [start, stop, given] = bounds.map((bound) => {
    if (bound === undefined || bound === null || bound instanceof Undefined) return undefined;
    return numberOf(bound) ?? fault('slice indices must be integers or None');
  });
  const step = given ?? 1;
  if (step === 0) return fault('slice step cannot be zero');
  const items: readonly Value[] | undefined = typeof value === 'string' ? [...value] : itemsOf(value);
  if (!items) {
    if (value instanceof Undefined) return fault(`'${value.name}' is undefined`);
    return new Undefined('slice');
  }
  meter.work(items.length / 64);
  const size = items.length;
  const clamp = (at: number | undefined, otherwise: number): number => {
    if (at === undefined) return otherwise;
    const from = at < 0 ? at + size : at;
    return step > 0 ? Math.min(Math.max(from, 0), size) : Math.min(Math.max(from, -1), size - 1);
  };
  const kept: Value[] = [];
  const end = clamp(stop, step > 0 ? size : -1);
  for (let i = clamp(start, step > 0 ? 0 : size - 1); step > 0 ? i < end : i > end; i += step)
    kept.push(items[i] ?? null);
  if (typeof value === 'string') return kept.join('');
  return Array.isArray(value) ? kept : new Tuple(kept);
}

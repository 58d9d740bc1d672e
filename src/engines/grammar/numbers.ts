// JSON's numbers within bounds, as terms over their text. Bounds are taken from the decimal text of the schema's number: every double's
// own text (JSON.stringify) within them can be written, and every text that can be written parses to a double within them.

import { NEVER, cat, literal, optional, or, rep, set } from './term.ts';
import type { Term } from './term.ts';

/** Digits of an integer part: where JavaScript's texts turn to exponents. */
const INTEGER_DIGITS = 21;
/** Digits after the point, and those of a mantissa: as many as JavaScript's texts have, and some. */
const FRACTION_DIGITS = 24;
const MANTISSA_DIGITS = 17;
const DIGIT = set([0x30, 0x39]);
const ZERO = literal('0');
const digits = (first: number, last: number): Term =>
  first > last ? NEVER : set([0x30 + first, 0x30 + last]);
const some = (min: number, max: number): Term => (max < min ? NEVER : rep(DIGIT, min, max));

/** A number of at least 0 in plain decimals: the fraction's digits without zeros at the end. */
interface Decimal {
  integer: bigint;
  fraction: string;
}

function scientific(x: number): { digits: string; exponent: number } {
  const [mantissa = '0', exponent = '0'] = x.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) };
}

function decimalOf(x: number): Decimal {
  const { digits, exponent } = scientific(x);
  const all = exponent < 0 ? '0'.repeat(-exponent) + digits : digits.padEnd(exponent + 1, '0');
  const point = Math.max(1, exponent + 1);
  return { integer: BigInt(all.slice(0, point)), fraction: all.slice(point).replace(/0+$/, '') };
}

/**
 * Digits after those before: s with low <= 0.s <= high, no more than `room` of them.
 * @param high null: no bound
 * @param digit1 at least one of them
 */
function fractionDigits(low: string, high: string | null, room: number, digit1 = false): Term {
  const end = low === '' && !digit1 ? literal('') : NEVER;
  if (room === 0) return end;
  const least = digit1 ? 1 : 0;
  if (low === '' && high === null) return some(least, room);
  if (low === '' && high === '') return rep(ZERO, least, room);
  const first = Number(low[0] ?? 0);
  const last = high === null ? 9 : Number(high[0] ?? 0);
  const [lows, highs] = [low.slice(1), high?.slice(1) ?? null];
  const digit = (d: number): Term => literal(String(d));
  if (first === last && high !== null) {
    return or(end, cat(digit(first), fractionDigits(lows, highs, room - 1)));
  }
  if (first > last) return end;
  const low0 = cat(digit(first), fractionDigits(lows, null, room - 1));
  const middle = cat(digits(first + 1, high === null ? 9 : last - 1), some(0, room - 1));
  const high0 = high === null ? NEVER : cat(digit(last), fractionDigits('', highs, room - 1));
  return or(end, low0, middle, high0);
}

function fraction(low: string, high: string | null, room: number): Term {
  // The point stands only before a digit.
  const part = cat(literal('.'), fractionDigits(low, high, room, true));
  return low === '' ? optional(part) : part;
}

/** Integers of one length, low to high. */
function sameLength(low: string, high: string): Term {
  if (low.length === 0) return literal('');
  const rest = low.length - 1;
  const [zeros, nines] = ['0'.repeat(rest), '9'.repeat(rest)];
  const [a, b] = [Number(low[0]), Number(high[0])];
  if (a === b) return cat(literal(String(a)), sameLength(low.slice(1), high.slice(1)));
  const whole = { low: low.slice(1) === zeros, high: high.slice(1) === nines };
  return or(
    whole.low ? NEVER : cat(literal(String(a)), sameLength(low.slice(1), nines)),
    cat(digits(whole.low ? a : a + 1, whole.high ? b : b - 1), some(rest, rest)),
    whole.high ? NEVER : cat(literal(String(b)), sameLength(zeros, high.slice(1))),
  );
}

/** Integers from low to high, without leading zeros. @param high null: to as many digits as there may be */
function natural(low: bigint, high: bigint | null): Term {
  const top = high === null ? '9'.repeat(INTEGER_DIGITS) : String(high).slice(0, 400);
  const last = top.length > INTEGER_DIGITS ? '9'.repeat(INTEGER_DIGITS) : top;
  const first = String(low);
  if (BigInt(last) < low) return NEVER;
  if (first.length === last.length) return sameLength(first, last);
  const between = cat(digits(1, 9), some(first.length, last.length - 2));
  return or(
    sameLength(first, '9'.repeat(first.length)),
    last.length - first.length > 1 ? between : NEVER,
    sameLength(`1${'0'.repeat(last.length - 1)}`, last),
  );
}

/** low <= x < 10 in plain decimals, for 1 <= low. */
const belowTen = (low: Decimal): Term =>
  or(
    cat(natural(low.integer, low.integer), fraction(low.fraction, null, MANTISSA_DIGITS)),
    cat(natural(low.integer + 1n, 9n), optional(cat(literal('.'), some(1, MANTISSA_DIGITS)))),
  );

/** low <= x <= high in plain decimals, for 0 <= low. */
function plain(low: Decimal, high: Decimal | null, room: number): Term {
  if (high?.integer === low.integer) {
    return cat(natural(low.integer, low.integer), fraction(low.fraction, high.fraction, room));
  }
  const any = optional(cat(literal('.'), some(1, room)));
  return or(
    cat(natural(low.integer, low.integer), fraction(low.fraction, null, room)),
    cat(natural(low.integer + 1n, high === null ? null : high.integer - 1n), any),
    high === null ? NEVER : cat(natural(high.integer, high.integer), fraction('', high.fraction, room)),
  );
}

/** Texts with an exponent, as JavaScript writes numbers under 1e-6 and from 1e21 on. 0 < low <= high, both finite. */
function exponents(low: number, high: number, from: number, to: number): Term {
  // The edges of all doubles as two texts: spelt out digit by digit they would be most of the grammar.
  if (high === LARGEST) return or(to < 308 ? NEVER : ABOVE, exponents(low, BEFORE_LARGEST, from, to));
  if (low === SMALLEST)
    return or(from > -324 ? NEVER : literal(String(SMALLEST)), exponents(1e-323, high, from, to));
  const [a, b] = [scientific(low), scientific(high)];
  const part = (first: number, last: number, mantissa: Term): Term => {
    const [least, most] = [Math.max(first, from), Math.min(last, to)];
    if (least > most) return NEVER;
    const range = least > 0 ? natural(BigInt(least), BigInt(most)) : natural(BigInt(-most), BigInt(-least));
    return cat(mantissa, literal(least > 0 ? 'e+' : 'e-'), range);
  };
  const mantissa = ({ digits }: { digits: string }): Decimal => ({
    integer: BigInt(digits[0] ?? 0),
    fraction: digits.slice(1).replace(/0+$/, ''),
  });
  const one = { integer: 1n, fraction: '' };
  const whole = cat(digits(1, 9), optional(cat(literal('.'), some(1, MANTISSA_DIGITS))));
  if (low > high) return NEVER;
  // An edge that leaves out no mantissa is none.
  const [all, every] = [a.digits === '1', high === BEFORE_LARGEST];
  if (a.exponent === b.exponent && !(all && every)) {
    const mantissas = every ? belowTen(mantissa(a)) : plain(mantissa(a), mantissa(b), MANTISSA_DIGITS);
    return part(a.exponent, a.exponent, mantissas);
  }
  return or(
    all ? NEVER : part(a.exponent, a.exponent, belowTen(mantissa(a))),
    part(all ? a.exponent : a.exponent + 1, every ? b.exponent : b.exponent - 1, whole),
    every ? NEVER : part(b.exponent, b.exponent, plain(one, mantissa(b), MANTISSA_DIGITS)),
  );
}

export interface Bounds {
  /** -Infinity and Infinity: none. */
  low: number;
  high: number;
  lowOpen: boolean;
  highOpen: boolean;
}

const SMALLEST = Number.MIN_VALUE;
const LARGEST = Number.MAX_VALUE;
/** With the exponent 308: to 1.78…, and the largest itself. */
const ABOVE = or(
  cat(literal('1'), optional(cat(literal('.'), or(cat(digits(0, 6), some(0, 16)), cat(literal('7'), optional(cat(digits(0, 8), some(0, 15))))))), literal('e+308')),
  literal(String(LARGEST)),
); // prettier-ignore
/** The last one whose mantissa may be anything. */
const BEFORE_LARGEST = 9.99e307;

/** The next double in a direction. */
export function neighbour(x: number, up: boolean): number {
  if (x === 0) return up ? SMALLEST : -SMALLEST;
  const bits = new BigInt64Array(new Float64Array([x]).buffer);
  bits[0]! += x > 0 === up ? 1n : -1n;
  return new Float64Array(bits.buffer)[0] ?? 0;
}

/** Positive numbers of at least `low`, which is above 0. */
function positive(low: number, high: number): Term {
  if (low > high) return NEVER;
  const least = low < 1e-24 ? { integer: 0n, fraction: `${'0'.repeat(23)}1` } : decimalOf(low);
  const written = high < 1e-24 ? NEVER : plain(least, high >= 1e21 ? null : decimalOf(high), FRACTION_DIGITS);
  return or(low >= 1e21 ? NEVER : written, exponents(low, high, -324, -7), exponents(low, high, 21, 308));
}

/** JSON numbers within bounds; zero has no sign. NEVER where there are none. */
export function numberTerm({ low, high, lowOpen, highOpen }: Bounds): Term {
  const least = Math.max(lowOpen ? neighbour(low, true) : low, -LARGEST);
  const most = Math.min(highOpen ? neighbour(high, false) : high, LARGEST);
  if (!(least <= most)) return NEVER;
  const zero =
    least <= 0 && most >= 0 ? cat(ZERO, optional(cat(literal('.'), rep(ZERO, 1, FRACTION_DIGITS)))) : NEVER;
  if (least === -most && most > 0) return or(zero, cat(optional(literal('-')), positive(SMALLEST, most)));
  return or(
    zero,
    most > 0 ? positive(Math.max(least, SMALLEST), most) : NEVER,
    least < 0 ? cat(literal('-'), positive(Math.max(-most, SMALLEST), -least)) : NEVER,
  );
}

/** The smallest and the largest integer within bounds. */
export function integerBounds({ low, high, lowOpen, highOpen }: Bounds): [low: number, high: number] {
  const up = Math.ceil(low);
  const down = Math.floor(high);
  // Above 2^53 a double's neighbour is not the next integer, and what lies between is none that could be parsed.
  const least = lowOpen && up === low ? (Math.abs(low) < 2 ** 53 ? low + 1 : neighbour(low, true)) : up;
  const most =
    highOpen && down === high ? (Math.abs(high) < 2 ** 53 ? high - 1 : neighbour(high, false)) : down;
  return [least, most];
}

/** Integers within bounds, without "-0". @param exponents whether 1e21 and above may be written */
export function integerTerm(bounds: Bounds, withExponents = true): Term {
  const [low, high] = integerBounds(bounds);
  const [least, most] = [Math.max(low, -LARGEST), Math.min(high, LARGEST)];
  if (!(least <= most)) return NEVER;
  const from = (a: number, b: number): Term =>
    or(
      // By the double's text, not its value: 3729119558692499500 is what is read and written.
      a >= 1e21 ? NEVER : natural(decimalOf(a).integer, b >= 1e21 ? null : decimalOf(b).integer),
      withExponents && b >= 1e21 ? exponents(Math.max(a, 1e21), b, 21, 308) : NEVER,
    );
  if (least === -most && most > 0) return or(ZERO, cat(optional(literal('-')), from(1, most)));
  return or(
    most >= 0 ? from(Math.max(0, least), most) : NEVER,
    least < 0 ? cat(literal('-'), from(Math.max(1, -most), -least)) : NEVER,
  );
}

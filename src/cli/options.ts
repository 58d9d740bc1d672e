// Option values as people type them: checked once, refused with the option's name.

import type { CacheBits } from '../gpu/kernels/attention.ts';
import { SCHEMES } from '../format/schemes.ts';
import type { QuantScheme, SchemeName } from '../format/schemes.ts';
import { WrongUse } from './command.ts';

function refuse(option: string, value: string, expected: string): never {
  throw new WrongUse(`--${option} ${value}: expected ${expected}`);
}

export function integerOption(option: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isInteger(number) || number < min || number > max)
    refuse(option, value, `a whole number from ${min} to ${max}`);
  return number;
}

export function numberOption(option: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= min && number <= max))
    refuse(option, value, `a number from ${min} to ${max}`);
  return number;
}

/** "1,2,3" -> [1, 2, 3] */
export function integersOption(option: string, value: string, min: number, max: number): number[] {
  return value.split(',').map((part) => integerOption(option, part.trim(), min, max));
}

export function choiceOption<T extends string>(option: string, value: string, choices: readonly T[]): T {
  return choices.find((choice) => choice === value) ?? refuse(option, value, choices.join(' or '));
}

/** `--scheme` */
export function schemeOption(value: string): QuantScheme {
  return SCHEMES[choiceOption('scheme', value, Object.keys(SCHEMES) as SchemeName[])];
}

/** `--cache-bits` */
export function cacheBitsOption(value: string): CacheBits {
  return choiceOption('cache-bits', value, ['16', '8']) === '8' ? 8 : 16;
}

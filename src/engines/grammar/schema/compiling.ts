// What the parts of the schema compiler ask of each other, apart from them: a schema is a tree, and so they call in a circle.

import type { Term } from '../term.ts';
import type { Narrowing } from '../../../form-faults.ts';
import type { Item, JsonValue } from './node.ts';

export interface Compiling {
  /** A value that satisfies all items. */
  compile(items: readonly Item[]): Term;
  rule(key: string, make: () => Term): Term;
  /** Characters inside quotes. @param at of whom a refusal speaks */
  text(term: Term, at: string): Term;
  /** The strings among the values that satisfy all items, without quotes and escapes. */
  language(items: readonly Item[]): Term;
  /** The values that satisfy all items, where they are listed one by one. */
  values(items: readonly Item[]): JsonValue[] | undefined;
  accepts(item: Item, value: unknown): boolean;
  note(narrowing: Narrowing): void;
  refuseLarge: { id(schema: object): number; not(item: Item): Item };
  anyOrder: boolean;
}

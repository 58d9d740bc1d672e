// The list of conversations as rows of known height, and which of them a view shows.

import type { ConversationSummary } from '../../../../storage/conversations.ts';
import { ageOf, AGES, type Age } from './age.ts';

export type Row =
  | { kind: 'heading'; key: string; name: 'pinnedOnes' | Age }
  | { kind: 'item'; key: string; item: ConversationSummary; position: number };

/** What of the list is wanted: everything not archived, the archived ones, or one tag's. */
export type Filter = { kind: 'all' } | { kind: 'archived' } | { kind: 'tag'; tag: string };

export function passes(summary: ConversationSummary, filter: Filter): boolean {
  switch (filter.kind) {
    case 'all':
      return !summary.archived;
    case 'archived':
      return summary.archived === true;
    case 'tag':
      return !summary.archived && (summary.tags?.includes(filter.tag) ?? false);
  }
}

/** Pinned ones first, then by age. @param summaries newest first */
export function rowsOf(summaries: readonly ConversationSummary[], filter: Filter, now: number): Row[] {
  const rows: Row[] = [];
  let position = 0;
  const add = (name: 'pinnedOnes' | Age, items: readonly ConversationSummary[]): void => {
    if (items.length === 0) return;
    rows.push({ kind: 'heading', key: name, name });
    for (const item of items) rows.push({ kind: 'item', key: item.id, item, position: ++position });
  };
  const wanted = summaries.filter((summary) => passes(summary, filter));
  add(
    'pinnedOnes',
    wanted.filter(({ pinned }) => pinned),
  );
  const byAge = new Map<Age, ConversationSummary[]>(AGES.map((age) => [age, []]));
  let age: Age = 'today';
  for (const summary of wanted) {
    if (summary.pinned) continue;
    if (age !== 'before') age = ageOf(summary.updatedAt, now); // what follows the oldest is no newer
    byAge.get(age)?.push(summary);
  }
  for (const [age, items] of byAge) add(age, items);
  return rows;
}

/** Every tag in use, in the alphabet's order. */
export function tagsOf(summaries: readonly ConversationSummary[], locale: string): string[] {
  const tags = new Set<string>();
  for (const summary of summaries) for (const tag of summary.tags ?? []) tags.add(tag);
  return [...tags].sort(new Intl.Collator(locale).compare);
}

/** Tops of the rows in pixels, and of the end: one number more than there are rows. */
export function offsetsOf(rows: readonly Row[], heights: Record<Row['kind'], number>): Float64Array {
  const offsets = new Float64Array(rows.length + 1);
  rows.forEach((row, i) => {
    offsets[i + 1] = (offsets[i] ?? 0) + heights[row.kind];
  });
  return offsets;
}

/** First and one past the last row that a view touches, with a few more on both sides. */
export function visibleRange(
  offsets: Float64Array,
  top: number,
  height: number,
  spare: number,
): { first: number; end: number } {
  const rows = offsets.length - 1;
  // The last row that begins at or above a point.
  const at = (y: number): number => {
    let low = 0;
    let high = Math.max(0, rows - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((offsets[middle] ?? 0) <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  if (rows === 0) return { first: 0, end: 0 };
  return { first: Math.max(0, at(top) - spare), end: Math.min(rows, at(top + height) + 1 + spare) };
}

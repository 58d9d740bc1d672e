// A found text cut where its marks begin and end.

import type { Snippet } from '../../../../storage/search-terms.ts';

export interface Piece {
  text: string;
  marked: boolean;
}

/** The pieces joined are `text`. Ranges may overlap, as two words of a query with one beginning do. */
export function pieces({ text, ranges }: Pick<Snippet, 'text' | 'ranges'>): Piece[] {
  const all: Piece[] = [];
  let at = 0;
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    if (end <= at) continue;
    if (start > at) all.push({ text: text.slice(at, start), marked: false });
    all.push({ text: text.slice(Math.max(at, start), end), marked: true });
    at = end;
  }
  if (at < text.length) all.push({ text: text.slice(at), marked: false });
  return all;
}

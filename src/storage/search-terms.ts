// What search compares: words without accents and case, matched by their beginnings; and where in a conversation they are.

import type { Conversation } from './conversations.ts';

/** Longer words are indexed by their beginning; a query is cut alike. */
export const MAX_TERM = 24;
/** Words of a query that count; more only narrow what is already narrow. */
export const MAX_QUERY_TERMS = 8;
/** Characters of a snippet around its first match. */
const SNIPPET_BEFORE = 48;
const SNIPPET_AFTER = 112;
const MAX_RANGES = 8;

const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;
const ASCII = /^[a-z0-9]*$/;

/** "Educación" and "EDUCACION" are one word; "ñ" is found by "n", as on a keyboard without it. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  return ASCII.test(lower) ? lower : lower.normalize('NFD').replace(/\p{M}+/gu, '');
}

/** The distinct terms of a text, added to `into`. */
export function addTerms(text: string, into: Set<string>): void {
  for (const [word] of text.matchAll(WORD)) {
    const term = fold(word).slice(0, MAX_TERM);
    if (term !== '') into.add(term);
  }
}

/** Distinct terms of a query, the longest first (they narrow most). [] where it has no letters or digits. */
export function queryTerms(query: string): string[] {
  const terms = new Set<string>();
  addTerms(query, terms);
  const all = [...terms].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  // "sol" says nothing that "solar" does not.
  return all
    .filter((term, i) => !all.slice(0, i).some((longer) => longer.startsWith(term)))
    .slice(0, MAX_QUERY_TERMS);
}

/** A term of one letter matches whole words only: as a beginning it would be everywhere. */
export const matches = (term: string, word: string): boolean =>
  term.length === 1 ? word === term : word.startsWith(term);

/** Offsets in UTF-16 code units, `end` excluded. */
export interface TextRange {
  start: number;
  end: number;
}

export interface Snippet {
  /** Part of the original text, on one line, with "…" where it was cut. */
  text: string;
  /** What matched, as offsets in `text`. */
  ranges: TextRange[];
  /** Where the first match is in the whole title or message. */
  offset: number;
}

export interface SearchHit {
  conversationId: string;
  title: string;
  updatedAt: number;
  /** The message the snippet is from; null: the title. */
  messageId: string | null;
  snippet: Snippet;
}

interface Found {
  ranges: TextRange[];
  terms: Set<string>;
}

/** Code units of `word` whose fold is `length` long, with the marks that follow the last letter: how much of it to show. */
function unitsOf(word: string, length: number): number {
  let end = 0;
  let folded = 0;
  for (const character of word) {
    const more = fold(character).length;
    if (folded >= length && more > 0) break;
    folded += more;
    end += character.length;
  }
  return end;
}

function find(text: string, terms: readonly string[]): Found {
  const found: Found = { ranges: [], terms: new Set() };
  for (const match of text.matchAll(WORD)) {
    const word = fold(match[0]).slice(0, MAX_TERM);
    let longest = 0;
    for (const term of terms) {
      if (!matches(term, word)) continue;
      found.terms.add(term);
      longest = Math.max(longest, term.length);
    }
    if (longest > 0) {
      found.ranges.push({ start: match.index, end: match.index + unitsOf(match[0], longest) });
    }
  }
  return found;
}

/** Never inside a surrogate pair. */
const edge = (text: string, at: number): number => (/[\udc00-\udfff]/.test(text[at] ?? '') ? at - 1 : at);

function snippet(text: string, ranges: readonly TextRange[]): Snippet {
  const first = ranges[0] ?? { start: 0, end: 0 };
  let from = edge(text, Math.max(0, first.start - SNIPPET_BEFORE));
  if (from > 0) {
    const space = text.slice(from, first.start).search(/\s/);
    if (space >= 0) from += space + 1;
  }
  const to = edge(text, Math.min(text.length, first.start + SNIPPET_AFTER));
  const head = from > 0 ? '…' : '';
  const shift = head.length - from;
  return {
    text: `${head}${text.slice(from, to).replace(/\s/g, ' ')}${to < text.length ? '…' : ''}`,
    ranges: ranges
      .filter((range) => range.start >= from && range.end <= to)
      .slice(0, MAX_RANGES)
      .map((range) => ({ start: range.start + shift, end: range.end + shift })),
    offset: first.start,
  };
}

/**
 * The best place of a conversation for a query, or null where some term is nowhere in it. Terms may be spread over its
 * title and messages; the place is the title where it has all of them, else the message with most, the newest of equals.
 */
export function searchConversation(
  conversation: Pick<Conversation, 'id' | 'title' | 'updatedAt' | 'nodes'>,
  terms: readonly string[],
): SearchHit | null {
  const all = new Set<string>();
  const title = find(conversation.title, terms);
  for (const term of title.terms) all.add(term);
  let best: { id: string | null; text: string; found: Found; at: number } | null =
    title.terms.size > 0 ? { id: null, text: conversation.title, found: title, at: Infinity } : null;
  for (const node of Object.values(conversation.nodes)) {
    const found = find(node.content, terms);
    if (found.terms.size === 0) continue;
    for (const term of found.terms) all.add(term);
    const gain = found.terms.size - (best?.found.terms.size ?? 0);
    if (!best || gain > 0 || (gain === 0 && node.createdAt > best.at)) {
      best = { id: node.id, text: node.content, found, at: node.createdAt };
    }
  }
  if (!best || all.size < terms.length) return null;
  return {
    conversationId: conversation.id,
    title: conversation.title,
    updatedAt: conversation.updatedAt,
    messageId: best.id,
    snippet: snippet(best.text, best.found.ranges),
  };
}

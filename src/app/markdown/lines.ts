// What one line can begin. The block grammar is CommonMark's with what models really write in mind: no setext headings
// ("---" under a text is meant as a rule) and no HTML blocks (HTML is text). So a finished line never changes what came
// before it, save a table's delimiter row, and blocks can be parsed once.

import type { Align } from './nodes.ts';
import { isPlaceholder } from './tex.ts';

export interface Fence {
  char: '`' | '~';
  length: number;
  indent: number;
  info: string;
}

export interface Bullet {
  /** "-", "*", "+", "." or ")": items of one list share it. */
  mark: string;
  ordered: boolean;
  number: number;
  /** Columns before the mark, and up to the item's text. */
  indent: number;
  content: number;
  empty: boolean;
}

export const isBlank = (line: string): boolean => /^[ \t]*$/.test(line);

/** Columns of white space at the beginning, a tab counted up to the next multiple of four. */
export function indentOf(line: string): number {
  let columns = 0;
  for (let i = 0; i < line.length; i++) {
    if (line[i] === ' ') columns++;
    else if (line[i] === '\t') columns += 4 - (columns % 4);
    else break;
  }
  return columns;
}

/** Takes up to `columns` of white space off the beginning. */
export function dedent(line: string, columns: number): string {
  let seen = 0;
  let i = 0;
  while (i < line.length && seen < columns) {
    if (line[i] === ' ') seen++;
    else if (line[i] === '\t') seen += 4 - (seen % 4);
    else break;
    i++;
  }
  return seen > columns ? ' '.repeat(seen - columns) + line.slice(i) : line.slice(i);
}

export function openFence(line: string): Fence | null {
  const match = /^( {0,3})(`{3,}|~{3,})(.*)$/.exec(line);
  if (!match) return null;
  const [, indent = '', run = '', info = ''] = match;
  const char = run.startsWith('`') ? '`' : '~';
  // "```not a fence```" is a code span.
  if (char === '`' && info.includes('`')) return null;
  return { char, length: run.length, indent: indent.length, info: info.trim() };
}

export function closesFence(line: string, fence: Fence): boolean {
  const text = line.trim();
  return text.length >= fence.length && text === fence.char.repeat(text.length);
}

export const isHeading = (line: string): boolean => /^ {0,3}#{1,6}(?:[ \t]|$)/.test(line);

export const isRule = (line: string): boolean => /^ {0,3}([-_*])[ \t]*(?:\1[ \t]*){2,}$/.test(line);

export const isQuote = (line: string): boolean => /^ {0,3}>/.test(line);

/** The delimiter that would end a formula standing on lines of its own, or null. */
export function opensMath(line: string): string | null {
  const match =
    /^ {0,3}(?:(\\\[|\$\$(?!\$))|\\begin\{((?:equation|align|gather|multline|alignat|eqnarray)\*?)\})/.exec(
      line,
    );
  if (!match) return null;
  if (match[2] !== undefined) return `\\end{${match[2]}}`;
  return match[1] === '$$' ? '$$' : '\\]';
}

/** A whole formula on lines of its own: opener, TeX, closer, and at most a mark of punctuation. */
export function wholeMath(text: string): { tex: string; source: string } | null {
  const trimmed = text.trim();
  const match =
    /^(?:\\\[([^]*?)\\\]|\$\$([^]*?)\$\$|(\\begin\{[a-z]+\*?\}[^]*?\\end\{[a-z]+\*?\}))[ \t]*([.,;:]?)$/.exec(
      trimmed,
    );
  const tex = match?.[1] ?? match?.[2] ?? match?.[3];
  if (match?.[1] !== undefined && isPlaceholder(match[1])) return null;
  return match && tex !== undefined && tex.trim() !== ''
    ? { tex: tex.trim() + (match[4] ?? ''), source: trimmed }
    : null;
}

export function matchBullet(line: string): Bullet | null {
  const match = /^([ \t]*)(?:([-*+])|(\d{1,9})([.)]))([ \t]+|$)/.exec(line);
  if (!match) return null;
  const [, before = '', char, digits, delimiter, gap = ''] = match;
  const indent = indentOf(before);
  const width = char !== undefined ? 1 : (digits ?? '').length + 1;
  const empty = isBlank(line.slice(match[0].length));
  const gapColumns = indentOf(gap);
  // Five columns or more: the item begins with indented code. None: its text comes on the next line.
  const step = empty || gapColumns > 4 ? 1 : gapColumns;
  return {
    mark: char ?? delimiter ?? '',
    ordered: char === undefined,
    number: digits === undefined ? 0 : Number(digits),
    indent,
    content: indent + width + step,
    empty,
  };
}

/** [label]: URL, where the URL is one that may become a link; "[Nota]: texto" stays a sentence. */
export function matchDefinition(line: string): { label: string; url: string } | null {
  const match =
    /^ {0,3}\[((?:\\.|[^[\]\\]){1,200})\]:[ \t]+<?((?:https?:\/\/|mailto:)[^\s<>]+)>?(?:[ \t]+(?:"[^"]*"|'[^']*'|\([^)]*\)))?[ \t]*$/i.exec(
      line,
    );
  return match?.[1] !== undefined && match[2] !== undefined ? { label: match[1], url: match[2] } : null;
}

/** What may end a paragraph without a blank line. Ordered lists only from 1: "1985. Fue…" may be a wrapped line. */
export function interrupts(line: string): boolean {
  if (indentOf(line) > 3) return false;
  const bullet = matchBullet(line);
  return (
    (bullet !== null && !bullet.empty && (!bullet.ordered || bullet.number === 1)) ||
    openFence(line) !== null ||
    isHeading(line) ||
    isRule(line) ||
    isQuote(line) ||
    opensMath(line) !== null ||
    matchDefinition(line) !== null
  );
}

/** Cells of a table's row. A | inside code, a formula or after a backslash does not divide. */
export function splitCells(line: string): string[] {
  const text = line.trim();
  const cells: string[] = [];
  let cell = '';
  for (let i = text.startsWith('|') ? 1 : 0; i < text.length; i++) {
    const char = text[i];
    if (char === '|') {
      cells.push(cell.trim());
      cell = '';
      continue;
    }
    const span = char === '\\' || char === '`' || char === '$' ? protectedSpan(text, i) : '';
    if (span === '') cell += char;
    else {
      cell += span === '\\|' ? '|' : span;
      i += span.length - 1;
    }
  }
  if (cell.trim() !== '' || cells.length === 0) cells.push(cell.trim());
  return cells;
}

/** The escape, code span or formula that begins at `at`, or "" where nothing closes there. */
function protectedSpan(text: string, at: number): string {
  const rest = text.slice(at, at + 2);
  const opener = rest === '\\(' || rest === '\\[' || rest === '$$' ? rest : null;
  if (opener) {
    const closer = opener === '\\(' ? '\\)' : opener === '\\[' ? '\\]' : '$$';
    const end = text.indexOf(closer, at + 2);
    return end < 0 ? '' : text.slice(at, end + 2);
  }
  if (text[at] === '\\') return rest;
  if (text[at] !== '`') return '';
  const run = /^`+/.exec(text.slice(at))?.[0] ?? '`';
  const end = text.indexOf(run, at + run.length);
  return end < 0 ? '' : text.slice(at, end + run.length);
}

/** The alignments of a table's delimiter row, or null where the line is none. */
export function tableAligns(line: string): Align[] | null {
  if (!line.includes('|') || !/^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/.test(line)) {
    return null;
  }
  return splitCells(line).map((cell) => {
    const left = cell.startsWith(':');
    const right = cell.endsWith(':');
    return left && right ? 'center' : right ? 'right' : left ? 'left' : null;
  });
}

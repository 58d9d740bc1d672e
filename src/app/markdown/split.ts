// Cuts text into pieces that can be parsed each on its own, line by line with a small state: a list's items and a table's
// rows are pieces too, so that a long list costs no more a token than a short paragraph. Linear in the text.

import { MAX_COLUMNS, MAX_TEX_CHARS } from './limits.ts';
import {
  closesFence,
  dedent,
  indentOf,
  interrupts,
  isBlank,
  isHeading,
  isQuote,
  isRule,
  matchBullet,
  matchDefinition,
  openFence,
  opensMath,
  splitCells,
  tableAligns,
  type Bullet,
  type Fence,
} from './lines.ts';

export type PieceKind =
  | 'paragraph'
  | 'heading'
  | 'rule'
  | 'fence'
  | 'indented'
  | 'math'
  | 'quote'
  | 'item'
  | 'head'
  | 'row'
  | 'definition';

export interface Piece {
  kind: PieceKind;
  /** Offsets in the text; the last line's break is left out. */
  start: number;
  end: number;
  fence?: Fence;
  item?: ItemStart;
}

export interface ItemStart extends Bullet {
  /** Continues the list of the item before. */
  joins: boolean;
  /** A blank line stands before it. */
  spaced: boolean;
}

interface Open extends Piece {
  /** Where its last line begins: a delimiter row makes that line a table's header. */
  lastLine: number;
  closer?: string;
  /** Blank lines inside a formula: where the text before ends, and where the next begins. */
  blanks?: { end: number; next: number }[];
  /** An open fence inside an item: its lines need no indentation. */
  inner?: Fence | null;
  /** The item's text has a line whose indentation was taken as the item's own. */
  settled?: boolean;
}

/** Where the cutting stands. Copy with `copyState` before trying a line that is not finished. */
export interface SplitState {
  open: Open | null;
  afterBlank: boolean;
  inTable: boolean;
}

export const startState = (): SplitState => ({ open: null, afterBlank: false, inTable: false });

export const copyState = (state: SplitState): SplitState => ({
  ...state,
  open: state.open ? { ...state.open } : null,
});

/** Ends what is open: at the end of the text, or before a block that starts. */
export function finish(state: SplitState, out: Piece[]): void {
  const open = state.open;
  state.open = null;
  if (!open) return;
  // A formula nobody closed is text, in paragraphs where blank lines cut it.
  const kind = open.kind === 'math' ? 'paragraph' : open.kind;
  let start = open.start;
  for (const { end, next } of open.blanks ?? []) {
    if (open.kind !== 'math' || next > open.end) break;
    out.push({ kind, start, end });
    start = next;
  }
  out.push({
    kind,
    start,
    end: open.end,
    ...(open.fence && { fence: open.fence }),
    ...(open.item && { item: open.item }),
  });
}

/** The piece that is still growing, as it would be if nothing more came; an open formula stays a formula. */
export function openPiece(state: SplitState): Piece | null {
  const open = state.open;
  if (!open) return null;
  // An open formula stays one, whatever blank lines it has.
  if (open.kind === 'math') return { kind: 'math', start: open.start, end: open.end };
  const out: Piece[] = [];
  finish({ ...state, open }, out);
  return out[0] ?? null;
}

/** Takes the line text[start..end) (without its break) into account; pieces it finishes go to `out`. */
export function step(state: SplitState, text: string, start: number, end: number, out: Piece[]): void {
  const line = text.slice(start, end);
  const open = state.open;
  if (open?.kind === 'fence' && open.fence) {
    open.end = end;
    if (closesFence(line, open.fence)) finish(state, out);
    return;
  }
  if (open?.inner) {
    open.end = end;
    if (closesFence(line, open.inner)) open.inner = null;
    return;
  }
  if (isBlank(line)) {
    // Items and indented code may go on after a blank line, and a formula after one; nothing else does.
    if (open?.kind === 'math' && !state.afterBlank && end - open.start < MAX_TEX_CHARS)
      open.blanks = [...(open.blanks ?? []), { end: open.end, next: end + 1 }];
    else if (open?.kind !== 'item' && open?.kind !== 'indented') finish(state, out);
    state.afterBlank = true;
    state.inTable = false;
    return;
  }
  if (!(open && continues(state, open, text, line, start, end, out))) begin(state, line, start, end, out);
  state.afterBlank = false;
}

/** Whether the line belongs to what is open; false once that is finished and the line begins something new. */
function continues(
  state: SplitState,
  open: Open,
  text: string,
  line: string,
  start: number,
  end: number,
  out: Piece[],
): boolean {
  const extend = (): true => {
    open.end = end;
    open.lastLine = start;
    return true;
  };
  switch (open.kind) {
    case 'math':
      // After a blank line only what is no other block is the formula's.
      if (state.afterBlank && !line.includes(open.closer ?? '') && interrupts(line) && !matchBullet(line))
        break;
      extend();
      if (line.includes(open.closer ?? '')) endMath(state, open, line, out);
      return true;
    case 'paragraph':
      if (becomesTable(state, open, text, line, end, out)) return true;
      if (!interrupts(line)) return extend();
      break;
    case 'indented':
      if (indentOf(line) > 3) return extend();
      break;
    case 'quote':
      // No lazy continuation: models write the > on every line, and what follows without it is no quotation.
      if (isQuote(line)) return extend();
      break;
    case 'item':
      if (itemGoesOn(state, open, line)) return extend();
      break;
    default:
      break; // the others are single lines, or ended by their own closer
  }
  const before = open.kind === 'item' ? (open.item ?? null) : null;
  finish(state, out);
  const bullet = before && !isRule(line) ? matchBullet(line) : null;
  if (!before || !bullet) return false;
  const joins = bullet.ordered === before.ordered && bullet.mark === before.mark;
  beginItem(state, { ...bullet, joins, spaced: state.afterBlank }, line, start, end);
  return true;
}

/** A closer at the end of its line ends the formula; with text after it, the whole is a paragraph with a formula in it. */
function endMath(state: SplitState, open: Open, line: string, out: Piece[]): void {
  const closer = open.closer ?? '';
  const after = line.slice(line.indexOf(closer) + closer.length);
  if (!/^[ \t]*[.,;:]?[ \t]*$/.test(after)) {
    open.kind = 'paragraph';
    return;
  }
  out.push({ kind: 'math', start: open.start, end: open.end });
  state.open = null;
}

/** A delimiter row under a line with as many cells makes that line the header of a table. */
function becomesTable(
  state: SplitState,
  open: Open,
  text: string,
  line: string,
  end: number,
  out: Piece[],
): boolean {
  const aligns = tableAligns(line);
  if (!aligns || aligns.length > MAX_COLUMNS) return false;
  const header = text.slice(open.lastLine, open.end);
  if (!header.includes('|') || splitCells(header).length !== aligns.length) return false;
  if (open.lastLine > open.start) {
    out.push({ kind: 'paragraph', start: open.start, end: open.lastLine - 1 });
  }
  out.push({ kind: 'head', start: open.lastLine, end });
  state.open = null;
  state.inTable = true;
  return true;
}

function itemGoesOn(state: SplitState, open: Open, line: string): boolean {
  const item = open.item;
  if (!item) return false;
  const indent = indentOf(line);
  const bullet = matchBullet(line);
  if (indent >= item.content) {
    open.settled = true;
    open.inner = openFence(dedent(line, item.content));
    return true;
  }
  if (bullet && !isRule(line)) {
    // "1. uno\n  - dos": two columns are too few for CommonMark, yet a list inside is what was meant.
    if (indent < item.indent + 2) return false;
    if (!open.settled) open.item = { ...item, content: indent };
    open.settled = true;
    return true;
  }
  return !state.afterBlank && !interrupts(line);
}

function begin(state: SplitState, line: string, start: number, end: number, out: Piece[]): void {
  const single = (kind: PieceKind): void => {
    state.inTable = false;
    out.push({ kind, start, end });
  };
  const grow = (kind: PieceKind, more: Partial<Open> = {}): void => {
    state.inTable = false;
    state.open = { kind, start, end, lastLine: start, ...more };
  };
  if (state.inTable && line.includes('|') && !interrupts(line)) {
    out.push({ kind: 'row', start, end });
    return;
  }
  if (indentOf(line) > 3) return grow('indented');
  const fence = openFence(line);
  if (fence) return grow('fence', { fence });
  if (isHeading(line)) return single('heading');
  if (isRule(line)) return single('rule');
  if (isQuote(line)) return grow('quote');
  const bullet = matchBullet(line);
  if (bullet) {
    state.inTable = false;
    return beginItem(state, { ...bullet, joins: false, spaced: false }, line, start, end);
  }
  const closer = opensMath(line);
  if (closer) {
    const at = line.indexOf(closer, line.search(/\S/) + 2);
    if (at < 0) return grow('math', { closer });
    if (/^[ \t]*[.,;:]?[ \t]*$/.test(line.slice(at + closer.length))) return single('math');
  }
  if (matchDefinition(line)) return single('definition');
  grow('paragraph');
}

function beginItem(state: SplitState, item: ItemStart, line: string, start: number, end: number): void {
  const inner = item.empty ? null : openFence(dedent(line.slice(itemPrefix(line)), 0));
  state.open = { kind: 'item', start, end, lastLine: start, item, inner };
}

/** Characters of a bullet with the white space around it. */
export const itemPrefix = (line: string): number =>
  /^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]*/.exec(line)?.[0].length ?? 0;

/** Cuts a whole text; the last piece stays open where the text may go on. */
export function split(text: string): { pieces: Piece[]; open: Piece | null } {
  const pieces: Piece[] = [];
  const state = startState();
  for (let start = 0; start < text.length;) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    step(state, text, start, end, pieces);
    start = end + 1;
  }
  return { pieces, open: openPiece(state) };
}
